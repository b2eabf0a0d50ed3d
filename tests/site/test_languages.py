"""Every message has its English, the compiled catalogues are in step, and the pages speak both languages."""

import pytest
from babel.messages.pofile import read_po
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext, ngettext

from checks.messages import LOCALES, compiled, untranslated, updated, written

pytestmark = pytest.mark.django_db


def test_the_english_catalogue_holds_every_message_of_the_source() -> None:
    committed = (LOCALES / "en" / "LC_MESSAGES" / "django.po").read_bytes()
    assert committed == written(updated("en")), "run `python -m checks.messages` and translate what it lists"


def test_every_message_is_translated() -> None:
    assert untranslated(updated("en")) == []


@pytest.mark.parametrize("locale", ["en", "es_CO"])
def test_the_compiled_catalogue_is_the_one_of_the_text(locale: str) -> None:
    folder = LOCALES / locale / "LC_MESSAGES"
    catalog = read_po((folder / "django.po").open("rb"), locale=locale)
    assert (folder / "django.mo").read_bytes() == compiled(catalog), "run `python -m checks.messages`"


def test_placeholders_survive_translation() -> None:
    for message in updated("en"):
        originals = message.id if isinstance(message.id, tuple) else [message.id]
        translations = message.string if isinstance(message.string, tuple) else [message.string]
        for original, translated in zip(originals, translations, strict=True):
            wanted = {word for word in original.split("%(") if ")s" in word}
            found = {word for word in translated.split("%(") if ")s" in word}
            assert {w.split(")")[0] for w in wanted} >= {f.split(")")[0] for f in found}


def test_plurals_and_percent_signs() -> None:
    with translation.override("en"):
        assert ngettext("%(n)s cuenta", "%(n)s cuentas", 1) % {"n": 1} == "1 account"
        assert ngettext("%(n)s cuenta", "%(n)s cuentas", 2) % {"n": 2} == "2 accounts"
    with translation.override("es-co"):
        assert gettext("This field is required.") == "Escriba este dato; es obligatorio."


def test_the_language_is_chosen_on_the_page_and_kept(client: Client) -> None:
    response = client.post("/idioma/", {"language": "en", "next": "/accesibilidad/"})
    assert response.headers["Location"] == "/accesibilidad/"
    page = client.get("/accesibilidad/", headers={"accept-language": "es-CO"}).text
    assert "enlarged to 200 %." in page
    assert '<html lang="en">' in page


def test_the_language_form_sends_nobody_away(client: Client) -> None:
    response = client.post("/idioma/", {"language": "en", "next": "https://elsewhere.invalid/"})
    assert response.headers["Location"] == "/"


def test_form_errors_are_said_in_spanish(client: Client) -> None:
    page = client.post("/ingreso/", {}).text
    assert "Escriba este dato; es obligatorio." in page
    assert "required." not in page
