"""Errors of a whole request as RFC 9457 problem documents; nothing else leaves the API on an error."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from django.http import HttpResponse

from veta.kernel.canonical_json import canonical
from veta.kernel.errors import DomainError
from veta.kernel.finding import Finding

TYPES = "https://veta.example/problems/"
CONTENT = "application/problem+json"


class Refused(DomainError):
    """A call that the API itself refuses, with the status and the finding that say why."""

    def __init__(self, status: int, finding: Finding) -> None:
        super().__init__(finding.message, code=finding.code, findings=(finding,))
        self.status = status


def problem(
    status: int, detail: str, *, findings: Sequence[Finding] = (), retry_after: int | None = None
) -> HttpResponse:
    """A problem document: `type`, `title`, `status`, `detail` (Spanish, with the remedy) and the findings."""
    title = HTTPStatus(status).phrase
    body = {
        "type": TYPES + title.lower().replace(" ", "-"),
        "title": title,
        "status": status,
        "detail": detail,
        "findings": [finding.as_json() for finding in findings],
    }
    response = HttpResponse(canonical(body), status=status, content_type=CONTENT)
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response
