"""Boxes that offer what is known and take what is written: no list to scroll, and no script; a municipality by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.node.domain.sheets.cells import Mending
from veta.node.domain.sheets.marks import CellFault
from veta.node.models import Place
from veta.node.queries.places import places
from veta.node.tasks import ask_for_places

Offered = Iterable[tuple[str, str]] | Callable[[], Iterable[tuple[str, str]]]


class Suggesting(forms.TextInput):
    """A box that offers what was written before; anything else can be written too."""

    template_name = "node/suggesting.html"

    def __init__(self, offered: Offered, **attrs: Any) -> None:
        super().__init__({"autocomplete": "off", **attrs})
        self._offered = offered

    def offered(self) -> list[tuple[str, str]]:
        """What is offered now: each value, and how it is shown."""
        return list(self._offered() if callable(self._offered) else self._offered)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        offered = self.offered()
        if offered:
            context["widget"]["attrs"]["list"] = f"{context['widget']['attrs'].get('id', name)}_list"
        return {**context, "offered": offered}


class Town(forms.CharField):
    """A municipality by its name or its DIVIPOLA code; what is kept is the code."""

    def clean(self, value: Any) -> str:
        said = super().clean(value)
        try:
            return places().read(said, Mending())
        except CellFault as fault:
            remedy = _("Elíjalo en la lista, o escriba las cinco cifras de su código DIVIPOLA, por ejemplo 05001.")
            raise forms.ValidationError(f"{fault.cause} {remedy}") from None


class ChosenTown(Town):
    """A municipality that is looked for by typing part of its name; all of them are offered."""

    def __init__(self, **kwargs: Any) -> None:
        help = gettext_lazy("Empiece a escribir su nombre y elíjalo en la lista.")
        super().__init__(
            **{"label": gettext_lazy("Municipio"), "help_text": help, "max_length": 120, **kwargs},
            widget=Suggesting(_every_town),
        )

    def prepare_value(self, value: Any) -> Any:
        """A code by its name, where that is known."""
        found = Place.objects.filter(pk=value).first() if isinstance(value, str) and value.isdigit() else None
        return f"{found.name} ({found.department})" if found is not None else value


def _every_town() -> list[tuple[str, str]]:
    named = Place.objects.order_by("name", "department").values_list("name", "department", "code")
    return [(f"{name} ({department})", code) for name, department, code in named]


def ask_where_none() -> None:
    """Have the municipalities read of the hub where this node has none yet: until then their codes are written."""
    if not Place.objects.exists():
        ask_for_places()
