"""How the desk names people: firms in clear, natural persons by their initials until a purpose is said."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from veta.hub.desk.tables import Cell
from veta.registry.queries import public_names_of


class Names:
    """The names of the actors of a page, read once."""

    def __init__(self, actors: Iterable[UUID | None], *, linked: bool) -> None:
        wanted = {actor for actor in actors if actor is not None}
        self._names: Mapping[UUID, str] = public_names_of(wanted) if wanted else {}
        self._linked = linked

    def text(self, actor: UUID | None) -> str:
        """The name that anybody may read; a dash for nobody."""
        return "—" if actor is None else self._names.get(actor) or _("sin nombre")

    def cell(self, actor: UUID | None) -> Cell:
        """The name, with the way to the actor's page for those who may open it."""
        url = reverse("desk_actor", args=[actor]) if actor is not None and self._linked else ""
        return Cell(self.text(actor), url=url)
