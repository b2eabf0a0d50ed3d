"""The desk's acts of two persons: keys, operators, titles and plans; and a stolen session, which decides nothing."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client
from django.urls import reverse

from tests.hub.country import Hub
from tests.hub.officers import Officers
from veta.kernel.clock import SystemClock
from veta.operators.domain.keys import key_id_of, possession_statement
from veta.operators.queries import key_states, operators_now
from veta.operators.services import keys
from veta.registry.domain import Act, registrations_on, version_on
from veta.registry.queries import plans_of, registrations_of, titles_by_code
from veta.registry.queries.desk import proposals, renewals
from veta.registry.services.registrations import RegistrationRecord, record_registration_version
from veta.site.roles import Role

ACT = {"acto": "Resolución DEMO-7", "fuente": "Expediente de prueba"}


@pytest.fixture(scope="module")
def officers(hub: Hub) -> Officers:
    return Officers.found()


@pytest.fixture(scope="module")
def clerk(officers: Officers) -> Client:
    return officers.session("clara", Role.REGISTRY)


@pytest.fixture(scope="module")
def chief(officers: Officers) -> Client:
    return officers.session("saul", Role.SIGNER)


def page(client: Client, name: str, *arguments: Any) -> str:
    response = client.get(reverse(name, args=arguments))
    assert response.status_code == 200, response
    return re.sub(r"\s+", " ", response.content.decode())


def post(client: Client, name: str, *arguments: Any, **given: Any) -> Any:
    return client.post(reverse(name, args=arguments), given)


def new_key(hub: Hub) -> str:
    """A key recorded by an officer at the console, with its approval: it lacks another officer's."""
    raw = (private := Ed25519PrivateKey.generate()).public_key().public_bytes_raw()
    proof = private.sign(possession_statement(hub.second.code, raw))
    return keys.record_key(
        operator=hub.second.operator, public_key=raw, purpose="recovery", officer="saul@demo.invalid", proof=proof
    )


def state_of(key: str) -> str:
    return next(each.state for each in key_states(now=SystemClock().now()) if each.id == key)


def test_a_recovery_key_counts_once_two_officers_approved_it(hub: Hub, officers: Officers, chief: Client) -> None:
    key, ines = new_key(hub), officers.session("ines", Role.IT)
    assert "Falta una aprobación" in page(ines, "desk_operator", hub.second.operator)
    assert key in page(ines, "desk_queue")
    assert "lo pidió usted" in page(chief, "desk_queue")
    assert key not in page(chief, "desk_home")  # what one approved waits for another
    assert key in page(ines, "desk_home")
    assert post(chief, "desk_key_approve", key).status_code == 422
    assert state_of(key) == "waiting"
    assert post(ines, "desk_key_approve", key).status_code == 302
    assert state_of(key) == "live"
    assert key not in page(ines, "desk_queue")


def pair(code: str) -> tuple[dict[str, str], str]:
    """A new key with its proof for that operator, as `veta hub new-key` shows them, and its id."""
    raw = (private := Ed25519PrivateKey.generate()).public_key().public_bytes_raw()
    shown = {"llave": raw, "prueba": private.sign(possession_statement(code, raw))}
    return {name: base64.b64encode(each).decode() for name, each in shown.items()}, key_id_of(code, raw)


def test_an_operator_is_enrolled_with_its_first_key_by_two_officers(officers: Officers, chief: Client) -> None:
    ines = officers.session("ines", Role.IT)
    given, key = pair("OTTM-NUEVO")
    asked = {"codigo": "ottm-nuevo", "nombre": "DEMO nuevo", "acto": "Res. 12", "desde": "2999-01-01", **given}
    another, _ = pair("OTTM-OTRO")
    for wrong in (
        {"codigo": "Ñ"}, {"codigo": "A/B"}, {"acto": " "}, {"nit": "999"}, {"nit": "900999999"}, {"prueba": "AA=="},
        {"llave": "no"}, {"prueba": another["prueba"]}, {"codigo": "ottm-distinto"},
    ):  # fmt: skip
        assert post(ines, "desk_operator_enrol", **(asked | wrong)).status_code == 422, wrong
    assert "OTTM-" not in page(ines, "desk_operators").replace("DEMO-OTTM-", "")
    assert post(ines, "desk_operator_enrol", **asked).status_code == 302
    assert post(ines, "desk_operator_enrol", **asked).status_code == 422  # the code is taken
    [made] = [each for each in operators_now() if each.code == "OTTM-NUEVO"]
    assert key in page(chief, "desk_queue")  # though its term has not begun
    assert post(ines, "desk_key_approve", key).status_code == 422
    assert "Falta una aprobación" in page(chief, "desk_operator", made.id)
    assert post(chief, "desk_key_approve", key).status_code == 302
    assert state_of(key) == "inactive"
    assert key not in page(chief, "desk_queue")
    given = {"estado": "active", "desde": "2026-01-01", "acto": "Res. 13"}
    assert post(chief, "desk_operator_status", made.id, **given).status_code == 302
    assert state_of(key) == "live"


def test_a_recovery_key_is_recorded_on_the_operators_page(hub: Hub, officers: Officers, chief: Client) -> None:
    given, key = pair(hub.second.code)
    stolen, _ = pair(hub.first.code)
    assert post(chief, "desk_key_record", hub.second.operator, uso="recovery", **stolen).status_code == 422
    assert post(chief, "desk_key_record", hub.second.operator, uso="otro", **given).status_code == 422
    assert post(chief, "desk_key_record", hub.second.operator, uso="recovery", **given).status_code == 302
    assert post(chief, "desk_key_record", hub.second.operator, uso="recovery", **given).status_code == 422
    assert state_of(key) == "waiting"
    assert post(officers.session("ines", Role.IT), "desk_key_approve", key).status_code == 302
    assert state_of(key) == "live"
    assert chief.get(reverse("desk_key_record", args=[UUID(int=1)])).status_code == 404


def test_a_compromised_key_takes_with_it_what_it_asked_for(hub: Hub, officers: Officers) -> None:
    key, ines = new_key(hub), officers.session("ines", Role.IT)
    post(ines, "desk_key_approve", key)
    raw = (private := Ed25519PrivateKey.generate()).public_key().public_bytes_raw()
    proof = private.sign(possession_statement(hub.second.code, raw))
    asked = keys.propose_key(by=key, public_key=raw, purpose="signing", proof=proof, now=SystemClock().now())
    assert post(ines, "desk_key_revoke", key, motivo="").status_code == 422
    told = ines.post(reverse("desk_key_revoke", args=[key]), {"motivo": "Robo", "comprometida": "on"}, follow=True)
    assert "Llaves que ya no cuentan: 2." in told.content.decode()
    assert (state_of(key), state_of(asked.id)) == ("revoked", "revoked")
    assert "Robo" in page(ines, "desk_operator", hub.second.operator)
    assert ines.get(reverse("desk_key_revoke", args=["no-existe"])).status_code == 404


DECIDED = (
    "desk_operator_enrol",
    "desk_key_record",
    "desk_key_approve",
    "desk_key_revoke",
    "desk_operator_status",
    "desk_renewal",
    "desk_proposal",
    "desk_act",
    "price_decide",
    "bond_decide",
)


@pytest.mark.parametrize("name", DECIDED)
def test_a_stolen_session_that_cannot_prove_the_second_factor_decides_nothing(officers: Officers, name: str) -> None:
    """T26: who has the cookie alone is sent to prove the second factor again, whatever the act."""
    everything = set(Role) - {Role.INSURER, Role.AUDITOR}
    thief = officers.session("tomas", *everything, proved_seconds_ago=301)
    arguments: tuple[object, ...] = ("x",) if name in {"desk_key_approve", "desk_key_revoke"} else (UUID(int=1),)
    arguments = () if name == "desk_operator_enrol" else arguments
    answered = post(thief, name, *arguments, decision="approve", reason="x")
    assert answered.status_code == 302
    assert "/cuenta/confirmar/" in answered["Location"]


def test_an_operator_is_suspended_by_an_act_and_its_keys_follow(hub: Hub, chief: Client, officers: Officers) -> None:
    given = {"estado": "suspended", "desde": "2026-01-01", "acto": ""}
    assert post(chief, "desk_operator_status", hub.first.operator, **given).status_code == 422
    assert post(chief, "desk_operator_status", hub.first.operator, **(given | {"acto": "Res. 9"})).status_code == 302
    assert state_of(hub.first.key_id) == "inactive"
    assert "Suspendido" in page(chief, "desk_operators")
    post(chief, "desk_operator_status", hub.first.operator, **(given | {"estado": "active", "acto": "Res. 10"}))
    assert state_of(hub.first.key_id) == "live"


def test_a_plan_is_entered_by_one_and_approved_by_another_and_moves_the_open_quotas(
    hub: Hub, clerk: Client, chief: Client
) -> None:
    mined = hub.movement("production")
    hub.report(mined)
    code, mineral = mined["origin"]["code"], mined["mineral"]
    title = titles_by_code([code])[code][0]
    today = SystemClock().now().date()
    before = version_on(plans_of([title.title])[title.title], today)
    assert before is not None
    [line] = [each for each in before.lines if each.mineral == mineral]
    start = max(day for day in line.volumes if day <= today.isoformat())
    given = ACT | {
        "placa": code.lower(), "clase": "PTO", "aprobado": "2026-01-05", "desde": "2026-01-05",
        "volumenes": f"{mineral}; {start}; 7.777,5",
    }  # fmt: skip
    for wrong in (f"{mineral}; ayer; 1", "pirita_falsa; 2026-01-01; 1", f"{mineral} 5", f"{mineral}; {start}; -1"):
        assert post(clerk, "desk_enter_plan", **(given | {"volumenes": wrong})).status_code == 422
    assert post(clerk, "desk_enter_plan", **(given | {"placa": "NO-ESTÁ"})).status_code == 422
    assert post(chief, "desk_enter_plan", **given).status_code == 403
    assert post(clerk, "desk_enter_plan", **given).status_code == 302
    [entered] = proposals(pending=True)
    assert "Usted la ingresó" in page(clerk, "desk_proposal", entered.id)
    assert post(clerk, "desk_proposal", entered.id, decision="approve").status_code == 422
    assert "7.777,5" in page(chief, "desk_proposal", entered.id)
    told = chief.post(reverse("desk_proposal", args=[entered.id]), {"decision": "approve"}, follow=True)
    assert "se ajustaron 1 cupos" in told.content.decode()
    after = version_on(plans_of([title.title])[title.title], today)
    assert after is not None
    assert after.line(mineral).volumes == {start: 7_777_500}  # type: ignore[union-attr]
    assert "7.777,5" in page(chief, "desk_title", code)


def test_a_titles_version_keeps_what_was_left_empty_and_a_refusal_says_why(
    hub: Hub, clerk: Client, chief: Client
) -> None:
    code = hub.movement("production")["origin"]["code"]
    now = titles_by_code([code])[code][0]
    given = ACT | {"placa": code, "desde": "2026-02-01", "estado": "suspended"}
    assert post(clerk, "desk_enter_title", **(given | {"titulares": "NIT 1; 50"})).status_code == 422
    post(clerk, "desk_enter_title", **given)
    [entered] = proposals(pending=True)
    assert post(chief, "desk_proposal", entered.id, decision="refuse").status_code == 422
    assert post(chief, "desk_proposal", entered.id, decision="refuse", reason="No es el acto").status_code == 302
    assert titles_by_code([code])[code][0] == now
    post(clerk, "desk_enter_title", **given)
    [entered] = proposals(pending=True)
    assert post(chief, "desk_proposal", entered.id, decision="approve").status_code == 302
    made = titles_by_code([code])[code][0]
    assert (made.status, made.valid_from, made.holders) == ("suspended", date(2026, 2, 1), now.holders)
    decided = page(clerk, "desk_proposals")
    assert "Aprobada" in decided
    assert "Rechazada" in decided


def test_a_registration_is_renewed_and_ended_by_its_act(hub: Hub, officers: Officers, clerk: Client) -> None:
    actor = hub.actor("trader")
    [before] = registrations_of([actor])[actor]
    given = ACT | {"desde": "2026-05-10", "hasta": "2027-05-31", "decision": "renew"}
    for wrong in ({"acto": " "}, {"desde": "mayo"}, {"hasta": "2026-05-09"}):
        assert post(clerk, "desk_renewal", before.entity, **(given | wrong)).status_code == 422
    assert "DEMO trader" in page(clerk, "desk_renewal", before.entity)
    assert post(clerk, "desk_renewal", before.entity, **given).status_code == 302
    renewed = registrations_of([actor])[actor][0]
    changed = {"id": renewed.id, "valid_from": date(2026, 5, 10), "valid_to": date(2027, 5, 31)}
    assert renewed == replace(before, **changed)
    assert post(clerk, "desk_renewal", before.entity, **(given | {"hasta": "", "decision": "end"})).status_code == 302
    [ended] = registrations_on(registrations_of([actor])[actor], date(2026, 5, 10))
    assert ended.status == "cancelled"
    [earlier] = registrations_on(registrations_of([actor])[actor], date(2026, 5, 9))
    assert earlier.status == "active"
    assert clerk.get(reverse("desk_renewal", args=[before.entity])).status_code == 404
    [mined] = [each for each in registrations_of([hub.actor("miner")])[hub.actor("miner")] if each.role == "producer"]
    assert clerk.get(reverse("desk_renewal", args=[mined.entity])).status_code == 404  # the mayor's
    record_registration_version(before.entity, RegistrationRecord(
        actor=actor, role=before.role, minerals=before.minerals, municipalities=before.municipalities,
        plant_published=before.plant_published, valid_from=before.valid_from,
    ), Act(reference="Acto DEMO", source="prueba", recorded_by="clara@demo.invalid"))  # fmt: skip


def test_renewals_list_who_has_no_version_since_may(hub: Hub, clerk: Client) -> None:
    """Everybody here was recorded today: renewed, unless this year's May were tomorrow."""
    assert "DEMO trader" in clerk.get(reverse("desk_renewals"), {"ver": "renovadas"}).content.decode()
    assert "DEMO trader" not in page(clerk, "desk_renewals")
    now = SystemClock().now()
    asked = {"on": now.date(), "limit": 50}
    lacking = renewals(since=now + timedelta(days=1), renewed=False, **asked)
    assert hub.actor("trader") in {each.actor for each in lacking}
    assert hub.actor("miner") not in {each.actor for each in lacking}  # a producer's is the mayor's business
    assert renewals(since=now + timedelta(days=1), renewed=True, **asked) == []
