"""What the node keeps: its clients, what they captured, what is to be sent, and what the hub said."""

from veta.node.models.branches import BranchClosing, BranchFacility
from veta.node.models.clients import (
    Branch,
    Calibration,
    CalibrationPaper,
    Client,
    MandateStep,
    Membership,
    MembershipEnd,
    Scale,
)
from veta.node.models.documents import DocumentEnding, DocumentRequest, IssuedDocument
from veta.node.models.joining import AuthorizationText, ClientChange, ClientPaper, DataAuthorization
from veta.node.models.lots import LotLine
from veta.node.models.reconciling import Difference, Reconciliation
from veta.node.models.records import BusinessRecord, Device, DeviceEnd, OutboxItem, Resolution
from veta.node.models.sheets import Place, Sheet, SheetFile, SheetRow
from veta.node.models.told import FeedCursor, HubEvent, IdentityKey, LotGrade, OfferPrice, SignedRequest, Verdict

__all__ = [
    "AuthorizationText",
    "Branch",
    "BranchClosing",
    "BranchFacility",
    "BusinessRecord",
    "Calibration",
    "CalibrationPaper",
    "Client",
    "ClientChange",
    "ClientPaper",
    "DataAuthorization",
    "Device",
    "DeviceEnd",
    "Difference",
    "DocumentEnding",
    "DocumentRequest",
    "FeedCursor",
    "HubEvent",
    "IdentityKey",
    "IssuedDocument",
    "LotGrade",
    "LotLine",
    "MandateStep",
    "Membership",
    "MembershipEnd",
    "OfferPrice",
    "OutboxItem",
    "Place",
    "Reconciliation",
    "Resolution",
    "Scale",
    "Sheet",
    "SheetFile",
    "SheetRow",
    "SignedRequest",
    "Verdict",
]  # fmt: skip
