"""Writes of the certificates: issue and seal, use by an export, withdraw."""

from veta.certificates.services.ending import withdraw
from veta.certificates.services.issue import Issue, Refused, issue
from veta.certificates.services.seal import seal, seal_pending
from veta.certificates.services.status import status_lists
from veta.certificates.services.written import Sale

__all__ = ["Issue", "Refused", "Sale", "issue", "seal", "seal_pending", "status_lists", "withdraw"]
