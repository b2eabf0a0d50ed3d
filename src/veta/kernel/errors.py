"""The one family of errors of the domain; only the edges turn it into a problem document (RFC 9457) or an exit code."""

from collections.abc import Iterable

from veta.kernel.finding import Finding


class DomainError(Exception):
    """Something the domain refuses to do.

    `code` is the finding code or family that names it: the class's own unless one is given. `message` is Spanish, with
    the remedy. `findings` is filled where several things are wrong at once.
    """

    code: str = "DOM-000"

    def __init__(self, message: str, *, code: str | None = None, findings: Iterable[Finding] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.findings: tuple[Finding, ...] = tuple(findings)
        if code is not None:
            self.code = code
