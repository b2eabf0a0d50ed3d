"""The last comparison of a client's records with the hub's, its differences, and a button to compare again now."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.node.domain.reconciling import Differs
from veta.node.domain.records import State
from veta.node.models import Difference, Reconciliation
from veta.node.queries.differences import standing
from veta.node.queries.members import client_for
from veta.node.queries.outbox import STATES
from veta.node.roles import NodeRole
from veta.node.services.reconciling import WINDOW, not_looked_at
from veta.node.tasks import ask_to_reconcile
from veta.site.caller import caller_of, person_of

SHOWN = 500
WORDS: dict[Differs, tuple[Promise, Promise]] = {
    Differs.MISSING: (
        gettext_lazy("La PTM no lo tiene"),
        gettext_lazy("Avise a la mesa del operador: aquí figura con respuesta y allá no existe."),
    ),
    Differs.VERDICT: (
        gettext_lazy("La PTM dice otro veredicto"),
        gettext_lazy("Vale el de la PTM. Avise a la mesa del operador."),
    ),
    Differs.STATE: (
        gettext_lazy("En la PTM ya terminó de otro modo"),
        gettext_lazy("Vale el de la PTM: el registro ya quedó así aquí."),
    ),
    Differs.WAITING: (
        gettext_lazy("Lleva más de un día sin salir"),
        gettext_lazy("Abra el registro: dice por qué espera y qué hacer."),
    ),
    Differs.ELSEWHERE: (
        gettext_lazy("Se reportó fuera de este nodo"),
        gettext_lazy("Por otro operador u otro sistema. Si el cliente no lo reconoce, que use la página de la PTM."),
    ),
}


def book(request: HttpRequest, client: UUID) -> HttpResponse:
    """The latest run with its differences; POST asks for another."""
    found = client_for(person_of(request).id, client)
    if request.method == "POST":
        client_for(person_of(request).id, client, NodeRole.OWNER)
        if ask_to_reconcile(found.id):
            messages.success(request, _("Se está comparando con la PTM. Recargue la página en un minuto."))
        else:
            messages.info(request, _("Ya hay una comparación pedida. Recargue la página en un minuto."))
        return redirect("node_reconciliation", client=found.id)
    runs = list(Reconciliation.objects.filter(client=found).order_by("-id")[:30])
    lines = [_line(each) for each in standing([found.id])[:SHOWN]]
    manages = bool({NodeRole.OWNER, NodeRole.DESK} & caller_of(request).roles)
    context = {
        "client": found, "runs": runs, "lines": lines, "manages": manages, "window": WINDOW,
        "older": not_looked_at(runs[0]) if runs else 0,
    }  # fmt: skip
    return render(request, "node/reconciliation.html", context)


def _line(found: Difference) -> dict[str, object]:
    title, remedy = WORDS[Differs(found.differs)]
    return {
        "movement": found.movement, "title": title, "remedy": remedy, "ours": _state(found.ours),
        "theirs": _state(found.theirs),
    }  # fmt: skip


def _state(word: str) -> Promise | str:
    return STATES[State(word)][0] if word in {state.value for state in State} else word
