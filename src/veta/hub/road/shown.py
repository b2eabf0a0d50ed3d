"""What a dispatch's page and paper say, once: the answer first, then the load, then its documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import psycopg
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from veta.certificates.services.written import party, place_name
from veta.hub.certificate_paper import mineral_text, party_text
from veta.hub.certificate_words import ORIGIN, said
from veta.hub.road.code import address_of
from veta.hub.road.papers import Paper, papers_of, worst
from veta.kernel.identity import Document, IdentityError, document
from veta.kernel.period import BOGOTA, bogota_date
from veta.kernel.quantity import text_of
from veta.ledger.domain.origin import Origin
from veta.movements.queries.road import Load, RoadPack
from veta.norms.catalogue import catalogue
from veta.prices.domain.figures import in_spanish, trimmed
from veta.registry.domain import TitleVersion
from veta.registry.queries import actors_of, titles_by_code

Cursor = psycopg.Cursor[Any]
NOT_MOVING: Final = frozenset({"unproven", "seized"})
STATES: Final[dict[str, tuple[Promise, str]]] = {
    "present": (gettext_lazy("Está"), "ok"), "missing": (gettext_lazy("Falta"), "stop"),
    "unverified": (gettext_lazy("Sin comprobar"), "wait"), "unasked": (gettext_lazy("No se exige"), "note"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer in two lines, and its tone: ok, wait or stop."""

    tone: str
    said: str
    why: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A dispatch as anybody with its code sees it: no number or name of a natural person."""

    pack: RoadPack
    answer: Answer
    vehicle: str
    carrier: str
    holder: str
    departed: str
    days: str
    origin: str
    destination: str
    loads: tuple[tuple[str, str, str], ...]
    papers: tuple[Paper, ...]
    address: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The documents with the words and tone of their state."""
        return [{"paper": each, "state": STATES[each.state][0], "tone": STATES[each.state][1]} for each in self.papers]


def shown(cursor: Cursor, pack: RoadPack, *, now: datetime) -> Shown:
    """The page of a dispatch as it stands now."""
    on = bogota_date(now)
    papers = tuple(papers_of(cursor, pack, on=on))
    days = max((on - bogota_date(pack.occurred_at)).days, 0)
    return Shown(
        pack=pack, answer=_answer(pack, papers), vehicle=pack.vehicle or "", carrier=_carrier(pack),
        holder=party_text(party(pack.holder), english=_english()),
        departed=pack.occurred_at.astimezone(BOGOTA).strftime("%Y-%m-%d %H:%M"),
        days=_ago(days),
        origin=_town(pack.origin_municipality), destination=_destination(pack),
        loads=tuple(_load(each) for each in pack.loads), papers=papers, address=address_of(pack.dispatch),
    )  # fmt: skip


def _english() -> bool:
    return (get_language() or "").startswith("en")


def _answer(pack: RoadPack, papers: tuple[Paper, ...]) -> Answer:
    """Whether the load may be on the road as far as the platform knows: it decides nothing."""
    if pack.state == "accepted":
        return Answer("stop", _("No ampara ninguna carga"), _("Este despacho ya se recibió: el viaje terminó."))
    if pack.state != "pending":
        return Answer("stop", _("No ampara ninguna carga"), _("Este despacho se retiró: la carga volvió."))
    if any(load.suspended for load in pack.loads):
        return Answer("stop", _("Carga suspendida"), _("Un acto de la autoridad suspendió mineral de esta carga."))
    if any(load.accreditation in NOT_MOVING for load in pack.loads):
        return Answer("stop", _("Origen no acreditado"), _("La autoridad encontró que su origen no está acreditado."))
    if (state := worst(papers)) == "missing":
        return Answer("stop", _("Falta un documento"), _("Vea abajo cuál."))
    if state == "unverified":
        return Answer("wait", _("Pida el papel"), _("Un documento está solo en papel: compruébelo."))
    return Answer("ok", _("Documentos completos"), _("En camino. Compare la placa y la carga."))


def _ago(days: int) -> str:
    if days < 2:
        return _("ayer") if days else _("hoy")
    return _("hace %(n)s días") % {"n": days}


def _town(code: str | None) -> str:
    return place_name(code) if code else _("no se informó")


def _destination(pack: RoadPack) -> str:
    town = _town(pack.to_municipality)
    return f"{town}. {pack.to_facility}" if pack.to_facility and pack.state == "pending" else town


def _carrier(pack: RoadPack) -> str:
    """A firm by its name, where the registry knows it; of a person's document the last three digits, to compare."""
    if pack.carrier is None:
        return ""
    try:
        named = document(pack.carrier["type"], pack.carrier["number"])
    except IdentityError:
        return ""
    actor = actors_of([named]).get(named)
    public = party(actor) if actor is not None else None
    if public is not None and public["kind"] == "firm":
        return party_text(public, english=_english())
    return _ending(named)


def _ending(named: Document) -> str:
    return _("%(type)s terminado en %(end)s") % {"type": named.type, "end": named.number[-3:]}


def _load(load: Load) -> tuple[str, str, str]:
    """Mineral, quantity (of a precious metal gross too, which is what a scale shows), where it comes from."""
    mineral = catalogue().mineral(load.mineral)
    assert mineral is not None, load.mineral
    amount = f"{in_spanish(trimmed(text_of(load.amount, factor=mineral.factor)))} {mineral.unit}"
    if mineral.precious:
        amount = _("%(fine)s finos") % {"fine": amount}
        if load.fineness:
            gross = -(-load.amount * 1_000_000 // load.fineness)
            weight = f"{in_spanish(trimmed(text_of(gross, factor=mineral.factor)))} {mineral.unit}"
            fineness = in_spanish(trimmed(text_of(load.fineness, factor=1000)))
            amount += " · " + _("%(gross)s brutos, ley %(fineness)s ‰") % {"gross": weight, "fineness": fineness}
    return mineral_text(load.mineral, english=_english()), amount, _origins(load)


MOST_ORIGINS: Final = 3


def _origins(load: Load) -> str:
    """Class and code or municipality of each origin, the first few; of a person nothing more."""
    titles = titles_by_code({each.code for each in load.origins if each.code is not None})
    told = list(dict.fromkeys(_origin(each, titles) for each in load.origins))
    more = len(told) - MOST_ORIGINS
    text = "; ".join(told[:MOST_ORIGINS])
    return f"{text} " + _("y %(n)s más") % {"n": more} if more > 0 else text


def _origin(origin: Origin, titles: Mapping[str, list[TitleVersion]]) -> str:
    versions = titles.get(origin.code or "")
    named = versions[0].municipalities if versions else frozenset()
    town = origin.municipality or min(named, default="")
    return " ".join(
        filter(None, (said(ORIGIN, origin.kind, english=_english()), origin.code, town and place_name(town)))
    )
