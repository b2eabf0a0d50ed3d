"""Which documents the norm asks for on the road, and how each stands: present, missing, not verified, not asked for.

DUR 1073 de 2015 art. 2.2.5.6.1.3.1: the RUCOM certificate and a copy of the certificate of origin; of an authorised
producer's own mineral, the certificate alone. Of subsistence mining, the declaration of production
(art. 2.2.5.6.1.1.4).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

import psycopg
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from veta.certificates.domain.kinds import FORMS, Form
from veta.certificates.domain.token import normal
from veta.certificates.queries import CertificateView, by_token, certificates_of, on_lots, sources
from veta.kernel.quantity import text_of
from veta.ledger.domain.origin import Origin
from veta.ledger.queries import origins_of
from veta.movements.domain.law import roles_of
from veta.movements.queries.road import NORM, OF_ORIGIN, Load, RoadPack
from veta.norms.catalogue import catalogue
from veta.prices.domain.figures import in_spanish, trimmed
from veta.registry.domain import RegistrationVersion, registrations_on, version_on
from veta.registry.queries import registrations_of, titles_by_code

Cursor = psycopg.Cursor[Any]
State = Literal["present", "missing", "unverified", "unasked"]
MOST_SHOWN: Final = 30


class Paper(NamedTuple):
    """A document: what it is called, its number where it has one, its state, and why; `url`: where it is checked."""

    name: str
    number: str
    state: State
    note: str
    norm: str
    url: str = ""


def papers_of(cursor: Cursor, pack: RoadPack, *, on: date) -> list[Paper]:
    """The documents of a load, the RUCOM first. `on`: the Bogotá date of who looks."""
    return [_rucom(pack, on), *_of_origin(cursor, pack)]


def worst(papers: Iterable[Paper]) -> State:
    """The state of all together: one that is missing makes the load one whose documents are missing."""
    states = {paper.state for paper in papers}
    order: tuple[State, ...] = ("missing", "unverified", "present")
    return next((state for state in order if state in states), "present")


def _rucom(pack: RoadPack, on: date) -> Paper:
    name = _("Certificado RUCOM")
    if _own(pack, on):
        note = _("No se exige: es mineral propio del explotador; basta el de origen.")
        return Paper(name, "", "unasked", note, NORM)
    held = [each for each in _registrations(pack.holder, on) if each.role in _roles(on)]
    active = [each for each in held if each.status == "active"]
    if active:
        until = max((each.valid_to for each in active if each.valid_to is not None), default=None)
        note = _("Inscripción vigente en la plataforma.")
        if until is not None and all(each.valid_to is not None for each in active):
            note = _("Inscripción vigente hasta el %(day)s.") % {"day": until.isoformat()}
        return Paper(name, "", "present", note, NORM)
    note = _("Su inscripción está suspendida o cancelada.") if held else _("Hoy no tiene inscripción vigente.")
    return Paper(name, "", "missing", note, NORM)


def _registrations(holder: UUID, on: date) -> tuple[RegistrationVersion, ...]:
    return registrations_on(registrations_of([holder]).get(holder, ()), on)


def _roles(on: date) -> frozenset[str]:
    """The roles that may send mineral, as the dated table of roles has them for a dispatch."""
    return frozenset(roles_of("dispatch", on)["holder"])


def _own(pack: RoadPack, on: date) -> bool:
    """Whether all of the load is what its holder extracted: of a title that he holds, or as that very person."""
    origins = [origin for load in pack.loads for origin in load.origins]
    codes = {origin.code for origin in origins if origin.code is not None}
    titles = {code: version_on(versions, on) for code, versions in titles_by_code(codes).items()}
    own = {code for code, title in titles.items() if title and any(actor == pack.holder for actor, _ in title.holders)}
    return bool(origins) and all(_is_own(origin, own, pack.holder) for origin in origins)


def _is_own(origin: Origin, own: set[str], holder: UUID) -> bool:
    return origin.code in own if origin.code is not None else origin.person == holder


def _of_origin(cursor: Cursor, pack: RoadPack) -> list[Paper]:
    """The live certificates over what travels; then, where an origin has none, those that were brought on paper.

    What a certificate covers of one load is left to none of the others.
    """
    found: dict[UUID, CertificateView] = {}
    left: dict[UUID, int] = {}
    bare: list[Load] = []
    for load in pack.loads:
        live = _live_over(cursor, load)
        for each in live:
            found[each.id] = each
            left.setdefault(each.id, each.left)
        if not _covered(cursor, load, live, left):
            bare.append(load)
    shown = [_certificate(each) for each in list(found.values())[:MOST_SHOWN]]
    return [*shown, *_brought(pack, bare, set(found))] if bare else shown


def _live_over(cursor: Cursor, load: Load) -> list[CertificateView]:
    """The live certificates and declarations over a lot, or over what it was made of: between traders a copy passes."""
    own = on_lots([load.lot])
    before = certificates_of([each.certificate for each in sources(cursor, load.lot)])
    return [each for each in (*own, *before) if each.kind in OF_ORIGIN and each.ending is None and each.left > 0]


def _covered(cursor: Cursor, load: Load, live: list[CertificateView], left: dict[UUID, int]) -> bool:
    """Whether each origin of the load has one, and those of its very mineral say at least as much as travels; what
    they cover of it is taken from what is `left` of each."""
    said = [each.id for each in live if each.mineral == load.mineral]
    if said and sum(left[id] for id in said) < load.amount:
        return False
    wanted = load.amount
    for id in said:
        taken = min(left[id], wanted)
        left[id], wanted = left[id] - taken, wanted - taken
    covered = {origin for lot in {each.lot for each in live} for origin in _origins_of(cursor, lot)}
    return {origin.id for origin in load.origins} <= covered


def _origins_of(cursor: Cursor, lot: UUID) -> Sequence[UUID]:
    found = origins_of(cursor, lot)
    return found.origins if found is not None else ()


def _name(form: Form) -> str:
    return form.en if (get_language() or "").startswith("en") else form.es


def _certificate(found: CertificateView) -> Paper:
    form, mineral = FORMS[found.kind], catalogue().mineral(found.mineral)
    said = (
        f"{in_spanish(trimmed(text_of(found.left, factor=mineral.factor)))} {mineral.unit}"
        if mineral is not None
        else ""
    )
    note = _("Válido en la plataforma; ampara %(quantity)s.") % {"quantity": said}
    return Paper(_name(form), found.number_text, "present", note, form.norm, reverse("certificate", args=[found.token]))


def _brought(pack: RoadPack, bare: list[Load], known: set[UUID]) -> list[Paper]:
    """What the dispatch says of the documents of lots that no live certificate covers."""
    cited = [asked for asked in pack.documents if asked.document in OF_ORIGIN and asked.number is not None]
    papers = [_cited(str(asked.document), str(asked.number), known) for asked in cited[:MOST_SHOWN]]
    if papers:
        return papers
    form = FORMS["production_declaration" if _all_of_subsistence(bare) else "origin_certificate"]
    note = _("Lo certificado no alcanza para toda la carga.") if known else _("No se informó ninguno.")
    if len(pack.loads) > 1:
        note = _("Falta el de %(bare)s de %(all)s lotes.") % {"bare": len(bare), "all": len(pack.loads)}
    return [Paper(_name(form), "", "missing", note, form.norm)]


def _all_of_subsistence(loads: list[Load]) -> bool:
    return all(origin.kind == "subsistence" for load in loads for origin in load.origins)


def _cited(kind: str, number: str, known: set[UUID]) -> Paper:
    """A document by the number that the dispatch gives: one of the hub's own that does not serve, or a paper."""
    form = FORMS[kind]  # type: ignore[index]
    try:
        found = by_token(normal(number))
    except ValueError:
        found = None
    if found is None:
        note = _("Papel de fuera de la plataforma: pídalo y compruébelo.")
        return Paper(_name(form), number, "unverified", note, form.norm)
    url = reverse("certificate", args=[found.token])
    if found.id in known:
        note = _("Válido, pero no ampara toda la carga.")
    elif found.ending is not None or found.left == 0:
        note = _("Ya no sirve: se retiró, se reemplazó o se usó.")
    else:
        note = _("Ampara otro lote: no sirve para esta carga.")
    return Paper(_name(FORMS[found.kind]), found.number_text, "missing", note, form.norm, url)
