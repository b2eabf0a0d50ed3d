"""Nobody looks at a person's data without saying what for; what was said is written down at each look."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _

from veta.site.caller import person_of
from veta.site.form_page import Button, FormPage
from veta.site.forms import PurposeForm
from veta.site.services import record_access

SESSION_KEY = "purposes"
LASTS_SECONDS = 900

View = Callable[..., HttpResponseBase]


def purpose_required(subject: str) -> Callable[[View], View]:
    """For a page about one actor: ask the purpose first, then record every look.

    `subject` names the view's argument that holds the actor's id. A purpose holds for that actor and session for 15
    minutes. Effect: one `AccessRecord` for each call that reaches the view.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def asking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor: UUID = kwargs[subject]
            said = request.session.get(SESSION_KEY, {}).get(str(actor))
            if not said or said["until"] <= time.time():
                query = urlencode({"next": request.get_full_path()})
                return redirect(f"{reverse('access_purpose', args=[actor])}?{query}")
            name = request.resolver_match.view_name if request.resolver_match else ""
            record_access(
                user=person_of(request),
                subject=actor,
                purpose=said["purpose"],
                reference=said["reference"],
                endpoint=name,
            )
            return view(request, *args, **kwargs)

        return asking

    return decorate


def ask(request: HttpRequest, subject: UUID) -> HttpResponse:
    """The page that asks: what is answered is kept in the session, and the person goes on to where they were going."""
    form = PurposeForm(request.POST or None, initial={"next": request.GET.get("next", "")})
    asked_for = request.POST.get("next") or request.GET.get("next") or ""
    target = asked_for if _is_ours(request, asked_for) else reverse("home")
    if form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("purpose", "reference")}
        until = int(time.time()) + LASTS_SECONDS
        purposes = request.session.get(SESSION_KEY, {})
        request.session[SESSION_KEY] = {**purposes, str(subject): {**said, "until": until}}
        return redirect(target)
    page = FormPage(
        title=_("¿Para qué consulta estos datos?"), back=reverse("home"), back_label=_("Inicio"),
        lead=_("Son datos personales. Su respuesta y cada consulta quedan en un registro que la auditoría revisa."),
        buttons=(Button(_("Continuar")),),
    )  # fmt: skip
    return page.respond(request, form)


def _is_ours(request: HttpRequest, url: str) -> bool:
    return url_has_allowed_host_and_scheme(url, allowed_hosts=None, require_https=request.is_secure())
