"""Norms that a movement needs and that say nothing on its date."""

from collections.abc import Iterable, Sequence

from veta.movements.domain.case import Case
from veta.movements.domain.rule import Hit, rule
from veta.norms import NormNotInForce

KINDS = (
    "production", "subsistence_purchase", "sale", "regroup", "transformation", "export", "retention", "reversal",
    "confirmation", "withdrawal", "accredit", "dispatch", "receipt", "consumption", "loss", "documented_intake",
)  # fmt: skip


@rule(
    "NOR-001",
    *KINDS,
    message="Ninguna norma cargada fija «{parameter}» el {on}: no se puede decidir. Revise la fecha o consulte a la "
    "ANM.",
)
def norm_in_force(case: Case) -> Sequence[Hit]:
    """Where the norms give no value on the date, nothing is decided: never the nearest value, never a default."""
    return ()  # what framing and the other rules looked for in vain is gathered while deciding


def absences(absent: Iterable[NormNotInForce]) -> list[Hit]:
    """One hit for each parameter that was looked for in vain."""
    missing = {cause.id: cause for cause in absent}
    return [
        Hit("occurred_at", {"parameter": name, "on": cause.on.isoformat()}) for name, cause in sorted(missing.items())
    ]
