"""How sending stands: by client, and record by record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from veta.node.domain.clients import MandateState
from veta.node.domain.records import OPEN, State
from veta.node.models import Client, OutboxItem
from veta.node.queries.differences import open_differences
from veta.node.queries.mandates import last_steps
from veta.node.queries.remedies import fix_of

STATES: dict[State, tuple[Promise, str]] = {
    State.QUEUED: (_("En cola"), "wait"),
    State.SENT: (_("Enviado, sin respuesta"), "wait"),
    State.HELD: (_("Detenido: sin mandato"), "stop"),
    State.DEAD: (_("Necesita a una persona"), "stop"),
    State.ACCEPTED: (_("Aceptado por la PTM"), "ok"),
    State.PENDING: (_("Espera a la otra parte"), "wait"),
    State.REJECTED: (_("Rechazado por la PTM"), "stop"),
    State.REFUSED: (_("La otra parte lo negó"), "stop"),
    State.WITHDRAWN: (_("Retirado"), "stop"),
    State.LAPSED: (_("Venció sin respuesta"), "stop"),
    State.REVERSED: (_("Reversado en la PTM"), "stop"),
    State.REPLACED: (_("Corregido en otro registro"), "ok"),
    State.DISMISSED: (_("Descartado"), "stop"),
}
MANDATES: dict[MandateState, tuple[Promise, str]] = {
    MandateState.NONE: (_("Sin proponer"), "wait"),
    MandateState.PROPOSED: (_("Propuesto: falta que el cliente lo confirme"), "wait"),
    MandateState.IN_FORCE: (_("Vigente"), "ok"),
    MandateState.ENDED: (_("Terminado: nada se envía"), "stop"),
}


KINDS: dict[str, Promise] = {
    "production": _("Producción"),
    "subsistence_purchase": _("Compra a minero de subsistencia"),
    "sale": _("Venta"),
    "dispatch": _("Despacho"),
    "receipt": _("Recepción"),
    "transformation": _("Transformación"),
    "regroup": _("Mezcla o división"),
    "export": _("Exportación"),
    "consumption": _("Consumo"),
    "loss": _("Pérdida"),
    "documented_intake": _("Ingreso documentado"),
    "retention": _("Retención y aviso"),
    "reversal": _("Reversión"),
    "confirm": _("Confirmación"),
    "refuse": _("Negativa"),
    "withdraw": _("Retiro de una oferta"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A client with its mandate and its queue."""

    client: Client
    mandate: MandateState
    cause: str
    waiting: int
    held: int
    dead: int
    answered: int
    differences: int

    @property
    def mandate_label(self) -> Promise:
        return MANDATES[self.mandate][0]

    @property
    def mandate_tone(self) -> str:
        return MANDATES[self.mandate][1]


@dataclass(frozen=True, slots=True)
class Line:
    """A record on its way, for a table."""

    item: OutboxItem

    @property
    def kind_label(self) -> Promise | str:
        return KINDS.get(self.item.record.kind, self.item.record.kind)

    @property
    def state_label(self) -> Promise:
        return STATES[State(self.item.state)][0]

    @property
    def tone(self) -> str:
        return STATES[State(self.item.state)][1]

    @property
    def fix(self) -> str:
        """What the person can do about it now; empty where nothing is to be done."""
        return fix_of(self.item.record.kind, State(self.item.state), self.item.cause, self.item.fix)


def standings(clients: Sequence[Client]) -> list[Standing]:
    """How each client stands, in the order given; four queries."""
    ids = [client.id for client in clients]
    steps = last_steps(ids)
    counted = {
        row["client"]: row for row in OutboxItem.objects.filter(client__in=ids).values("client").annotate(**_COUNTS)
    }
    none = dict.fromkeys(_COUNTS, 0)
    differ = open_differences(ids)
    return [
        _standing(client, steps.get(client.id), counted.get(client.id, none), differ.get(client.id, 0))
        for client in clients
    ]


def latest(client: UUID, *, limit: int) -> list[Line]:
    """A client's latest records, the newest first."""
    items = OutboxItem.objects.filter(client=client).select_related("record").order_by("-number")
    return [Line(item) for item in items[:limit]]


_COUNTS = {
    "waiting": Count("number", filter=Q(state__in=[state.value for state in OPEN])),
    "held": Count("number", filter=Q(state=State.HELD.value)),
    "dead": Count("number", filter=Q(state=State.DEAD.value)),
    "answered": Count("number", filter=Q(answered_at__isnull=False)),
}


def _standing(client: Client, step: object, counts: Mapping[str, Any], differences: int) -> Standing:
    state = MandateState(getattr(step, "state", MandateState.NONE))
    figures = {name: counts[name] for name in _COUNTS}
    return Standing(client=client, mandate=state, cause=getattr(step, "cause", ""), differences=differences, **figures)
