"""A report's files: JSON with everything, JUnit XML for a build, HTML and PDF for people, and their hashes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import orjson
import typst

from veta.kernel.period import BOGOTA, bogota_date

Report = Mapping[str, Any]
SUMS = "SHA256SUMS"
HERE = Path(__file__).parent / "paper"
TEAM = "la ANM (equipo evaluador)"
ANSWERS = "Respuestas de quien estaba presente"
WHERE = "Contra una plataforma de prueba, con datos ficticios."


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
                Xml.SubElement(case, "failure", message="no conforme").text = "\n".join(faults_of(each))
            Xml.SubElement(case, "system-out").text = "\n".join([each["evidence"], *answers_of(each, report)])
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True))


def as_pdf(report: Report) -> bytes:
    """For the act; PDF/UA-1, so that it can be read aloud."""
    day = bogota_date(datetime.fromisoformat(report["began_at"]))
    data = {
        "heading": f"Formato de pruebas: {report['candidate']}", "date": [day.year, day.month, day.day],
        "foot": f"{_note(report)} Resultado {report['result'][:23]}…", "facts": facts_of(report),
        "scenarios": [
            {
                **{key: each[key] for key in ("id", "title", "tests", "does", "sees", "norm", "status")},
                "mark": mark_of(each)[0], "tone": mark_of(each)[1],
                "lines": [f"{number}. {step['said']}" for number, step in enumerate(each["steps"], 1)],
                "answers": answers_of(each, report),
                "faults": faults_of(each), "evidence": each["evidence"], "exchanges": str(len(each["exchanges"])),
            }
            for each in report["scenarios"]
        ],
    }  # fmt: skip
    made = typst.compile(
        str(HERE / "report.typ"), root=str(HERE), sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        format="pdf", pdf_standards=["ua-1"], ignore_system_fonts=True,
    )  # fmt: skip
    return bytes(made)


def as_html(report: Report) -> bytes:
    """One page that needs nothing beside it: the list, then each scenario with its steps and its evidence."""
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts_of(report))
    rows = "".join(
        f'<tr><td><a href="#{each["id"]}">{each["id"]}</a></td><td>{escape(each["title"])}</td>{cell_of(each)}</tr>'
        for each in report["scenarios"]
    )
    parts = "".join(part_of(each, answers_of(each, report)) for each in report["scenarios"])
    return page_of(
        f"Formato de pruebas: {report['candidate']}", f"<style>{STYLE}</style>",
        f"<p>{escape(_note(report))}</p><dl>{facts}</dl>"
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
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>{head}</head>'
        f"<body><main><h1>{title}</h1>{body}</main></body></html>"
    ).encode()


def facts_of(report: Report) -> list[tuple[str, str]]:
    """What a report says before its scenarios."""
    kind = "autoprueba, sin efectos" if not report["round"] else f"ronda {report['round']}"
    return [
        ("Candidato", f"{report['candidate']} {report['version']} ({report['operator']})"),
        ("Clase", kind),
        ("Empezó", datetime.fromisoformat(report["began_at"]).astimezone(BOGOTA).isoformat(timespec="seconds")),
        ("Conformes", f"{report['passed']} de {report['of']} escenarios{untried_of(report)}"),
        ("Semilla", str(report["seed"])),
        ("Escenarios (SHA-256)", str(report["suite"])),
        ("Resultado (SHA-256)", str(report["result"])),
        *([("Prueba de la convocatoria", str(report["attempt"]))] if report["attempt"] else []),
        *([("Presente por la empresa", str(report["present"]))] if report["present"] else []),
    ]


def untried_of(report: Report) -> str:
    """How many were not tried and why, behind how many passed; nothing where all were."""
    count = report.get("untried", 0)
    return f"; {count} no se {'probó' if count == 1 else 'probaron'} (puerto automático)" if count else ""


def mark_of(scenario: Mapping[str, Any]) -> tuple[str, str]:
    """How a scenario of a report ended, in words, and the tone of them."""
    if scenario.get("untried"):
        return f"No se probó: {scenario['untried']}", "soft"
    return ("Conforme", "good") if scenario["passed"] else ("No conforme", "bad")


def faults_of(scenario: Mapping[str, Any]) -> list[str]:
    """What is wrong in a scenario of a report, with the exchanges that show it."""
    found = [scenario["trouble"]] if scenario["trouble"] else []
    for check in scenario["checks"]:
        for fault in check["faults"]:
            where = ", ".join(map(str, fault["exchanges"]))
            found.append(f"{check['is']}: {fault['said']}" + (f" (intercambios {where})" if where else ""))
    return found


def answers_of(scenario: Mapping[str, Any], report: Report) -> list[str]:
    """What who was present answered in a scenario of a followed run: which side said it, and what the authority saw."""
    firm = f"la empresa ({report['present']})" if report.get("present") else "la empresa"
    return [f"{each['asked']} «{each['said']}»: {_answered(each, firm)}" for each in scenario.get("answers", ())]


def _answered(answer: Mapping[str, Any], firm: str) -> str:
    if answer["affirmed"]:
        return f"lo declaró {firm} y lo afirmó {TEAM}"
    if answer["declared"] is None:
        return f"lo respondió {TEAM}"
    return f"lo vio {TEAM}; {firm} había declarado «{answer['declared']}»"


def _note(report: Report) -> str:
    if not report["round"]:
        return f"Autoprueba sin efectos legales. {WHERE}"
    return f"Ronda {report['round']}: cuenta cuando la confirman dos personas en la convocatoria. {WHERE}"


def part_of(each: Mapping[str, Any], answers: Sequence[str] = ()) -> str:
    """A scenario of a report in HTML: what is tested, its steps, who answered what, what is wrong, every exchange."""
    steps = "".join(
        f"<li>{escape(step['said'])} <small>{step['at_ms']} ms; {_numbers(step['exchanges'])}</small></li>"
        for step in each["steps"]
    )
    faults = "".join(f"<li>{escape(said)}</li>" for said in faults_of(each))
    heard = "".join(f"<li>{escape(said)}</li>" for said in answers)
    rows = "".join(
        f"<tr><td>{x['number']}</td><td>{x['at_ms']}</td><td>{x['method']} {escape(x['target'])}</td>"
        f"<td>{x['status'] or '—'}</td><td>{escape(x['fault']) or '—'}</td>"
        f"<td>{escape(x['signature_trouble']) or 'válida'}</td><td><code>{x['body_sha256'][:16]}…</code></td></tr>"
        for x in each["exchanges"]
    )
    heads = "".join(f'<th scope="col">{h}</th>' for h in HEADS)
    return (
        f'<section id="{each["id"]}"><h2>{each["id"]}. {escape(each["title"])}</h2><p><strong>Se prueba:</strong>'
        f" {escape(each['tests'])}<br><strong>Se hace:</strong> {escape(each['does'])}<br><strong>Debe verse:</strong>"
        f" {escape(each['sees'])}</p><p><small>Norma: {escape(each['norm'])} ({each['status']})</small></p>"
        f"<ol>{steps}</ol>{f'<p><strong>{ANSWERS}:</strong></p><ul>{heard}</ul>' if heard else ''}"
        f"{f'<ul class=bad>{faults}</ul>' if faults else ''}<details><summary>Evidencia:"
        f" {len(each['exchanges'])} intercambios</summary><p><code>{each['evidence']}</code></p>"
        f'<div class="wide" tabindex="0" role="region" aria-label="Intercambios de {each["id"]}"><table><thead>'
        f"<tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div></details></section>"
    )


def _numbers(exchanges: list[int]) -> str:
    if not exchanges:
        return "sin intercambios"
    return f"intercambios {exchanges[0]} a {exchanges[-1]}" if len(exchanges) > 1 else f"intercambio {exchanges[0]}"


def cell_of(each: Mapping[str, Any]) -> str:
    """The cell of a scenario's end in a table."""
    said, tone = mark_of(each)
    return f'<td class="{tone}">{escape(said)}</td>'


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
