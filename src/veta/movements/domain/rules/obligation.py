"""Since when each class is obliged to report."""

from collections.abc import Sequence
from datetime import date

from veta.movements.domain import law
from veta.movements.domain.case import Case
from veta.movements.domain.rule import Hit, hit, rule


@rule(
    "OBL-001",
    "production",
    norm="Res. ANM 3824 de 2025 art. 1 (modifica el art. 26 de la Res. 759 de 2024)",
    status="secondary",
    severity="info",
    starts=date(2025, 12, 29),
    message="Este productor aún no está obligado a reportar. El registro es voluntario y vale igual.",
)
def not_yet_obliged(case: Case) -> Sequence[Hit]:
    """A record of who is not yet obliged is voluntary; it is never refused for that."""
    if case.title is None:
        return ()
    scale = case.title.scale or ""
    since = law.obliged_since(scale, case.on)
    return hit("holder", scale=scale) if since is None or case.on < since else ()
