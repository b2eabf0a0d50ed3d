"""Every message has its English, the compiled catalogues are in step, and the pages speak both languages."""

from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext, ngettext

from checks.messages import OVERRIDES, SOURCE, catalogue_of, compiled, slices, untranslated, updated, written

pytestmark = pytest.mark.django_db
# Read from the disk, since to gather them from the source takes seconds, and every run collects this file.
SLICES = sorted(path.parent.name for path in SOURCE.glob("*/locale"))


def test_every_slice_with_messages_has_its_catalogue_and_no_other() -> None:
    assert slices() == SLICES


@pytest.mark.parametrize("name", SLICES)
def test_a_slices_catalogue_holds_every_message_of_its_source(name: str) -> None:
    committed = catalogue_of(name).read_bytes()
    assert committed == written(updated(name)), "run `python -m checks.messages` and translate what it lists"


@pytest.mark.parametrize("name", SLICES)
def test_every_message_is_translated(name: str) -> None:
    assert untranslated(updated(name)) == []


@pytest.mark.parametrize("path", [*map(catalogue_of, SLICES), OVERRIDES], ids=lambda path: path.parts[-5])
def test_the_compiled_catalogue_is_the_one_of_the_text(path: Path) -> None:
    catalog = read_po(path.open("rb"), locale=path.parts[-3])
    assert path.with_suffix(".mo").read_bytes() == compiled(catalog), "run `python -m checks.messages`"


@pytest.mark.parametrize("name", SLICES)
def test_placeholders_survive_translation(name: str) -> None:
    for message in updated(name):
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
