"""The procedure of an application, as one machine of states for each effective date (ADR 0110).

The table below is the whole of it: what is not in it is refused. A change of the procedure is another table with its
own date; a call keeps the one that was in force when it was published.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from veta.calls.domain.refusals import refused

Table = Mapping[str, Mapping[str, str]]

STATES: Mapping[str, str] = MappingProxyType(
    {
        "borrador": "En preparación",
        "no_presentada": "No presentada",
        "solicitante": "Solicitante",
        "evaluada": "Evaluada preliminarmente",
        "por_subsanar": "Por subsanar",
        "subsanada": "Subsanada",
        "cumple": "Cumple",
        "no_cumple": "No cumple",
        "elegible": "Elegible",
        "no_elegible": "No elegible",
        "con_servicios": "Elegible con servicios recibidos",
        "ronda_1_superada": "Ronda 1 superada",
        "ronda_2_superada": "Ronda 2 superada",
        "habilitado": "Habilitado",
        "no_habilitado": "No habilitado",
        "suspendido": "Habilitación suspendida",
        "revocado": "Habilitación revocada",
        "vencido": "Habilitación vencida",
        "retirada": "Retirada",
        "excluida": "Excluida",
    }
)
STEPS: Mapping[str, str] = MappingProxyType(
    {
        "submit": "presentar la solicitud",
        "lapse": "cerrar sin presentar",
        "withdraw": "retirar la solicitud",
        "exclude": "excluir la solicitud",
        "evaluate": "publicar la evaluación preliminar",
        "request_cure": "pedir la subsanación",
        "answer_cure": "completar la subsanación",
        "find_met": "publicar que cumple",
        "find_unmet": "publicar que no cumple",
        "declare_eligible": "declarar elegible",
        "declare_ineligible": "declarar no elegible",
        "receive_services": "recibir los servicios",
        "pass_round_1": "superar la ronda 1",
        "fail_round_1": "no superar la ronda 1",
        "pass_round_2": "superar la ronda 2",
        "fail_round_2": "no superar la ronda 2",
        "enable": "habilitar",
        "not_enable": "no habilitar",
        "uphold_appeal": "conceder el recurso",
        "suspend": "suspender la habilitación",
        "lift": "levantar la suspensión",
        "revoke": "revocar la habilitación",
        "expire": "vencer la habilitación",
    }
)
# The state that there was before this one: who is restored stands where it stood.
BEFORE = "="
_LEAVES = {"withdraw": "retirada", "exclude": "excluida"}
_UNENABLED = {"not_enable": "no_habilitado"}
_OF_2026_02_19: Table = {
    "borrador": {"submit": "solicitante", "lapse": "no_presentada", "withdraw": "retirada"},
    "solicitante": {"evaluate": "evaluada", **_LEAVES},
    "evaluada": {"request_cure": "por_subsanar", "find_met": "cumple", "find_unmet": "no_cumple", **_LEAVES},
    "por_subsanar": {"answer_cure": "subsanada", "find_unmet": "no_cumple", **_LEAVES},
    "subsanada": {"find_met": "cumple", "find_unmet": "no_cumple", **_LEAVES},
    "cumple": {"declare_eligible": "elegible", "declare_ineligible": "no_elegible", **_LEAVES},
    "no_cumple": {"declare_eligible": "elegible", "declare_ineligible": "no_elegible", **_LEAVES},
    "elegible": {"receive_services": "con_servicios", **_UNENABLED, **_LEAVES},
    "con_servicios": {
        "pass_round_1": "ronda_1_superada", "fail_round_1": "no_habilitado", **_UNENABLED, **_LEAVES,
    },
    "ronda_1_superada": {
        "pass_round_2": "ronda_2_superada", "fail_round_2": "no_habilitado", **_UNENABLED, **_LEAVES,
    },
    "ronda_2_superada": {"enable": "habilitado", **_LEAVES},
    "habilitado": {"suspend": "suspendido", "revoke": "revocado", "expire": "vencido"},
    "suspendido": {"lift": "habilitado", "revoke": "revocado", "expire": "vencido", "uphold_appeal": "habilitado"},
    "excluida": {"uphold_appeal": BEFORE},
    "revocado": {"uphold_appeal": BEFORE},
    "no_elegible": {"uphold_appeal": "elegible"},
    "no_habilitado": {"uphold_appeal": "ronda_2_superada"},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Procedure:
    """A table of transitions, in force from its date. A state without a row is final."""

    effective: date
    table: Table

    def admits(self, state: str, step: str) -> bool:
        """Whether the table has that step from that state."""
        return step in self.table.get(state, {})

    def after(self, state: str, step: str, *, before: str = "") -> str:
        """The state that follows; `before`, the one that there was before this, for a step that goes back to it.

        Raises CallRefused CAL-002 for a pair that is not in the table, or that goes back to where nothing came from.
        """
        found = self.table.get(state, {}).get(step, "")
        if found == BEFORE:
            found = before if state in self.table.get(before, {}).values() else ""
        if not found:
            named, said = STEPS.get(step, step), STATES.get(state, state)
            raise refused("CAL-002", f"No se puede {named}: la solicitud está «{said}». Vea qué paso sigue.")
        return found


PROCEDURES: tuple[Procedure, ...] = (Procedure(date(2026, 2, 19), _OF_2026_02_19),)


def procedure_on(day: date) -> Procedure:
    """The procedure in force on a date. Raises CallRefused CAL-002 before the first one: none is supposed."""
    in_force = [each for each in PROCEDURES if each.effective <= day]
    if not in_force:
        raise refused("CAL-002", f"No hay procedimiento vigente el {day}. El primero rige desde el 2026-02-19.")
    return max(in_force, key=lambda each: each.effective)
