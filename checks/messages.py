"""The catalogues of the pages: read every message from the code and templates, keep the translations, compile.

`python -m checks.messages` brings `src/veta/<slice>/locale/en/LC_MESSAGES/django.{po,mo}` up to date and says what is
left to translate. Python alone does it: no xgettext or msgfmt is needed. The source language is Spanish, so `en` holds
every message of its slice; `src/veta/locale/es_CO` holds only what we say otherwise than the libraries do.
"""

import ast
import io
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

SOURCE = Path(__file__).parents[1] / "src" / "veta"
# A message of a package that is no Django application is kept with the pages' own.
ELSEWHERE = "site"
OVERRIDES = SOURCE / "locale" / "es_CO" / "LC_MESSAGES" / "django.po"
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
IN_TEMPLATE = re.compile(r"\b(n?gettext)\((.*?)\)(?=[\s}]|$)", re.DOTALL)

Found = tuple[str, str | tuple[str, str]]


def slices() -> list[str]:
    """The slices that have messages."""
    return sorted(extracted())


def catalogue_of(name: str) -> Path:
    """The English of a slice."""
    return SOURCE / name / "locale" / "en" / "LC_MESSAGES" / "django.po"


@cache
def extracted() -> dict[str, Catalog]:
    """Every message of the source by slice, each with the files that use it."""
    catalogs: dict[str, Catalog] = defaultdict(Catalog)
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix == ".py" and "migrations" not in path.parts:
            found = _of_python(path)
        elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
            found = _of_template(path)
        else:
            continue
        where = path.relative_to(SOURCE)
        name = where.parts[0] if (SOURCE / where.parts[0] / "apps.py").exists() else ELSEWHERE
        for message in found:
            if message:
                catalogs[name].add(message, locations=[(str(where), 0)])
    return dict(catalogs)


def updated(name: str) -> Catalog:
    """A slice's committed catalogue with today's messages: translations kept, messages that are gone dropped."""
    path = catalogue_of(name)
    known = read_po(path.open("rb"), locale="en") if path.exists() else Catalog(locale="en")
    fresh = Catalog(locale="en", project="Veta", charset="utf-8", fuzzy=False)
    for message in extracted()[name]:
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
    left = []
    for name in slices():
        english = updated(name)
        path = catalogue_of(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written(english))
        left += [f"{name}: {message}" for message in untranslated(english)]
    for path in [*map(catalogue_of, slices()), OVERRIDES]:
        path.with_suffix(".mo").write_bytes(compiled(read_po(path.open("rb"), locale=path.parts[-3])))
    print(f"{len(left)} messages to translate", *left, sep="\n", file=sys.stderr)
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
