"""Suspension with its preview, lift, seizure and accreditation on pages: one officer proposes, another decides."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from tests.hub.country import Hub
from tests.hub.officers import Officers
from tests.movements.world import TOWN
from veta.certificates.queries import certificate
from veta.kernel.ids import uuid7
from veta.ledger.queries import balances, lots
from veta.movements.queries.acts import decided_acts, waiting_acts
from veta.site.roles import Role
from veta.storage.connection import plain_cursor

ACT = {"autoridad": "ANM (ficticio)", "acto": "DEMO-A-1", "fecha": "2026-11-09", "motivo": "Inspección en el sitio."}


@pytest.fixture(scope="module")
def officers(hub: Hub) -> Officers:
    return Officers.found()


@pytest.fixture(scope="module")
def eva(officers: Officers) -> Client:
    return officers.session("eva", Role.OVERSIGHT)


@pytest.fixture(scope="module")
def chief(officers: Officers) -> Client:
    return officers.session("saul", Role.SIGNER)


def page(client: Client, name: str, *arguments: Any, **query: str) -> str:
    response = client.get(reverse(name, args=arguments), query)
    assert response.status_code == 200, response
    return re.sub(r"\s+", " ", response.content.decode())


def post(client: Client, name: str, *arguments: Any, **given: Any) -> Any:
    return client.post(reverse(name, args=arguments), given)


def bought(hub: Hub, quantity: str = "10.000") -> str:
    purchase = hub.movement("purchase", quantity=quantity)
    [result] = hub.report(purchase)
    assert result["verdict"]["status"] == "accepted"
    return str(purchase["lot"])


def blended(hub: Hub, lot: str, quantity: str) -> str:
    made = hub.movement("purchase")  # for its instant
    regroup = hub.world.movement(
        "regroup", holder=hub.world.PARTIES["trader"], inputs=[{"lot": lot, "quantity": quantity}],
        outputs=[{"quantity": quantity, "unit": "g", "lot": str(uuid7())}],
    )  # fmt: skip
    regroup["occurred_at"] = made["occurred_at"]
    [result] = hub.report(regroup)
    assert result["verdict"]["status"] == "accepted", result
    return str(regroup["outputs"][0]["lot"])


def decided(client: Client, decision: str = "approve", **more: str) -> Any:
    [waiting] = waiting_acts(plain_cursor())
    return post(client, "desk_act", waiting.id, decision=decision, **more)


def test_a_suspension_is_seen_before_it_is_proposed_and_decided_by_another(
    hub: Hub, eva: Client, chief: Client, officers: Officers
) -> None:
    lot = bought(hub)
    child = blended(hub, lot, "4.000")
    preview = page(eva, "desk_suspend", lotes=lot)
    assert "<strong>2</strong> lotes" in preview
    assert "<strong>1</strong> tenedores" in preview
    assert "DEMO trader" in preview
    assert "10 g" in preview
    for wrong in ("x", str(uuid7())):
        assert eva.get(reverse("desk_suspend"), {"lotes": wrong}).status_code == 422
    assert post(eva, "desk_suspend", **(ACT | {"motivo": "", "lotes": lot})).status_code == 422
    assert post(chief, "desk_suspend", **(ACT | {"lotes": lot})).status_code == 403
    assert post(eva, "desk_suspend", **(ACT | {"lotes": lot})).status_code == 302
    [waiting] = waiting_acts(plain_cursor())
    assert "Suspensión" in page(chief, "desk_home")
    assert "Usted lo propuso" in page(eva, "desk_act", waiting.id)
    assert post(eva, "desk_act", waiting.id, decision="approve").status_code == 422
    assert lots(plain_cursor(), [known(child)])[known(child)].suspensions == ()
    assert "<strong>2</strong> lotes" in page(chief, "desk_act", waiting.id)
    assert decided(chief).status_code == 302
    assert lots(plain_cursor(), [known(child)])[known(child)].suspensions == (waiting.id,)
    assert "Suspendido" in page(eva, "desk_lot", child)
    assert "Lotes que alcanza</dt><dd>2<" in page(eva, "desk_act", waiting.id)
    assert post(eva, "desk_lift", waiting.id, **ACT).status_code == 302
    assert decided(chief).status_code == 302
    assert lots(plain_cursor(), [known(child)])[known(child)].suspensions == ()
    assert "Levantada" in page(eva, "desk_act", waiting.id)
    assert eva.get(reverse("desk_lift", args=[waiting.id])).status_code == 404


def known(lot: str) -> UUID:

    return UUID(lot)


def test_a_refusal_needs_its_reason_and_leaves_the_lot_as_it_was(hub: Hub, eva: Client, chief: Client) -> None:
    lot = bought(hub)
    post(eva, "desk_suspend", **(ACT | {"lotes": lot}))
    assert decided(chief, "refuse").status_code == 422
    assert decided(chief, "refuse", reason="Falta el acto").status_code == 302
    assert lots(plain_cursor(), [known(lot)])[known(lot)].suspensions == ()
    assert "Falta el acto" in page(eva, "desk_act", decided_acts(plain_cursor())[0].id)
    assert "Rechazado" in page(eva, "desk_acts")


def test_part_of_a_lot_is_seized_and_more_than_it_has_is_refused_by_the_rules(
    hub: Hub, eva: Client, chief: Client
) -> None:
    lot = bought(hub)
    assert post(eva, "desk_seize", lot, **(ACT | {"cantidad": "mucho"})).status_code == 422
    assert post(eva, "desk_seize", lot, **(ACT | {"cantidad": "11"})).status_code == 302
    said = chief.post(
        reverse("desk_act", args=[waiting_acts(plain_cursor())[0].id]), {"decision": "approve"}, follow=True
    )
    assert "las reglas lo rechazaron" in said.content.decode()
    assert "Impide" in said.content.decode()
    assert post(eva, "desk_seize", lot, **(ACT | {"cantidad": "2,5"})).status_code == 302
    assert decided(chief).status_code == 302
    assert balances(plain_cursor(), [known(lot)])[known(lot)].free == 7_500


def test_mineral_without_a_lot_is_seized_by_its_act(hub: Hub, eva: Client, chief: Client) -> None:
    given = ACT | {"mineral": "oro", "cantidad": "12,5", "ley": "800", "municipio": TOWN, "lugar": "Puesto DEMO"}
    assert "Registrar un decomiso sin lote" in page(eva, "desk_acts")
    for wrong in ({"ley": ""}, {"mineral": "carbon_termico"}, {"municipio": "5"}, {"cantidad": "mucho"}, {"acto": ""}):
        assert post(eva, "desk_seize_found", **(given | wrong)).status_code == 422, wrong
    assert post(chief, "desk_seize_found", **given).status_code == 403
    assert post(eva, "desk_seize_found", **given).status_code == 302
    [waiting] = waiting_acts(plain_cursor())
    assert "Oro: 12,5 g, ley 800 ‰" in page(chief, "desk_act", waiting.id)
    assert "Puesto DEMO" in page(chief, "desk_act", waiting.id)
    assert decided(chief).status_code == 302
    lot = re.search(r'/lotes/([0-9a-f-]{36})/"', page(eva, "desk_act", waiting.id))
    assert lot is not None
    text = page(eva, "desk_lot", lot.group(1))
    assert "De nadie: en custodia de la autoridad" in text
    assert "Decomisado" in text
    assert "10 g" in text


def test_a_lot_is_marked_by_an_act_and_the_title_must_be_on_record(hub: Hub, eva: Client, chief: Client) -> None:
    lot = bought(hub)
    given = ACT | {"acreditacion": "unproven", "placa": ""}
    assert post(eva, "desk_accredit", lot, **(given | {"placa": "NADA-1"})).status_code == 422
    assert post(eva, "desk_accredit", lot, **given).status_code == 302
    assert decided(chief).status_code == 302
    assert "Sin origen acreditado" in page(eva, "desk_lot", lot)
    assert eva.get(reverse("desk_accredit", args=[uuid7()])).status_code == 404


def test_a_certified_movement_is_undone_by_two_officers_and_its_certificate_falls(
    hub: Hub, eva: Client, chief: Client
) -> None:
    production = hub.movement("production", quantity="10.000")
    hub.report(production)
    asked = {"id": str(uuid7()), "kind": "origin_certificate", "lot": production["lot"]}
    assert hub.first.call("POST", "/certificates", asked).status_code == 201
    assert "Proponer que se deshaga" in page(eva, "desk_movement", production["id"])
    assert post(eva, "desk_undo", production["id"], **(ACT | {"motivo": ""})).status_code == 422
    assert post(chief, "desk_undo", production["id"], **ACT).status_code == 403
    assert eva.get(reverse("desk_undo", args=[uuid7()])).status_code == 404
    assert post(eva, "desk_undo", production["id"], **ACT).status_code == 302
    [waiting] = waiting_acts(plain_cursor())
    assert post(eva, "desk_act", waiting.id, decision="approve").status_code == 422
    assert decided(chief).status_code == 302
    assert "Proponer que se deshaga" not in page(eva, "desk_movement", production["id"])
    ended = certificate(known(asked["id"]))
    assert ended is not None
    assert (ended.state, ended.reason) == ("withdrawn", "Se deshizo el movimiento que hizo el lote.")
