"""Since when each class is obliged to report."""

from collections.abc import Iterable

from veta.movements.domain import law
from veta.movements.domain.case import Case
from veta.movements.domain.rule import Hit, hit, rule


@rule(
    "OBL-001", "production", norm="Res. ANM 3824 de 2025 art. 1 (modifica el art. 26 de la Res. 759 de 2024)", status="secondary",
    severity="info",
    message="Esta clase de productor aún no está obligada a reportar. El registro es voluntario y vale igual.",
)  # fmt: skip
def not_yet_obliged(case: Case) -> Iterable[Hit]:
    """A record of who is not yet obliged is voluntary; it is never refused for that."""
    if case.title is None:
        return ()
    since = law.obliged_since(case.title.scale or "", case.on)
    return hit("holder", scale=case.title.scale or "") if since is None or case.on < since else ()
