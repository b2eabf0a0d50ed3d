"""The form of one kind: its fields by path, its lots, and the hub's own findings set beside what they are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.kernel.finding import Finding
from veta.kernel.ids import uuid7
from veta.node.domain.capturing import TAKES, blended, item_of, within_minute, written
from veta.node.domain.scales import weighed
from veta.node.domain.spoken import comma, figure
from veta.node.pages.capture.fields import Figure
from veta.node.pages.capture.here import Here, Spot
from veta.node.pages.capture.kinds import Kind
from veta.node.queries.known import Known, OnTheRoad, Pick

INSIST = "insistir"
LAST = 7  # of a UUID, the version


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that stand together; `folded` ones open when asked for, or when something in them is wrong."""

    legend: str | Promise
    fields: list[BoundField]
    folded: bool

    @property
    def open(self) -> bool:
        return any(field.errors or field.value() for field in self.fields)


@dataclass(frozen=True, slots=True)
class Row:
    """A lot that can be taken from: its box and its quantity."""

    pick: Pick
    take: BoundField
    amount: BoundField


class CaptureForm(forms.Form):
    """What is asked of one movement. A lot that is ticked without a quantity is taken whole."""

    def __init__(self, data: Any = None, *, kind: Kind, known: Known, road: OnTheRoad | None = None,
                 start: Mapping[str, Any] | None = None) -> None:  # fmt: skip
        super().__init__(data, initial=dict(start or {}), prefix=None)
        self.kind, self.known, self.road = kind, known, road
        self.paths: dict[str, str] = {}
        self.fields["id"] = forms.UUIDField(widget=forms.HiddenInput, initial=uuid7)
        for asked in kind.asked:
            field = asked.make(known)
            if isinstance(field, Here) and not known.branches and not (data and data.get(asked.path)):
                continue
            self.fields[asked.path] = field
        for pick in known.picks if kind.picks else ():
            self.fields[f"toma-{pick.key}"] = forms.BooleanField(label=_("Tomar"), required=False)
            self.fields[f"cuanto-{pick.key}"] = Figure(label=_("Cantidad"), required=False)
        for place, (_lot, sent) in enumerate(road.lines if road else ()):
            self.fields[f"items[{place}].quantity"] = Figure(label=_("Lo que llegó"), initial=comma(sent))
            self.fields[f"items[{place}].lost"] = Figure(label=_("Lo que se perdió en el camino"), required=False)
        if data is not None and data.get("pide-insistir"):
            self.ask_to_insist()

    def ask_to_insist(self) -> None:
        """Offer to keep it as it is: what is found here stops nothing, the hub decides."""
        self.fields[INSIST] = forms.BooleanField(label=gettext_lazy("Guardarlo así: que decida la PTM"), required=False)

    def clean_id(self) -> UUID:
        """The record's own id, made with the page: sent twice, it is one record."""
        id = self.cleaned_data["id"]
        return id if isinstance(id, UUID) and id.version == LAST else uuid7()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.kind.picks and not self.errors and not list(self._taken(given)):
            where = _("Marque al menos un lote.") if self.known.picks else _("No hay lotes con saldo.")
            self.add_error(None, where)
        return given

    def _taken(self, given: Mapping[str, Any]) -> Iterable[tuple[Pick, str]]:
        for pick in self.known.picks:
            amount = given.get(f"cuanto-{pick.key}")
            if amount or given.get(f"toma-{pick.key}"):
                yield pick, amount or pick.left

    def item(self) -> dict[str, Any]:
        """The item as the hub takes it. Call it on a form that was found without errors."""
        given, values = self.cleaned_data, self._values()
        self.paths = {place: path for path, place in written(values).items()}
        made = item_of(self.kind.name, values, id=given["id"], party=self.known.client.party())
        if self.kind.name == "regroup":
            blended(made, next((pick.mineral.unit for pick, _amount in self._taken(given)), ""))
        if (scale := self.spot().scale) is not None:
            weighed(made, scale)
        return made

    def _values(self) -> dict[str, Any]:
        given = self.cleaned_data
        paths = (asked.path for asked in self.kind.asked if asked.path in given and asked.path != "place")
        own = {path: self._value(path) for path in paths}
        own["occurred_at"] = within_minute(given["occurred_at"], given["id"])
        if given.get("buyer_kind"):
            own["buyer_kind"] = "final_consumer"
        spot = self.spot()
        own |= {f"place.{name}": value for name, value in spot.place.items()}
        if spot.words:
            own["note"] = " ".join(filter(None, (spot.words, given.get("note"))))
        into = TAKES.get(self.kind.name, "")
        for n, (pick, amount) in enumerate(self._taken(given) if into else ()):
            own |= {f"{into}[{n}].lot": str(pick.lot.id), f"{into}[{n}].quantity": amount}
        if self.road is not None:
            own["dispatch"] = str(self.road.id)
            for n, (lot, _sent) in enumerate(self.road.lines):
                own[f"items[{n}].lot"] = str(lot)
                own |= {f"items[{n}].{name}": given.get(f"items[{n}].{name}") for name in ("quantity", "lost")}
        return own

    def _value(self, path: str) -> Any:
        value = self.cleaned_data[path]
        return value.isoformat() if isinstance(value, date | datetime) else value

    def spot(self) -> Spot:
        """Where it was: what was written, else the branch that was chosen, with its scale."""
        chosen: Any = self.fields.get("place")
        if chosen is None or self.cleaned_data.get("place.municipality"):
            return Spot({})
        found: Spot = chosen.by_key.get(self.cleaned_data.get("place"), Spot({}))
        return found

    def place_findings(self, findings: Iterable[Finding]) -> None:
        """Say each blocking finding beside its field."""
        for each in findings:
            if each.severity == "blocking":
                self.add_error(self._field_of(each.field), f"{each.code}: {each.message}")

    def _field_of(self, place: str) -> str | None:
        """The field that a finding is about: that of its path, else the nearest above or below it."""
        place = place.removeprefix("item.")
        for path in (self.paths.get(place, ""), place, f"{place}.number", f"{place}.municipality", f"{place}.code"):
            if path in self.fields:
                return path
        head = TAKES.get(self.kind.name)
        if head and place.startswith(f"{head}["):
            return self._lot_field(int(place[len(head) + 1 :].partition("]")[0]))
        below = (path for path in self.fields if place and path.startswith((f"{place}.", f"{place}[")))
        above = place.rpartition(".")[0]
        return next(below, None) or (self._field_of(above) if above else None)

    def _lot_field(self, place: int) -> str | None:
        taken = [pick.key for pick, _amount in self._taken(self.cleaned_data)]
        return f"cuanto-{taken[place]}" if place < len(taken) else None

    @property
    def groups(self) -> list[Group]:
        """The fields in their groups, in the table's order; the papers and notes last."""
        found: dict[str, Group] = {}
        for asked in self.kind.asked:
            if asked.path in self.fields:
                key = f"{asked.group} {asked.path.partition('.')[0] if asked.path.startswith('outputs') else ''}"
                group = found.setdefault(key, Group(asked.group, [], asked.folded))
                group.fields.append(self[asked.path])
        return sorted(found.values(), key=lambda group: (group.folded, str(group.legend) != ""))

    @property
    def rows(self) -> list[Row]:
        """The lots to pick from."""
        picks = self.known.picks if self.kind.picks else ()
        return [Row(pick, self[f"toma-{pick.key}"], self[f"cuanto-{pick.key}"]) for pick in picks]

    @property
    def arrivals(self) -> list[tuple[str, str, BoundField, BoundField]]:
        """Each line of the dispatch: its lot, what left, what arrived, what was lost."""
        lines = self.road.lines if self.road else ()
        return [
            (lot.hex[-6:], figure(sent), self[f"items[{n}].quantity"], self[f"items[{n}].lost"])
            for n, (lot, sent) in enumerate(lines)
        ]

    @property
    def insists(self) -> BoundField | None:
        return self[INSIST] if INSIST in self.fields else None
