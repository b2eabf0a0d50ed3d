"""What of the calls waits for a second person, for the list of all that does."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from veta.calls.domain.mails import STANDS
from veta.calls.domain.verdicts import unacted
from veta.calls.queries import calls
from veta.hub.calls import words

# What, about whom, who asked, since when, where it is decided.
Line = tuple[str | Promise, str, str, datetime | None, str]


def to_sign() -> Iterator[Line]:
    """The acts that were prepared."""
    for call in calls():
        if waiting := call.prepared:
            url = reverse("calls_sign", args=[call.code])
            yield words.KINDS[waiting.kind], f"{call.code} · {waiting.number}", waiting.by, waiting.at, url


def to_settle() -> Iterator[Line]:
    """The acts over one firm."""
    for call in calls():
        for each in call.applications.values():
            if waiting := each.pending_act:
                url = reverse("calls_settle", args=[call.code, each.id])
                yield words.ACTS[waiting["act"]], f"{call.code} · {each.firm}", waiting["by"], None, url


def to_confirm() -> Iterator[Line]:
    """The verdicts and the tests that one person recorded, and the observations upheld that two have to act on."""
    for call in calls():
        for each in call.applications.values():
            for code, item in sorted(each.items.items()):
                if item.proposed is not None:
                    url = reverse("calls_judge", args=[call.code, each.id, code])
                    about = f"{call.code} · {each.firm} · {code}"
                    yield _("Evaluación de un requisito"), about, item.proposed.proposed_by, item.proposed.at, url
            for on in ("preliminary", "results"):
                for seen in unacted(each, on) if each.state in STANDS[on] else ():
                    url = reverse("calls_application", args=[call.code, each.id])
                    about = f"{call.code} · {each.firm} · {seen.item or _('Toda la evaluación')}"
                    yield _("Observación acogida: falta evaluar otra vez"), about, "", seen.answered_at, url
            if each.pending_attempt is not None:
                url = reverse("calls_attempt", args=[call.code, each.id])
                run = each.pending_attempt
                yield _("Prueba de un operador"), f"{call.code} · {each.firm}", run.proposed_by, run.at, url
