"""The catalogues of the pages: read every message from the code and templates, keep the translations, compile.

`python -m checks.messages` brings `src/veta/locale/*/LC_MESSAGES/django.{po,mo}` up to date and says what is left to
translate. Python alone does it: no xgettext or msgfmt is needed. The source language is Spanish, so `en` holds every
message; `es_CO` holds only what we say otherwise than the libraries do.
"""

import ast
import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

SOURCE = Path(__file__).parents[1] / "src" / "veta"
LOCALES = SOURCE / "locale"
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
IN_TEMPLATE = re.compile(r"\b(n?gettext)\((.*?)\)(?=[\s}]|$)", re.DOTALL)

Found = tuple[str, str | tuple[str, str]]


def extracted() -> Catalog:
    """Every message of the source, each with the files that use it."""
    catalog = Catalog()
    for path in sorted(SOURCE.rglob("*")):
        where = str(path.relative_to(SOURCE))
        if path.suffix == ".py" and "migrations" not in path.parts:
            found = _of_python(path)
        elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
            found = _of_template(path)
        else:
            continue
        for message in found:
            catalog.add(message, locations=[(where, 0)])
    return catalog


def updated(locale: str) -> Catalog:
    """The committed catalogue with today's messages: translations kept, messages that are gone dropped."""
    path = LOCALES / locale / "LC_MESSAGES" / "django.po"
    known = read_po(path.open("rb"), locale=locale) if path.exists() else Catalog(locale=locale)
    fresh = Catalog(locale=locale, project="Veta", charset="utf-8", fuzzy=False)
    for message in extracted():
        if message.id:
            before = known.get(message.id)
            fresh.add(message.id, before.string if before else None, locations=message.locations)
    return fresh


def compiled(catalog: Catalog) -> bytes:
    """The bytes of the .mo file, the same for the same text: its header carries a fixed date instead of today's."""
    catalog.creation_date = catalog.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def written(catalog: Catalog) -> bytes:
    """The bytes of the .po file, the same for the same messages: no dates, no line numbers."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=120, omit_header=False, include_lineno=False, sort_output=True)
    dated = ("Creation-Date", "Revision-Date", "Last-Translator", "Generated-By", "Report-Msgid", "Language-Team")
    lines = buffer.getvalue().decode().splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("#") or line.startswith("#:")]
    return "".join(line for line in kept if not any(word in line for word in dated)).encode()


def untranslated(catalog: Catalog) -> list[str]:
    """The messages that have no translation, or only one of their plurals."""
    return [
        str(message.id)
        for message in catalog
        if message.id and not all(message.string if isinstance(message.string, tuple) else [message.string])
    ]


def _of_python(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def _of_template(path: Path) -> Iterator[str | tuple[str, str]]:
    from django.utils.translation.template import templatize

    for call, arguments in IN_TEMPLATE.findall(templatize(path.read_text(), origin=str(path))):
        values = ast.literal_eval(f"({arguments},)" if call == "gettext" else f"({arguments.rpartition(',')[0]},)")
        yield values[0] if call == "gettext" else (values[0], values[1])


def main() -> int:
    """Write the catalogues; 1 where something is left to translate."""
    import django
    from django.conf import settings

    settings.configure(USE_I18N=True)
    django.setup()
    english = updated("en")
    (LOCALES / "en" / "LC_MESSAGES" / "django.po").write_bytes(written(english))
    for locale in ("en", "es_CO"):
        path = LOCALES / locale / "LC_MESSAGES" / "django.po"
        path.with_suffix(".mo").write_bytes(compiled(read_po(path.open("rb"), locale=locale)))
    left = untranslated(english)
    print(f"{len(english)} messages, {len(left)} to translate", *left, sep="\n", file=sys.stderr)
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
