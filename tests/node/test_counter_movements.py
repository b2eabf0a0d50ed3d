"""What a phone keeps of every movement: the desk's own forms as data, and of its client what a lost phone may tell."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from tests.node.conftest import NOW, House
from tests.node.test_capturing import MINE, gold_lot
from veta.kernel.ids import uuid7
from veta.node.models import Branch, Calibration, OutboxItem, Scale
from veta.node.pages.capture.kinds import KINDS
from veta.node.services.capture import Given, capture


def told(house: House, who: str = "gold counter", of: str = "gold") -> Any:
    return house.browser(who).get(reverse("node_counter_movements_data", args=[house.clients[of].id]))


def moved(house: House, kind: str, **more: Any) -> dict[str, Any]:
    """Something that the client reported before."""
    role = "seller" if kind == "sale" else "holder"
    item = {"id": str(uuid7()), "kind": kind, "occurred_at": "2026-11-10T09:30:00-05:00", role: MINE, **more}
    capture(house.clients["gold"], [Given(item)], now=NOW)
    return item


def test_the_phone_asks_what_the_desk_asks(house: House) -> None:
    """Of each kind of the menu, the fields of its form, in the same words; a choice among the same things."""
    Branch.objects.create(client=house.clients["gold"], name="Mina", municipality="05250")
    said = told(house).json()
    forms = {kind["name"]: kind for kind in said["kinds"]}
    assert forms.keys() == {name for name, kind in KINDS.items() if kind.listed}
    browser = house.browser("gold counter")
    for name, form in forms.items():
        fields = {field["path"]: field for group in form["groups"] for field in group["fields"]}
        assert fields.keys() == {asked.path for asked in KINDS[name].asked}, name
        if name == "receipt":
            continue  # its page is of one load
        page = browser.get(reverse("node_capture", args=[house.clients["gold"].id, name])).content.decode()
        for path, field in fields.items():
            assert f'name="{path}"' in page, (name, path)
            assert field["label"] in page, (name, path)
            assert field.get("choices") is None or said["lists"][field["choices"]], (name, path)


def test_it_knows_the_lots_the_loads_and_how_a_scale_weighs(house: House) -> None:
    branch = Branch.objects.create(client=house.clients["gold"], name="Mina", municipality="05250")
    scale = Scale.objects.create(
        branch=branch, serial="A1", accuracy_class="II", unit="g", largest="2000", division="0.1"
    )
    Calibration.objects.create(scale=scale, certificate="C-1", calibrated_on="2026-01-01", due_on="2099-01-01")
    lot, used_up = str(gold_lot(house)), gold_lot(house, "1.000")
    sent = moved(house, "dispatch", to={"municipality": "05001"}, items=[{"lot": lot, "quantity": "4"}])
    moved(house, "loss", items=[{"lot": str(used_up), "quantity": "1"}], reason="x")
    OutboxItem.objects.filter(record=sent["id"]).update(state="pending")
    said = told(house).json()
    assert [(each["lot"], each["mineral"], each["left"]) for each in said["lots"]] == [(lot, "oro", "5")]
    assert [(each["id"], each["lines"]) for each in said["roads"]] == [
        (sent["id"], [{"lot": lot, "sent": "4", "mineral": "oro"}])
    ]
    fields = {field["path"]: field for group in said["kinds"][0]["groups"] for field in group["fields"]}
    weighs = fields["place"]["places"][scale.id.hex]
    serves = (weighs["since"], weighs["until"], weighs["bands"].keys() >= {"g", "kg"})
    assert (weighs["place"]["municipality"], *serves) == (
        "05250", "2026-01-01", "2099-01-01", True,
    )  # fmt: skip
    assert (said["minerals"]["oro"]["unit"], said["minerals"]["oro"]["precious"], said["tolerance"]["t"]) == (
        "g", True, "1/250",
    )  # fmt: skip
    asked = {kind: [set(each["one_of"]) for each in lists] for kind, lists in said["proofs"].items()}
    assert asked["sale"] == [{"origin_certificate", "production_declaration"}]
    assert asked["export"] == [{"royalty_payment"}, {"royalty_payment", "inspection"}]


def test_a_lost_phone_names_no_person_and_no_other_client(house: House) -> None:
    """A firm is offered again by its document; a person is not, nor is anything of another client's."""
    lot = str(gold_lot(house))
    for type, number in (("NIT", "900777001"), ("CC", "71222333"), ("PPT", "5550001")):
        moved(house, "sale", buyer={"type": type, "number": number}, items=[{"lot": lot, "quantity": "1"}])
    answer = told(house).content.decode()
    assert "900777001" in answer
    assert not [number for number in ("71222333", "5550001", "10200300") if number in answer]
    assert lot not in told(house, "coal counter", "coal").content.decode()


@pytest.mark.parametrize(("who", "status"), [("gold owner", 200), ("gold accountant", 403), ("coal counter", 404)])
def test_who_may_capture_opens_it(house: House, who: str, status: int) -> None:
    page = reverse("node_counter_movements", args=[house.clients["gold"].id])
    assert (told(house, who).status_code, house.browser(who).get(page).status_code) == (status, status)
