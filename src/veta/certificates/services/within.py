"""What a *constancia de compra dentro de cupo* says of quotas (Ley 2250 de 2022 art. 15 par. 1 num. 2)."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import orjson
import psycopg

from veta.certificates.domain.kinds import FORMS
from veta.certificates.services.facts import refuse
from veta.kernel.quantity import text_of
from veta.movements.queries.proofs import PurchaseProof, QuotaUse, purchase_proof

Cursor = psycopg.Cursor[Any]
OF_A_PERSON: Final = frozenset({"person_month", "person_year"})


def within_quota(cursor: Cursor, movement: UUID) -> PurchaseProof:
    """The proof of an accepted purchase that exceeded no quota.

    Raises Refused: CER-007 it was accepted with warnings of quota; CER-016 no quota is known of what was bought.
    """
    found = purchase_proof(cursor, movement)
    assert found is not None, "it was accepted"
    findings = orjson.loads(found.verdict)["findings"]
    exceeded = {f["code"] for f in findings if f["code"].startswith("QUO-") and f["severity"] != "info"}
    norm = FORMS["quota_certificate"].norm
    if exceeded or not found.within:
        named = ", ".join(sorted(exceeded))
        message = f"La compra se aceptó con avisos de cupo ({named}): no hay constancia que dar."
        raise refuse("CER-007", "lot", message, norm=norm, findings=named)
    if not found.quotas:
        message = "La plataforma no conoce un cupo de lo que se compró: no hay constancia que dar. Pida el de origen."
        raise refuse("CER-016", "lot", message, norm=norm)
    return found


def quota_rows(found: PurchaseProof, *, public: bool) -> list[dict[str, Any]]:
    """The quotas, in decimal text: authorised, used before, bought, used after.

    `public`: as anybody may read them. What a person sold to others is told to who has his mandate, and to nobody else
    (Ley 1581 de 2012): of his quotas `before` and `after` are None.
    """
    return [_row(quota, hidden=public and quota.basis in OF_A_PERSON) for quota in found.quotas]


def _row(quota: QuotaUse, *, hidden: bool) -> dict[str, Any]:
    limit, before, bought, after = (
        text_of(amount, factor=quota.factor) for amount in (quota.limit, quota.before, quota.amount, quota.after)
    )
    return {
        "basis": quota.basis, "group": quota.group, "unit": quota.unit, "start": quota.start.isoformat(),
        "end": quota.end.isoformat(), "source": quota.source, "limit": limit,
        "before": None if hidden else before, "bought": bought, "after": None if hidden else after,
    }  # fmt: skip
