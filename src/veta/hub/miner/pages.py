"""The pages a miner opens, from a message of the hub or with card and PIN."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from veta.hub.miner import answers, links
from veta.hub.miner.answers import Said
from veta.hub.miner.session import begin, end, own, private
from veta.hub.miner.shown import page_of
from veta.kernel.clock import SystemClock
from veta.kernel.errors import DomainError
from veta.movements.queries.purchases import purchases_named
from veta.registry.queries.cards import card_of
from veta.registry.services.cards import check_card, revoke_card
from veta.storage.connection import plain_cursor

SAID: dict[str, Said] = {"si": "si", "no": "no"}


class CardForm(forms.Form):
    """A card and its PIN."""

    tarjeta = forms.RegexField(
        label=_("Letras de su tarjeta"), regex=r"^[A-HJ-NP-Za-hj-np-z2-9 ]{26,40}$", strip=True,
        help_text=_("Están debajo del dibujo de cuadritos."),
        error_messages={"invalid": _("Revise las 26 letras y números de la tarjeta.")},
    )  # fmt: skip
    pin = forms.RegexField(
        label=_("Su PIN"), regex=r"^[0-9]{4,8}$", strip=True, help_text=_("Los números que solo usted sabe."),
        error_messages={"invalid": _("El PIN tiene de 4 a 8 números.")}, widget=forms.PasswordInput(),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pin"].widget.attrs |= {"inputmode": "numeric", "autocomplete": "off"}
        self.fields["tarjeta"].widget.attrs |= {"autocomplete": "off", "autocapitalize": "characters"}


@private
def start(request: HttpRequest) -> HttpResponse:
    """The entrance: what to do, and card and PIN for who has no message."""
    return _with_card(request, "")


@private
def card(request: HttpRequest, token: str) -> HttpResponse:
    """Where the card's drawing leads: only the PIN is asked."""
    return _with_card(request, token)


def _with_card(request: HttpRequest, token: str) -> HttpResponse:
    given = {"tarjeta": token, **request.POST.dict()} if request.method == "POST" else None
    form = CardForm(given, initial={"tarjeta": token})
    if token:
        form.fields["tarjeta"].widget = forms.HiddenInput()
    if form.is_valid():
        shown = form.cleaned_data["tarjeta"].replace(" ", "").upper()
        try:
            actor = check_card(shown, form.cleaned_data["pin"])
        except DomainError as refused:
            form.add_error(None, refused.message)
        else:
            begin(request, actor)
            return redirect("miner_page")
    return render(request, "miner/start.html", {"form": form}, status=422 if form.errors else 200)


@private
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Where a message leads. The address is left at once, so that it stays in no history with what it opened."""
    actor = links.actor_of(token, now=SystemClock().now())
    if actor is None:
        return render(request, "miner/lapsed.html", status=404)
    begin(request, actor)
    return redirect("miner_page")


@own
def page(request: HttpRequest, actor: UUID) -> HttpResponse:
    """The person's page. What the person answered to a sale is not on it, so that nobody who looks can tell."""
    return render(request, "miner/page.html", page_of(actor))


@own
def answer(request: HttpRequest, actor: UUID) -> HttpResponse:
    """«Fui yo» or «No fui yo»: the same work, the same answer."""
    said: Said | None = SAID.get(request.POST.get("dijo", ""))
    try:
        movement = UUID(request.POST.get("venta", ""))
    except ValueError:
        raise Http404 from None
    found = purchases_named(plain_cursor(), [movement]).get(movement)
    if found is None or found.seller != actor or said is None:
        raise Http404
    answers.keep(actor=actor, movement=movement, said=said, now=SystemClock().now())
    return redirect("miner_done")


@own
def done(request: HttpRequest, actor: UUID) -> HttpResponse:
    """The same words whatever was answered."""
    return render(request, "miner/done.html")


@own
def lost(request: HttpRequest, actor: UUID) -> HttpResponse:
    """End the person's own card, after asking once."""
    held = card_of(actor)
    if held is None or held.state != "serves":
        return redirect("miner_page")
    if request.method == "POST":
        revoke_card(held.id, reason="perdida, dicho por su dueño", by="su dueño")
        return redirect("miner_page")
    return render(request, "miner/lost.html")


@private
def leave(request: HttpRequest) -> HttpResponse:
    """Leave in a hurry: the session ends, and what is on the screen next is a page of prices that anybody may read."""
    end(request)
    return redirect("price_list")
