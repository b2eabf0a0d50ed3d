"""A report's files: JSON with everything, JUnit XML for a build, HTML and PDF for people, and their hashes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import orjson
import typst

from veta.conformance.telling import (
    Report,
    answers_of,
    facts_of,
    faults_of,
    mark_of,
    note_of,
    seen_of,
    steps_of,
)
from veta.kernel.period import bogota_date

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UNPRINTED = re.compile("[^\n\x20-\x7e\xa0-\u017f‐-‧‰-›→]")
SUMS = "SHA256SUMS"
HERE = Path(__file__).parent / "paper"
ANSWERS = "Respuestas de quien estaba presente"


def write_report(report: Report, folder: Path) -> list[Path]:
    """Write the files of a report; returns them, the list of hashes last. Effects: `folder`, made where it is not."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, made in FILES.items():
        (folder / name).write_bytes(made(report))
        written.append(folder / name)
    sums = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in written)
    (folder / SUMS).write_text(sums, encoding="ascii")
    return [*written, folder / SUMS]


def as_json(report: Report) -> bytes:
    """All of it."""
    return orjson.dumps(report, option=orjson.OPT_INDENT_2)


def as_junit(report: Report) -> bytes:
    """A suite for each group, a case for each scenario."""
    root = Xml.Element(
        "testsuites", name=f"{report['candidate']} {report['version']}", tests=str(len(report["scenarios"]))
    )
    groups = dict.fromkeys(each["group"] for each in report["scenarios"])
    for group in groups:
        cases = [each for each in report["scenarios"] if each["group"] == group]
        skipped = sum(bool(each.get("untried")) for each in cases)
        failed = sum(not each["passed"] for each in cases) - skipped
        suite = Xml.SubElement(
            root, "testsuite", name=group, tests=str(len(cases)), failures=str(failed), skipped=str(skipped)
        )
        for each in cases:
            seconds = f"{each['took_ms'] / 1000:.3f}"
            case = Xml.SubElement(
                suite, "testcase", classname=group, name=f"{each['id']} {each['title']}", time=seconds
            )
            if each.get("untried"):
                Xml.SubElement(case, "skipped", message=f"no se probó: {each['untried']}")
            elif not each["passed"]:
                Xml.SubElement(case, "failure", message="no conforme").text = _xml("\n".join(faults_of(each)))
            Xml.SubElement(case, "system-out").text = _xml("\n".join(_lines(each, report)))
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True))


def as_pdf(report: Report) -> bytes:
    """For the act; PDF/UA-1, so that it can be read aloud."""
    day = bogota_date(datetime.fromisoformat(report["began_at"]))
    data = {
        "heading": f"Formato de pruebas: {report['candidate']}", "date": [day.year, day.month, day.day],
        "foot": f"{note_of(report)} Resultado {report['result'][:23]}…", "facts": facts_of(report),
        "scenarios": [
            {
                **{key: each[key] for key in ("id", "title", "tests", "does", "sees", "norm", "status")},
                "mark": mark_of(each)[0], "tone": mark_of(each)[1],
                "lines": [
                    {"said": f"{number}. {said}", "evidence": digest}
                    for number, (said, _when, digest) in enumerate(steps_of(each), 1)
                ],
                "seen": seen_of(each),
                "answers": answers_of(each, report),
                "faults": faults_of(each), "evidence": each["evidence"], "exchanges": str(len(each["exchanges"])),
            }
            for each in report["scenarios"]
        ],
    }  # fmt: skip
    made = typst.compile(
        str(HERE / "report.typ"), root=str(HERE), sys_inputs={"data": json.dumps(_printed(data), ensure_ascii=False)},
        format="pdf", pdf_standards=["ua-1"], ignore_system_fonts=True,
    )  # fmt: skip
    return bytes(made)


def _lines(each: Mapping[str, Any], report: Report) -> list[str]:
    """A scenario's evidence as lines: its hash, each step with its own, who answered what, what it left behind."""
    steps = [f"{number}. {said} ({when}) {digest}" for number, (said, when, digest) in enumerate(steps_of(each), 1)]
    seen = [f"{title}: {line}" for title, lines in seen_of(each) for line in lines]
    return [each["evidence"], *steps, *answers_of(each, report), *seen]


def _xml(text: str) -> str:
    """What XML can hold of a text."""
    return _NO_XML.sub("\ufffd", text)


def _printed(value: Any) -> Any:
    """A value as the paper's letters can say it, any other character by its number: no paper is made with one."""
    if isinstance(value, Mapping):
        return {key: _printed(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_printed(each) for each in value]
    return _UNPRINTED.sub(lambda one: f"[U+{ord(one[0]):04X}]", value) if isinstance(value, str) else value


def as_html(report: Report) -> bytes:
    """One page that needs nothing beside it: the list, then each scenario with its steps and its evidence."""
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts_of(report))
    rows = "".join(
        f'<tr><td><a href="#{escape(each["id"])}">{escape(each["id"])}</a></td><td>{escape(each["title"])}</td>'
        f"{cell_of(each)}</tr>"
        for each in report["scenarios"]
    )
    parts = "".join(part_of(each, answers_of(each, report)) for each in report["scenarios"])
    return page_of(
        f"Formato de pruebas: {report['candidate']}", f"<style>{STYLE}</style>",
        f"<p>{escape(note_of(report))}</p><dl>{facts}</dl>"
        '<div class="wide" tabindex="0" role="region"'
        f' aria-label="Resultado"><table><caption>Resultado por escenario</caption><thead><tr><th scope="col">Escenario'
        f'</th><th scope="col">Qué se prueba</th><th scope="col">Resultado</th></tr></thead><tbody>{rows}'
        f"</tbody></table></div>{parts}",
    )  # fmt: skip


def page_of(heading: str, head: str, body: str) -> bytes:
    """A page that needs nothing beside it. `head` and `body` are HTML, `heading` is text."""
    title = escape(heading)
    return (
        '<!doctype html><html lang="es"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{POLICY}<title>{title}</title>'
        f"{head}</head><body><main><h1>{title}</h1>{body}</main></body></html>"
    ).encode()


def part_of(each: Mapping[str, Any], answers: Sequence[str] = ()) -> str:
    """A scenario of a report in HTML: what is tested, its steps and their hashes, who answered what, what is wrong,
    what it left behind, every exchange. A report may come from outside: all of it is escaped."""
    id = escape(str(each["id"]))
    steps = "".join(
        f"<li>{escape(said)} <small>{escape(when)}; <code>{escape(digest)}</code></small></li>"
        for said, when, digest in steps_of(each)
    )
    untried = f"<p>{escape(mark_of(each)[0])}</p>" if each.get("untried") else ""
    return (
        f'<section id="{id}"><h2>{id}. {escape(each["title"])}</h2><p><strong>Se prueba:</strong>'
        f" {escape(each['tests'])}<br><strong>Se hace:</strong> {escape(each['does'])}<br><strong>Debe verse:</strong>"
        f" {escape(each['sees'])}</p><p><small>Norma: {escape(each['norm'])} ({escape(each['status'])})</small></p>"
        f"{untried}<ol>{steps}</ol>{_listed(ANSWERS, answers)}{_items(faults_of(each), ' class=bad')}"
        f"{''.join(_listed(title, lines) for title, lines in seen_of(each))}{_exchanges(each, id)}</section>"
    )


def _exchanges(each: Mapping[str, Any], id: str) -> str:
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td>{escape(str(cell))}</td>"
            for cell in (x["number"], x["at_ms"], f"{x['method']} {x['target']}", x["status"] or "—", x["fault"] or "—",
                         x["signature_trouble"] or "válida")
        )
        + f"<td><code>{escape(x['body_sha256'][:16])}…</code></td></tr>"
        for x in each["exchanges"]
    )  # fmt: skip
    heads = "".join(f'<th scope="col">{h}</th>' for h in HEADS)
    return (
        f"<details><summary>Evidencia: {len(each['exchanges'])} intercambios</summary>"
        f"<p><code>{escape(each['evidence'])}</code></p>"
        f'<div class="wide" tabindex="0" role="region" aria-label="Intercambios de {id}"><table><thead>'
        f"<tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )


def _listed(title: str, lines: Sequence[str]) -> str:
    return f"<p><strong>{title}:</strong></p>{_items(lines)}" if lines else ""


def _items(lines: Sequence[str], kind: str = "") -> str:
    return f"<ul{kind}>{''.join(f'<li>{escape(each)}</li>' for each in lines)}</ul>" if lines else ""


def cell_of(each: Mapping[str, Any]) -> str:
    """The cell of a scenario's end in a table."""
    said, tone = mark_of(each)
    return f'<td class="{tone}">{escape(said)}</td>'


# Nothing of what a report says is run, wherever its page is opened.
POLICY = (
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline';"
    " form-action 'self'; base-uri 'none'\">"
)
HEADS = ("N.º", "ms", "Llamada", "Respuesta", "Falla puesta", "Firma", "Cuerpo")
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;color:#14211f;background:#fff;margin:0}main{max-width:60rem;margin:auto;"
    "padding:1rem}dl{display:grid;grid-template-columns:auto 1fr;gap:.2rem 1rem}dd{margin:0;overflow-wrap:anywhere}"
    "dt,small{color:#47565a}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .5rem;"
    "border-bottom:1px solid #6d7d7b}.wide{overflow-x:auto}"
    ".soft{color:#47565a}.good{color:#1d5c3a}.bad{color:#8c1d21}code{overflow-wrap:"
    "anywhere}summary,input,button{font:inherit;padding:.75rem;min-height:1.5rem}@media(max-width:40rem){dl{grid-template-columns:1fr}}"
)
FILES: Mapping[str, Callable[[Report], bytes]] = {
    "report.json": as_json, "report.xml": as_junit, "report.html": as_html, "report.pdf": as_pdf,
}  # fmt: skip
