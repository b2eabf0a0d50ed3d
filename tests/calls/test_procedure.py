"""The procedure of 2026-02-19: every state × every step, against a table written by hand, by another reading of it."""

from datetime import date
from itertools import product

import pytest

from veta.calls.domain.procedure import PROCEDURES, STATES, STEPS, procedure_on
from veta.calls.domain.refusals import CallRefused

# A line for each pair that exists; whatever is not here has to be refused.
EXPECTED = """
borrador submit solicitante
borrador lapse no_presentada
borrador withdraw retirada
solicitante evaluate evaluada
solicitante withdraw retirada
solicitante exclude excluida
evaluada request_cure por_subsanar
evaluada find_met cumple
evaluada find_unmet no_cumple
evaluada withdraw retirada
evaluada exclude excluida
por_subsanar answer_cure subsanada
por_subsanar find_unmet no_cumple
por_subsanar withdraw retirada
por_subsanar exclude excluida
subsanada find_met cumple
subsanada find_unmet no_cumple
subsanada withdraw retirada
subsanada exclude excluida
cumple declare_eligible elegible
cumple declare_ineligible no_elegible
cumple withdraw retirada
cumple exclude excluida
no_cumple declare_eligible elegible
no_cumple declare_ineligible no_elegible
no_cumple withdraw retirada
no_cumple exclude excluida
elegible receive_services con_servicios
elegible not_enable no_habilitado
elegible withdraw retirada
elegible exclude excluida
con_servicios pass_round_1 ronda_1_superada
con_servicios fail_round_1 no_habilitado
con_servicios not_enable no_habilitado
con_servicios withdraw retirada
con_servicios exclude excluida
ronda_1_superada pass_round_2 ronda_2_superada
ronda_1_superada fail_round_2 no_habilitado
ronda_1_superada not_enable no_habilitado
ronda_1_superada withdraw retirada
ronda_1_superada exclude excluida
ronda_2_superada enable habilitado
ronda_2_superada withdraw retirada
ronda_2_superada exclude excluida
habilitado suspend suspendido
habilitado revoke revocado
habilitado expire vencido
suspendido lift habilitado
suspendido revoke revocado
suspendido expire vencido
no_elegible uphold_appeal elegible
no_habilitado uphold_appeal ronda_2_superada
suspendido uphold_appeal habilitado
excluida uphold_appeal =
revocado uphold_appeal =
"""
AFTER = {(state, step): after for state, step, after in map(str.split, EXPECTED.split("\n")[1:-1])}
FINAL = {"no_presentada", "retirada", "vencido"}


@pytest.mark.parametrize(("state", "step"), list(product(STATES, STEPS)))
def test_every_pair(state: str, step: str) -> None:
    procedure = procedure_on(date(2026, 2, 19))
    if AFTER.get((state, step)) == "=":
        assert procedure.admits(state, step)
        came = {before for (before, _step), after in AFTER.items() if after == state}
        for before in STATES:
            if before in came:
                assert procedure.after(state, step, before=before) == before
                continue
            with pytest.raises(CallRefused, match="No se puede conceder el recurso"):
                procedure.after(state, step, before=before)
        return
    if (state, step) in AFTER:
        assert procedure.after(state, step) == AFTER[state, step]
        assert procedure.admits(state, step)
        return
    assert not procedure.admits(state, step)
    with pytest.raises(CallRefused) as refused:
        procedure.after(state, step)
    assert refused.value.code == "CAL-002"
    assert STATES[state] in refused.value.message


def test_the_table_names_only_states_and_steps_that_exist_and_uses_them_all() -> None:
    table = PROCEDURES[0].table
    assert set(table) == set(STATES) - FINAL
    assert {step for steps in table.values() for step in steps} == set(STEPS)
    reached = {after for steps in table.values() for after in steps.values()} - {"="}
    assert reached == set(STATES) - {"borrador"}


def test_the_way_of_who_is_enabled() -> None:
    procedure, state = procedure_on(date(2026, 8, 4)), "borrador"
    seen = [state]
    for step in ("submit", "evaluate", "find_met", "declare_eligible", "receive_services", "pass_round_1",
                 "pass_round_2", "enable"):  # fmt: skip
        state = procedure.after(state, step)
        seen.append(state)
    assert [each for each in seen if each in {"solicitante", "elegible", "habilitado"}] == [
        "solicitante", "elegible", "habilitado",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "effective"), [(date(2026, 2, 19), date(2026, 2, 19)), (date(2026, 2, 20), date(2026, 2, 19))]
)
def test_the_procedure_of_a_date(day: date, effective: date) -> None:
    assert procedure_on(day).effective == effective


def test_before_the_first_one_there_is_none() -> None:
    with pytest.raises(CallRefused, match="rige desde el 2026-02-19"):
        procedure_on(date(2026, 2, 18))
