"""A person's card, as far as the person is told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from veta.registry.domain import CARD_FAILURES
from veta.registry.queries.reading import read_rows

_CARD = """
SELECT c.id, c.recorded_at, EXISTS (SELECT FROM registry_cardrevocation r WHERE r.card_id = c.id),
    (SELECT count(*) FROM registry_cardattempt a WHERE a.card_id = c.id AND NOT a.succeeded AND a.ordinal > coalesce(
        (SELECT max(b.ordinal) FROM registry_cardattempt b WHERE b.card_id = c.id AND b.succeeded), 0))
FROM registry_card c WHERE c.actor_id = %s ORDER BY c.recorded_at DESC, c.id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class CardNow:
    """The card issued last: `serves`, `ended` by somebody, or `blocked` by wrong PINs."""

    id: UUID
    issued_at: datetime
    state: Literal["serves", "ended", "blocked"]


def card_of(actor: UUID) -> CardNow | None:
    """The card that was issued to an actor last; None where it never had one."""
    rows = read_rows(_CARD, [actor])
    if not rows:
        return None
    card, issued, revoked, failures = rows[0]
    return CardNow(card, issued, "ended" if revoked else "blocked" if failures >= CARD_FAILURES else "serves")
