"""A page that is one form: what it is called, where it goes back to, and its buttons."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Button:
    """A button that sends the form; `value` goes as `decision` where a form has several."""

    label: Text
    value: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class FormPage:
    """The frame of the form, drawn by `site/form_page.html`, or by a template that adds to it what `shown` holds."""

    title: Text
    back: str
    back_label: Text
    buttons: tuple[Button, ...]
    lead: Text = ""
    facts: tuple[tuple[Text, Text], ...] = field(default=())
    template: str = "site/form_page.html"
    shown: Mapping[str, object] = field(default_factory=dict)

    def respond(self, request: HttpRequest, form: forms.Form) -> HttpResponse:
        """The page with its form; 422 where the form came back with errors."""
        context = {**self.shown, "page": self, "form": form}
        return render(request, self.template, context, status=422 if form.errors else 200)
