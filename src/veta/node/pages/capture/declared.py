"""A capture form as data: what a phone without signal needs to ask the same, in the same words and order.

The form itself is read, so a field that is added to the table of kinds, or said otherwise, is so on the phone too.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from django import forms
from django.forms import BoundField

from veta.kernel.quantity import UNITS
from veta.node.domain.capturing import MAKES_ONE, REPORTER, TAKES, WITH_TICKET
from veta.node.domain.scales import bands
from veta.node.pages.capture.fields import Figure, Moment
from veta.node.pages.capture.form import CaptureForm
from veta.node.pages.capture.here import Here, Spot
from veta.node.pages.capture.kinds import KINDS, Kind
from veta.node.pages.towns import Suggesting, Town
from veta.node.queries.known import Known

# How each is asked; the first that it is counts.
_AS: Final[tuple[tuple[type[forms.Field], str], ...]] = (
    (Here, "place"), (Moment, "moment"), (Town, "town"), (Figure, "figure"), (forms.DateField, "day"),
    (forms.BooleanField, "check"), (forms.ChoiceField, "choice"), (forms.CharField, "words"),
)  # fmt: skip
# Who is offered by such a document is a person: a phone that is lost would name them.
_PERSONS: Final = ("CC ", "CE ", "PPT ", "PA ")
Lists = list[Any]


def kinds_without_signal() -> list[Kind]:
    """What a phone captures with these forms: a purchase from a subsistence miner has a page of its own."""
    return [kind for kind in KINDS.values() if kind.listed]


def declared(kind: Kind, known: Known, lists: Lists) -> dict[str, Any]:
    """The form of a kind, with what follows from the kind itself. `lists`: every list of choices once; it grows."""
    groups = CaptureForm(kind=kind, known=known).groups
    return {
        "name": kind.name, "title": str(kind.title), "lead": str(kind.lead), "picks": kind.picks,
        "arrives": kind.weighs == "receipt", "reporter": REPORTER[kind.name], "takes": TAKES.get(kind.name, ""),
        "makes": kind.name in MAKES_ONE, "ticket": kind.name in WITH_TICKET,
        "groups": [
            {"legend": str(each.legend), "folded": each.folded, "fields": [_field(one, lists) for one in each.fields]}
            for each in groups
        ],
    }  # fmt: skip


def _field(bound: BoundField, lists: Lists) -> dict[str, Any]:
    field = bound.field
    said: dict[str, Any] = {
        "path": bound.name, "as": next(name for kind, name in _AS if isinstance(field, kind)),
        "label": str(field.label), "help": str(field.help_text), "required": field.required,
    }  # fmt: skip
    if isinstance(field, forms.CharField):
        said["longest"] = field.max_length
    if isinstance(field, Figure):
        said |= {"group": field.group, "decimals": field.decimals}
    if isinstance(field.widget, Suggesting) and not isinstance(field, Town):  # the phone has every town apart
        said["offered"] = list(_of_no_person(field.widget.offered()))
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        said |= {"choices": _listed(_texts(choices), lists), "initial": field.initial or ""}
    if isinstance(field, Here):
        said["places"] = {key: _spot(spot, field.today) for key, spot in field.by_key.items()}
    return said


def _spot(spot: Spot, on: date) -> dict[str, Any]:
    """A place; of a scale that serves that day, since and until when, and how it weighs each unit up to which load."""
    said = {"place": spot.place, "words": spot.words}
    last = spot.scale.last(on) if spot.scale is not None else None
    if spot.scale is None or last is None:
        return said
    weighs = {unit: steps for unit in UNITS if (steps := bands(spot.scale, unit, on))}
    return said | {"since": last.since.isoformat(), "until": last.until.isoformat(), "bands": weighs}


def _of_no_person(offered: Iterable[tuple[str, str]]) -> Iterable[list[str]]:
    return ([value, label] for value, label in offered if not label.startswith(_PERSONS))


def _texts(choices: Iterable[Any]) -> list[Any]:
    """Choices, and choices under a heading, as plain lists."""
    return [[str(value), _texts(label) if isinstance(label, list | tuple) else str(label)] for value, label in choices]


def _listed(choices: list[Any], lists: Lists) -> int:
    """Where the list stands among all; the same one is kept once."""
    if choices not in lists:
        lists.append(choices)
    return lists.index(choices)
