"""Something to look at on every page of the desk, and the address of each by the table of permissions."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import resolve, reverse

from tests.bonds.titled import holder, title
from tests.hub.country import Hub as Country
from tests.hub.officers import Officers
from tests.movements.world import TOWN
from tests.site.conftest import session_of
from veta.bonds import services as bonds
from veta.hub.mayor.seats import decide_seat, propose_seat
from veta.kernel.clock import SystemClock
from veta.kernel.period import bogota_date
from veta.movements.services import approve_act, propose_act
from veta.operators.services.hub_keys import hub_signer
from veta.oversight import services as oversight
from veta.prices.queries import resolutions
from veta.prices.services import load_demo
from veta.registry.domain import Act
from veta.registry.queries import registrations_of
from veta.registry.services.imports import propose_import
from veta.registry.services.plans import PlanRecord
from veta.registry.services.proposals import propose_plan
from veta.royalties.services import save_draft
from veta.site.access import Kind
from veta.site.models import User
from veta.site.permissions import PERMISSIONS
from veta.site.roles import Role
from veta.site.services import propose_role

CODE = "DEMO-001"
# Its plan does not say which coal.
UNNAMED = "DEMO-002"
# What is a file or a drawing, and not a page.
FILES = {
    "people_file", "settlement_paper", "desk_chart", "desk_map", "desk_lot_origins", "validation_petition",
    "desk_dossier",
}  # fmt: skip
# What a miner answered is looked at by its own tests (`tests/hub/test_miner.py`, `tests/site/browser/test_miner.py`).
ELSEWHERE = {"miner_report"}


def pages() -> list[str]:
    """Every page that the table opens to a role; those of a call have a walk of their own (site/browser/test_calls)."""
    return [
        name for name, row in PERMISSIONS.items()
        if (get := row.get("GET")) and get.kind is Kind.ROLES and name not in FILES | ELSEWHERE
        and not name.startswith("calls_")
    ]  # fmt: skip


def readers(name: str) -> list[Role]:
    """The roles that may open a page."""
    return sorted(PERMISSIONS[name]["GET"].roles)


def refused(role: Role, links: list[str]) -> list[str]:
    """The links that lead this role to a refusal."""
    found = []
    for link in links:
        name = resolve(link.partition("?")[0].partition("#")[0]).view_name
        access = PERMISSIONS[name].get("GET")
        if access is None or (access.kind is Kind.ROLES and role not in access.roles):
            found.append(link)
    return found


def furnish(country: Country, officers: Officers, chain: dict[str, str], key: str) -> dict[str, tuple[Any, ...]]:
    """Put one of everything there; what each page's address takes."""
    oversight_, registry = (officers.user(role.value).email for role in (Role.OVERSIGHT, Role.REGISTRY))
    ana, today = officers.founders[0], bogota_date(SystemClock().now())
    load_demo()
    mined = country.movement("production")
    country.report(mined)
    actor = holder("900777001")
    title(CODE, held_by=actor, volumes={"antracita": 1_000_000})
    title(UNNAMED, held_by=actor, volumes={"carbon": 1_000_000})
    bond = bonds.require(CODE, starts_on=date(2025, 8, 1), by=oversight_, case={}).id
    case = oversight.open_case(
        oversight.Opening(title=UNNAMED, opener="officer", reason="De oficio", by=oversight_), on=today
    )
    oversight.propose_requirement(
        case.id, required_from=today + timedelta(days=9), act="Auto DEMO-1", reason="Rubro", by=oversight_, on=today
    )
    trader, stranger = country.actor("trader"), country.actor("stranger")
    nobody = officers.user("nadie")
    asked = propose_role(user=nobody, role=Role.LEGAL, reason="Prueba", proposed_by=ana)
    seat = _seats(officers)
    values: dict[str, tuple[Any, ...]] = {
        "access_purpose": (stranger,), "bond_life": (bond,), "bond_present": (bond,), "bond_decide": (bond,),
        "bond_draw": (bond,), "withholding_book": (trader, "2026-05"), "price_decide": (resolutions()[0].id,),
        "desk_movement": (chain["refused"],), "desk_undo": (mined["id"],), "desk_lot": (chain["blend"],),
        "desk_trace": (chain["blend"], "atras"), "desk_seize": (chain["own"],), "desk_accredit": (chain["own"],),
        "desk_title": (chain["title"],), "desk_actor": (trader,), "desk_stock": (trader,),
        "desk_act": (_suspended(mined["lot"], officers),), "desk_renewal": (_registration(trader),),
        "desk_proposal": (_plan(registry),), "desk_import": (_file(registry),), "mayor_seat": (seat,),
        "settlement": (_settlement(),),
        **dict.fromkeys(("desk_operator", "desk_operator_status", "desk_key_record"), (country.second.operator,)),
        **dict.fromkeys(("desk_key_approve", "desk_key_revoke"), (key,)),
        **dict.fromkeys(("validation_case", "validation_decide", "validation_require"), (case.id,)),
        **dict.fromkeys(("mayor_person", "mayor_renew", "mayor_cancel", "mayor_card"), (stranger,)),
        **dict.fromkeys(("person", "person_invite_again", "person_state", "role_propose"), (nobody.id,)),
        **dict.fromkeys(("role_decide", "role_revoke"), (asked.id,)),
    }  # fmt: skip
    return values | {
        "desk_lift": values["desk_act"], "validation_settle": (case.id,),
        **dict.fromkeys(("settlement_declare", "settlement_pay"), values["settlement"]),
    }  # fmt: skip


def _registration(actor: UUID) -> UUID:
    return registrations_of([actor])[actor][0].entity


def _suspended(lot: str, officers: Officers) -> UUID:
    words = {
        "authority": "ANM (ficticio)",
        "act": "DEMO-A-5",
        "issued_on": "2026-11-08",
        "reason": "Visita.",
        "lots": [lot],
    }
    by = officers.user(Role.OVERSIGHT.value).email
    act = propose_act("suspension", words, by=by, clock=SystemClock())
    approve_act(act, by=officers.user(Role.SIGNER.value).email, clock=SystemClock(), signer=hub_signer())
    return act


def _plan(by: str) -> UUID:
    record = PlanRecord(
        title_code=CODE, kind="PTO", approved_on=date(2026, 1, 5), lines=(), valid_from=date(2026, 1, 5)
    )
    return propose_plan(record, Act(reference="Resolución DEMO-8", source="Expediente", recorded_by=by))


def _file(by: str) -> UUID:
    rows = [
        "nombre_persona,tipo_persona,tipo_documento,numero_documento,codigo_dane,mineral",
        f"MINERA DEMO SAS,JURIDICA,NIT,900123456,{TOWN},ORO", f"COMPRAVENTA DEMO,NATURAL,,,{TOWN},ORO",
        f"OTRA DEMO SAS,JURIDICA,CC,71600700,{TOWN},ORO",
    ]  # fmt: skip
    name = "Comercializadores de mayo.csv"
    return propose_import("traders", name, "\n".join(rows).encode(), cut_date=date(2026, 5, 1), by=by)


def _settlement() -> UUID:
    line = {"mineral": "antracita", "quantity": "100", "unit": "t", "municipality": "15759", "holder_year_tonnes": "9"}
    case = {"quarter": "2025-T3", "title": CODE, "contract_date": "2015-08-01", "lines": [line]}
    return save_draft(case, by="royalties@demo.invalid").id


def _seats(officers: Officers) -> UUID:
    """The mayor's account has its municipality, and another account waits for one."""
    ana, luis = officers.founders
    given = propose_seat(email=officers.user(Role.MAYOR.value).email, municipality=TOWN, act="Credencial 1", by=ana)
    decide_seat(given, granted=True, by=luis)
    other = officers.user("alcaldesa", Role.MAYOR)
    return propose_seat(email=other.email, municipality=TOWN, act="Credencial 2", by=ana)


def session_cookie(role: Role, subjects: tuple[UUID, ...]) -> dict[str, str]:
    """A session of that role whose second factor was proved now, for the browser; what it looks at has a purpose said.

    Made in a thread of its own: the browser's has an event loop, in which Django touches no database.
    """
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(_session, role, subjects).result()


def _session(role: Role, subjects: tuple[UUID, ...]) -> dict[str, str]:
    try:
        client = session_of(User.objects.get(email=f"{role.value}@demo.invalid"))
        for subject in subjects:
            given = {"purpose": "oversight", "reference": "EXP-1", "next": "/"}
            client.post(reverse("access_purpose", args=[subject]), given)
        if role is Role.LEGAL:
            _purpose_of(client, reverse("miner_reports"))
        return {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
    finally:
        connection.close()


def _purpose_of(client: Client, path: str) -> None:
    asked = client.get(path)["Location"]
    assert re.search("/finalidad/", asked), asked
    client.post(asked, {"purpose": "oversight", "reference": "EXP-1", "next": path})
