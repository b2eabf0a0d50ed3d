"""Why a request is not who it says it is."""

from typing import Literal

from veta.kernel.errors import DomainError
from veta.kernel.finding import Finding

Code = Literal["SIG-001", "SIG-002", "SIG-003", "SIG-004"]


class SignatureRefused(DomainError):
    """A request that is not accepted as an operator's.

    SIG-001 signature, component, parameter or digest missing or bad; SIG-002 key unknown or revoked; SIG-003 out of
    its time; SIG-004 nonce seen before. `reason` is a stable slug for the log: it never carries what was sent.
    """

    def __init__(self, code: Code, reason: str, *, field: str, message: str) -> None:
        finding = Finding(code=code, severity="blocking", field=field, norm="RFC 9421", message=message)
        super().__init__(message, code=code, findings=(finding,))
        self.reason = reason


def bad(reason: str, *, field: str, message: str) -> SignatureRefused:
    """SIG-001, ready to be raised."""
    return SignatureRefused("SIG-001", reason, field=field, message=message)
