"""What the counter's scripts ask: take what was bought, say how it stands, whose card this is, the miner's consent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import MAXYEAR, MINYEAR, datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _

from veta.kernel.clock import SystemClock
from veta.kernel.errors import DomainError
from veta.kernel.strict_json import parse
from veta.node.connect import open_hub
from veta.node.domain.records import Captured, Operation
from veta.node.pages.counter import buyer
from veta.node.queries.counter import states_of
from veta.node.queries.devices import must_forget
from veta.node.services import phones
from veta.node.services.phones import Brought
from veta.node.transport import HubRefused, HubUnreachable
from veta.site.caller import person_of

MOST, PATIENCE = 200, 6.0
BASES = ("person_month", "person_year")
SAID_OF_CONSENT = ("id", "method", "methods", "missing", "verified", "expires_at")
View = Callable[..., HttpResponseBase]


class BadRequest(DomainError):
    """What a script sent is not what this page reads."""

    code = "NOD-021"


def asked(view: View) -> View:
    """A question of the counter's, as JSON: the client, for who may buy for it, and what was sent."""

    @wraps(view)
    def answered(request: HttpRequest, client: UUID) -> HttpResponseBase:
        found = buyer(request, client)
        try:
            given = parse(request.body)
            if not isinstance(given, dict):
                raise BadRequest(_("Se esperaba un objeto. Recargue la página."))
            return view(request, found, given)
        except HubUnreachable as silent:
            return _problem(503, silent)
        except HubRefused as refused:
            return _problem(422, refused)
        except DomainError as refused:
            return _problem(400, refused)

    return answered


def _problem(status: int, refused: DomainError) -> HttpResponse:
    codes = refused.finding_codes if isinstance(refused, HubRefused) else [refused.code]
    words = (
        refused.message.removesuffix(f" (HTTP {refused.status})")
        if isinstance(refused, HubRefused)
        else refused.message
    )
    return JsonResponse({"message": words, "codes": codes}, status=status)


@asked
def sync(request: HttpRequest, client: Any, given: Mapping[str, Any]) -> HttpResponse:
    """Keep what a device brings, each record by itself and in order, and say how those it asks about stand.

    The device's clock is compared with this server's as the request arrives: `skew_ms` is how far it stands ahead.
    """
    now, person = SystemClock().now(), person_of(request)
    (id, name, branch), brought, told_at = _device(given), _records(given), _instant(given, "now")
    skew = round((told_at - now).total_seconds() * 1000)
    kept: list[dict[str, Any]] = []
    refusals: tuple[type[DomainError], ...] = (BadRequest, *phones.refusals())
    if brought:
        own = phones.enrol(client, id, name=name, branch=branch, by=person)
        reason = str(given.get("reason", ""))
        for each in brought:
            told: dict[str, Any] = {"id": str(each.get("id"))}
            try:
                phones.keep(own, _record(each, id), now=now, skew_ms=skew, late_reason=reason, by=person)
                kept.append({**told, "kept": True})
            except refusals as refused:
                kept.append({**told, "kept": False, "message": refused.message})
    about = [*(_uuid(each) for each in _list(given, "about")), *(_uuid(each["id"]) for each in kept if each["kept"])]
    return JsonResponse(
        {
            "now": now.isoformat(), "skew_ms": skew, "kept": kept, "states": states_of(client, about),
            "forget": must_forget(client.id, id),
        }
    )  # fmt: skip


@asked
def miner(request: HttpRequest, client: Any, given: Mapping[str, Any]) -> HttpResponse:
    """Whose card it is and what is left of the month and year; by a document alone, whether it is over."""
    mineral = str(given.get("mineral", ""))
    hub = open_hub(deadline=PATIENCE)
    card, party = _object(given, "card"), _object(given, "party")
    asked = {"party": None if card else party, "card": card or None}
    found: Mapping[str, Any] = hub.balances(**asked, mineral=mineral)  # type: ignore[arg-type]
    said = {name: found[name] for name in ("detail", "over", "party", "name", "municipalities") if name in found}
    quotas = {each["basis"]: each for each in found.get("quotas", ()) if each["basis"] in BASES}
    shown = {
        basis: {name: quota[name] for name in ("left", "limit", "unit", "effect")} for basis, quota in quotas.items()
    }
    return JsonResponse({**said, **shown, "at": SystemClock().now().isoformat()})


@asked
def consent(request: HttpRequest, client: Any, given: Mapping[str, Any]) -> HttpResponse:
    """Have the hub ask the miner: with a card and its PIN, at once; by a code to the contact that it holds; or both."""
    taken = open_hub(deadline=PATIENCE).ask_consent(
        purpose="sale", party=_object(given, "party"), counterparty=client.party(),  # type: ignore[arg-type]
        card=_object(given, "card") or None, mineral=str(given.get("mineral", "")),
        quantity=str(given.get("quantity", "")), price_cop=str(given.get("price_cop", "")),
        methods=[str(each) for each in _list(given, "methods")],
    )  # fmt: skip
    return JsonResponse({name: taken.get(name) for name in SAID_OF_CONSENT})


def _device(given: Mapping[str, Any]) -> tuple[UUID, str, UUID | None]:
    device = _object(given, "device")
    branch = device.get("branch")
    return _uuid(device.get("id")), str(device.get("name") or _("Teléfono")), _uuid(branch) if branch else None


def _records(given: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    brought = _list(given, "records")
    if len(brought) > MOST:
        raise BadRequest(_("Son demasiados registros a la vez. Recargue la página."))
    if not all(isinstance(each, dict) for each in brought):
        raise BadRequest(_("Un registro no se puede leer. Recargue la página."))
    return brought


def _record(said: Mapping[str, Any], device: UUID) -> Brought:
    if not isinstance(said.get("payload"), dict):
        raise BadRequest(_("Un registro no se puede leer. Recargue la página."))
    sequence, payload = said.get("sequence"), said["payload"]
    if type(sequence) is not int or sequence < 1 or payload.get("id") != said.get("id"):
        raise BadRequest(_("Un registro no se puede leer. Recargue la página."))
    captured = Captured(
        id=_uuid(said.get("id")), device=device, sequence=sequence, operation=Operation.SUBMIT, payload=payload,
        captured_at=_instant(said, "captured_at"), previous=str(said.get("previous", ""))[:64],
    )  # fmt: skip
    by = said.get("by")
    return Brought(captured, str(said.get("digest", "")), _uuid(by) if by else None)


def _list(given: Mapping[str, Any], name: str) -> list[Any]:
    found = given.get(name, [])
    if not isinstance(found, list):
        raise BadRequest(_("Se esperaba una lista. Recargue la página."))
    return found


def _object(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = given.get(name) or {}
    if not isinstance(found, dict):
        raise BadRequest(_("Se esperaba un objeto. Recargue la página."))
    return found


def _uuid(text: object) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        raise BadRequest(_("Un identificador no se puede leer. Recargue la página.")) from None


def _instant(given: Mapping[str, Any], name: str) -> datetime:
    try:
        at = datetime.fromisoformat(str(given.get(name)))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not MINYEAR < at.year < MAXYEAR:  # of that year in every zone
        raise BadRequest(_("Una hora no se puede leer. Recargue la página."))
    return at
