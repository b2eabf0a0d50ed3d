"""Reads of the hub for who stands above it: the document of its API, and certificates as anybody checks them."""

import json
from typing import Any

from veta.certificates.domain.token import normal
from veta.certificates.queries import CertificateView, by_token
from veta.hub.api.app import api
from veta.hub.certificate_paper import certificate_paper, log_words
from veta.hub.certificates import proof_text, trusted


def openapi_document() -> str:
    """The OpenAPI document, as committed and as served."""
    return json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=1) + "\n"


def offline_trust() -> dict[str, Any]:
    """Keys and status lists, with their date: what checking a certificate with no network needs."""
    return trusted()


def certificate_parts(token: str) -> tuple[str, dict[str, Any], dict[str, Any]] | None:
    """The code, the credential and the words for the log of a sealed certificate; None where there is none."""
    found = _sealed(token)
    if found is None or found.code is None or found.credential is None:
        return None
    return found.code, found.credential, json.loads(log_words(found, proof_text(found)))


def certificate_logged(token: str) -> bool:
    """Whether a certificate's leaf is in the published log."""
    found = _sealed(token)
    return found is not None and proof_text(found) is not None


def certificate_pdf(token: str, *, site: str) -> bytes | None:
    """The public paper of a sealed certificate; None where there is none."""
    found = _sealed(token)
    return None if found is None else certificate_paper(found, site=site, proof=proof_text(found))


def _sealed(token: str) -> CertificateView | None:
    try:
        found = by_token(normal(token))
    except ValueError:
        return None
    return found if found is not None and found.code is not None else None
