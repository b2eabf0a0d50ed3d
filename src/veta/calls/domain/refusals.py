"""How a call refuses: one error with its code, and the one of who came late, which is written down too."""

from datetime import datetime

from veta.kernel.errors import DomainError


class CallRefused(DomainError):
    """A step of a call that is refused; the message says the remedy."""

    code = "CAL-000"


class CallLate(CallRefused):
    """What arrived after its window closed. `closed_at`: the first instant that was too late."""

    code = "CAL-004"

    def __init__(self, message: str, *, activity: str, closed_at: datetime) -> None:
        super().__init__(message, code="CAL-004")
        self.activity = activity
        self.closed_at = closed_at


def refused(code: str, message: str) -> CallRefused:
    """The error of a code, ready to be raised."""
    return CallRefused(message, code=code)
