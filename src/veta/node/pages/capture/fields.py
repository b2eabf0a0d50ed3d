"""The fields of the capture forms: what a person writes, read as a workbook's cell is, for nothing may be guessed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.kernel.clock import SystemClock
from veta.kernel.period import BOGOTA
from veta.node.domain.sheets.cells import Group, Mending, figure
from veta.node.domain.sheets.marks import CellFault
from veta.node.domain.sheets.words import UNITS, Vocabulary
from veta.node.pages.joining_forms import TYPES
from veta.node.pages.towns import Suggesting, Town
from veta.node.queries.known import Known
from veta.norms.catalogue import catalogue
from veta.norms.minerals import Mineral

Text = Any  # what Django's fields take: text, now or when it is shown
Make = Callable[[Known], forms.Field]
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class Figure(forms.CharField):
    """A figure with a decimal comma or point; one that can be read in two ways is refused."""

    def __init__(self, *, group: Group = "measure", decimals: int = 6, **kwargs: Any) -> None:
        attrs = {"inputmode": "decimal", "autocomplete": "off"}
        super().__init__(max_length=40, widget=forms.TextInput(attrs), **kwargs)
        self.group, self.decimals = group, decimals

    def clean(self, value: Any) -> str:
        said = super().clean(value)
        return _read(lambda: figure(said, Mending(), group=self.group, decimals=self.decimals, units=UNITS.spellings))


class Moment(forms.CharField):
    """Day and hour, as the wall says in Bogotá; kept with its offset."""

    def __init__(self, **kwargs: Any) -> None:
        now = SystemClock().now().astimezone(BOGOTA)
        widget = forms.DateTimeInput({"type": "datetime-local"})
        super().__init__(max_length=40, widget=widget, initial=f"{now:%Y-%m-%dT%H:%M}", **kwargs)

    def clean(self, value: Any) -> str:
        said = super().clean(value)
        try:
            read = datetime.fromisoformat(said)
        except ValueError:
            raise forms.ValidationError(_("Escriba el día y la hora en que ocurrió.")) from None
        return (read if read.tzinfo else read.replace(tzinfo=BOGOTA)).isoformat()


def _read(read: Callable[[], str]) -> str:
    try:
        return read()
    except CellFault as fault:
        raise forms.ValidationError(f"{fault.cause} {fault.remedy}") from None


def figure_of(label: Text, help: Text = "", *, required: bool = True, **kwargs: Any) -> Make:
    return lambda known: Figure(label=label, help_text=help, required=required, **kwargs)


def words(label: Text, longest: int, help: Text = "", *, required: bool = False) -> Make:
    return lambda known: forms.CharField(label=label, help_text=help, max_length=longest, required=required)


def one_of(label: Text, vocabulary: Vocabulary, *, required: bool = False, help: Text = "") -> Make:
    def make(known: Known) -> forms.Field:
        choices = [*([] if required else [("", "—")]), *vocabulary.labels.items()]
        return forms.ChoiceField(label=label, choices=choices, required=required, help_text=help)

    return make


def day(label: Text) -> Make:
    return lambda known: forms.DateField(label=label, widget=DAY, required=False)


def town(label: Text, *, required: bool) -> Make:
    help = gettext_lazy("Nombre o código DIVIPOLA.")
    return lambda known: Town(label=label, help_text=help, required=required, max_length=120)


def document_type(label: Text) -> Make:
    return lambda known: forms.ChoiceField(label=label, choices=TYPES, required=False)


def suggested(label: Text, offered: Callable[[Known], Iterable[tuple[str, str]]], *, help: Text = "",
              longest: int = 60, required: bool = True) -> Make:  # fmt: skip
    return lambda known: forms.CharField(
        label=label, help_text=help, max_length=longest, required=required, widget=Suggesting(offered(known))
    )


def mineral(label: Text, *, only: Collection[str] = (), required: bool = True) -> Make:
    """A mineral; those that the client reported before stand first, each with the unit that is its only one."""

    def make(known: Known) -> forms.Field:
        every = [each for each in catalogue() if not each.is_heading and (not only or each.code in only)]
        before = known.minerals
        used = [each for each in every if each.code in before]
        rest = sorted((each for each in every if each not in used), key=lambda each: each.name)
        groups = [(_("Los de siempre"), list(map(_choice, used)))] if used else []
        choices: list[Any] = [("", "—"), *groups, (_("Todos"), list(map(_choice, rest)))]
        return forms.ChoiceField(
            label=label, choices=choices, required=required, initial=used[0].code if required and used else ""
        )

    return make


def _choice(mineral: Mineral) -> tuple[str, str]:
    return mineral.code, f"{mineral.name} ({mineral.unit})"
