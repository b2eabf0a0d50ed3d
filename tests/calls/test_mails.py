"""What a call tells by mail before each deadline: who still owes something, two working days before, nobody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from tests.calls.theatre import TEAM, bogota
from veta.calls.domain.application import CURE, Application, Cure, Item, Observation, Verdict
from veta.calls.domain.call import Call, Published, call_of
from veta.calls.domain.lists import KINDS
from veta.calls.domain.mails import due
from veta.calls.domain.seed import call_of_2026

FIRM = UUID(int=7)
AT = datetime(2026, 3, 1, tzinfo=UTC)
TO_CURE = Item("T-01", verdicts=(Verdict(CURE, "Falta.", "N", "a", AT, "b"),))


def firm(state: str, **given: object) -> Call:
    made = Application(id=FIRM, owner="x", firm="Andina", nit="900500001", registered_at=AT, state=state)
    call = call_of(UUID(int=1), call_of_2026())
    team = {person: frozenset({part}) for part, people in TEAM.items() for person in people}
    return replace(call, evaluators=team, applications={FIRM: replace(made, **given)})  # type: ignore[arg-type]


def told(call: Call, at: str) -> list[tuple[str, str]]:
    """To whom, and for what."""
    return [(mail.to or "firma", mail.subject.split("plazo para ")[1]) for mail in due(call, [], bogota(at))]


# Two working days are left from the start of the last but one: the Monday after a Friday does not come earlier.
@pytest.mark.parametrize(
    ("call", "what", "before", "first", "last", "over"),
    [
        (firm("borrador"), "presentar la solicitud", "2026-03-10", "2026-03-11", "2026-03-12", "2026-03-13"),
        (firm("evaluada"), "observar el listado preliminar", "2026-03-18", "2026-03-19", "2026-03-20", "2026-03-21"),
        (firm("por_subsanar"), "subsanar", "2026-04-23", "2026-04-24", "2026-04-27", "2026-04-28"),
        (firm("cumple"), "observar los resultados", "2026-05-05", "2026-05-06", "2026-05-06", "2026-05-07"),
        (
            firm("elegible", delivered={"version": "1"}),
            "firmar el recibo de los servicios",
            "2026-05-14",
            "2026-05-16",
            "2026-05-19",
            "2026-05-20",
        ),
        (firm("con_servicios"), "superar la ronda 1", "2026-06-17", "2026-06-18", "2026-06-19", "2026-06-20"),
        (firm("ronda_1_superada"), "superar la ronda 2", "2026-07-16", "2026-07-17", "2026-07-21", "2026-07-22"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_firm_is_told_before_its_deadline(
    call: Call, what: str, before: str, first: str, last: str, over: str
) -> None:
    assert ("firma", what) not in told(call, f"{before} 12:00:00")
    assert ("firma", what) in told(call, f"{first} 12:00:00")
    assert ("firma", what) in told(call, f"{last} 23:59:59.9")
    assert ("firma", what) not in told(call, f"{over} 00:00:00.0")
    known = [mail.key for mail in due(call, [], bogota(f"{first} 12:00:00"))]
    assert told(replace(call, mailed=frozenset(known)), f"{last} 12:00:00") == []


@pytest.mark.parametrize(
    ("kind", "at"),
    [("preliminary", "2026-03-17"), ("answers", "2026-03-26"), ("results", "2026-05-05"),
     ("stage_results", "2026-05-14"), ("official", "2026-08-04")],
)  # fmt: skip
def test_who_publishes_is_told_on_the_day_of_the_act_that_it_was_not(kind: str, at: str) -> None:
    call = replace(firm("solicitante"), opened_at=AT)

    def told_press(call: Call) -> list[str]:
        mails = due(call, [], bogota(f"{at} 08:00:00"), press=["prensa@demo.invalid"])
        return [mail.text for mail in mails if mail.to == "prensa@demo.invalid"]

    [text] = told_press(call)
    assert f"para publicar: {KINDS[kind]}." in text
    assert ("Falta decidir sobre: Andina." in text) is (kind == "preliminary")
    done = Published(kind, "1", AT, {}, (), "", 1)
    assert told_press(replace(call, published=(done,))) == []


def test_a_firm_is_told_a_month_before_its_enablement_ends_and_in_its_last_days() -> None:
    call = firm("habilitado", enablement={"until": "2031-08-04"})
    for at, count in (("2031-07-04", 0), ("2031-07-05", 1), ("2031-08-01", 2), ("2031-08-04", 2), ("2031-08-05", 0)):
        keys = [mail.key for mail in due(call, [], bogota(f"{at} 23:59:59")) if "fin de la vigencia" in mail.subject]
        assert len(set(keys)) == count, at
    assert [*due(firm("revocado", enablement={"until": "2031-08-04"}), [], bogota("2031-08-01 08:00:00"))] == []


SEEN = Observation("1", "preliminary", "x", AT)
ALL = tuple(person for pair in TEAM.values() for person in pair)


@pytest.mark.parametrize(
    ("call", "what", "at", "people"),
    [
        (firm("solicitante"), "evaluar", "2026-03-13 08:00:00", ALL),
        (firm("solicitante", items={"T-01": TO_CURE}), "evaluar", "2026-03-12 23:59:59", ()),
        (firm("evaluada", observations=(SEEN,)), "responder", "2026-03-26 08:00:00", ALL),
        (firm("evaluada", observations=(replace(SEEN, answer="Sí."),)), "responder", "2026-03-26 08:00:00", ()),
        (firm("evaluada", items={"T-01": TO_CURE}), "pedir la subsanación", "2026-04-09 08:00:00", ALL),
        (firm("evaluada", items={"T-01": replace(TO_CURE, cure=Cure("x", AT))}), "pedir la subsanación",
         "2026-04-09 08:00:00", ()),
        (firm("subsanada", items={"T-01": replace(TO_CURE, cure=Cure("x", AT, None, bogota("2026-04-20 08:00:00")))}),
         "revisar lo subsanado", "2026-05-04 08:00:00", TEAM["tecnico"]),
        (firm("elegible"), "entregar los servicios", "2026-05-19 08:00:00", ALL),
        (firm("con_servicios"), "probar en la ronda 1", "2026-06-18 08:00:00", TEAM["tecnico"]),
        (firm("con_servicios"), "probar en la ronda 1", "2026-06-17 08:00:00", ()),
        (firm("ronda_1_superada"), "probar en la ronda 2", "2026-07-21 08:00:00", TEAM["tecnico"]),
        (firm("elegible", conflicts={ALL[0]: True}), "entregar los servicios", "2026-05-19 08:00:00", ALL[1:]),
    ],
)  # fmt: skip
def test_evaluators_are_told_what_they_owe_before_it_closes(
    call: Call, what: str, at: str, people: tuple[str, ...]
) -> None:
    assert {person for person, owed in told(call, at) if owed == what} - {"firma"} == set(people)


def test_who_was_asked_late_is_told_before_the_end_of_the_own_term() -> None:
    until = bogota("2026-05-01 00:00:00")
    call = firm("por_subsanar", items={"T-01": replace(TO_CURE, cure=Cure("x", AT, until))})
    assert told(call, "2026-04-27 12:00:00") == []
    assert told(call, "2026-04-29 12:00:00") == [("firma", "subsanar")]
