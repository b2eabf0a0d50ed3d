"""Tables of the registry. Nothing here is updated: versions, names, attempts and uses are rows that are added.

`latch` columns are always 0: they exist so that the runtime role, which may update nothing else, can lock a row.
"""

from veta.registry.models.actors import (
    Actor,
    ActorContact,
    ActorDocument,
    ActorName,
    ActorSourceKey,
    IdentityKey,
    Municipality,
    MunicipalityVersion,
)
from veta.registry.models.consents import (
    AssertedConsent,
    Card,
    CardAttempt,
    CardRevocation,
    ConsentCheck,
    ConsentRequest,
    ConsentUse,
)
from veta.registry.models.imports import ImportDecision, ImportedRow, ImportFile, ImportProposal, ImportRun
from veta.registry.models.proposals import ActDecision, ActProposal
from veta.registry.models.versions import (
    Mandate,
    MandateProposal,
    MandateVersion,
    Registration,
    RegistrationVersion,
    Title,
    TitleHolder,
    TitleVersion,
    WorksPlanLine,
    WorksPlanVersion,
)

__all__ = [
    "ActDecision",
    "ActProposal",
    "Actor",
    "ActorContact",
    "ActorDocument",
    "ActorName",
    "ActorSourceKey",
    "AssertedConsent",
    "Card",
    "CardAttempt",
    "CardRevocation",
    "ConsentCheck",
    "ConsentRequest",
    "ConsentUse",
    "IdentityKey",
    "ImportDecision",
    "ImportFile",
    "ImportProposal",
    "ImportRun",
    "ImportedRow",
    "Mandate",
    "MandateProposal",
    "MandateVersion",
    "Municipality",
    "MunicipalityVersion",
    "Registration",
    "RegistrationVersion",
    "Title",
    "TitleHolder",
    "TitleVersion",
    "WorksPlanLine",
    "WorksPlanVersion",
]
