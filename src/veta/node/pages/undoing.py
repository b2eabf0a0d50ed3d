"""An accepted movement is undone by who reported it: what will follow is said before it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.kernel.clock import SystemClock
from veta.kernel.errors import DomainError
from veta.kernel.ids import uuid7
from veta.kernel.period import bogota_date
from veta.node.domain.spoken import moment
from veta.node.domain.undoing import Undo, answer_term, term
from veta.node.models import BusinessRecord, OutboxItem
from veta.node.pages.records import WRITES
from veta.node.queries.members import client_for
from veta.node.queries.outbox import KINDS, Line
from veta.node.queries.undoing import Undoing, undoing_of
from veta.node.record_words import facts_of
from veta.node.services.undoing import undo
from veta.norms import norms
from veta.site.caller import person_of
from veta.site.form_page import Button, FormPage, Text

# What it takes back, by kind.
FOLLOWS: Final[Mapping[str, Promise]] = {
    "production": gettext_lazy("El lote deja de existir y lo extraído vuelve a quedar por extraer."),
    "subsistence_purchase": gettext_lazy(
        "El lote deja de ser suyo, lo comprado vuelve al cupo del minero y la PTM se lo avisa."
    ),
    "sale": gettext_lazy(
        "El mineral vuelve a ser suyo cuando quien compró lo confirme; mientras tanto queda apartado."
    ),
    "regroup": gettext_lazy("Los lotes que salieron dejan de existir y vuelven los que entraron."),
    "transformation": gettext_lazy("Los productos dejan de existir y vuelve lo que entró al proceso."),
}


class UndoForm(forms.Form):
    """Why it is undone; the id makes it one, however often it is sent."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    motivo = forms.CharField(
        label=gettext_lazy("Por qué se anula"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Va a la PTM con la anulación y no se borra."),
    )  # fmt: skip


def undo_page(request: HttpRequest, client: UUID, record: UUID) -> HttpResponse:
    """Say what undoing the record would do, and ask for it with its reason."""
    found = client_for(person_of(request).id, client, *WRITES)
    items = OutboxItem.objects.select_related("record__client", "record__branch")
    item, now = get_object_or_404(items, record=record, client=found), SystemClock().now()
    form = UndoForm(request.POST or None, initial={"id": uuid7()})
    if form.is_valid():
        made = _asked(request, form, item.record, undoing_of(item, now=now), now)
        if made is not None:
            return redirect("node_record", client=found.id, record=made)
    known = undoing_of(item, now=now)
    if known is None:
        messages.error(request, _("Solo se anula lo que la PTM aceptó. Vea cómo quedó el registro."))
        return redirect("node_record", client=found.id, record=record)
    page = FormPage(
        title=_("Anular el movimiento"), back=reverse("node_record", args=[found.id, record]),
        back_label=Line(item).kind_label, buttons=(Button(_("Anular"), tone="stop"),) if known.open else (),
        facts=(*((label, said) for label, said in facts_of(item.record, found)), *_follows(item.record, known, now)),
        template="node/undo.html",
        shown={"client": found, "refusal": _refusal(known, now), "asked": known.asked, "built": _named(known),
               "certified": known.certified},
    )  # fmt: skip
    if not known.open:
        form.fields.clear()
    return page.respond(request, form)


def _asked(
    request: HttpRequest, form: UndoForm, record: BusinessRecord, known: Undoing | None, now: datetime
) -> UUID | None:
    """The reversal that was captured; None with the reason on the form where it is not."""
    given = form.cleaned_data
    if known is not None and known.asked is None and not known.open:
        form.add_error(None, _refusal(known, now))
        return None
    try:
        made = undo(record, id=given["id"], reason=given["motivo"], now=now, by=person_of(request))
    except DomainError as refused:
        form.add_error(None, refused.message)
        return None
    messages.success(request, _("La anulación quedó guardada. Vale cuando la PTM la acepte."))
    return made.pk


def _follows(record: BusinessRecord, known: Undoing, now: datetime) -> Iterator[tuple[Text, Text]]:
    """What will follow, until when it can be asked for and by which norm, and whose answer it waits for."""
    if known.way not in (Undo.AT_ONCE, Undo.ASKS):
        return
    yield _("Qué pasará"), FOLLOWS[record.kind]
    yield _("Después"), _("Nada se borra: queda como reversado. Si era un error, capture otro con los datos correctos.")
    if known.way is Undo.ASKS:
        hours = int(answer_term(now).total_seconds() // 3600)
        yield (
            _("Quién debe confirmar"),
            _("Quien compró. Si lo niega o no responde en %(hours)s horas, la venta sigue en pie.") % {"hours": hours},
        )
    yield _("Puede anularse hasta"), f"{moment(known.until)} · {_norm(now)}"


def _norm(now: datetime) -> str:
    """The term with its norm, and whether somebody read it."""
    said = norms().value("reversal.window", bogota_date(now))
    days = _("%(days)s días desde que la PTM lo recibió") % {"days": term(now).days}
    unread = "" if said.status == "verified" else f" ({_('no verificado')})"
    return f"{days}. {said.norm}{unread}"


def _refusal(known: Undoing, now: datetime) -> str:
    """Why it cannot be asked for and what to do instead; empty where it can."""
    match known.way:
        case Undo.AUTHORITY:
            return _("Lo que salió del sistema, lo retenido y lo que entró con papeles solo lo deshace la autoridad. "
                     "Preséntele la solicitud con sus soportes.")  # fmt: skip
        case Undo.NOBODY:
            return _("Un movimiento de esta clase no se anula. Si pesó mal, repórtelo en la recepción o como pérdida.")
    if known.asked is not None:
        return _("Ya se pidió anularlo. Vea en el registro cómo va.")
    if known.late:
        return _("Pasaron más de %(days)s días: solo la autoridad puede deshacerlo. Preséntele la solicitud con sus "
                 "soportes.") % {"days": term(now).days}  # fmt: skip
    return ""


def _named(known: Undoing) -> list[tuple[BusinessRecord, str]]:
    return [(each, f"{KINDS.get(each.kind, each.kind)} · {moment(each.occurred_at)}") for each in known.built]
