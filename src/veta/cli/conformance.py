"""`veta conformance`: the test format run by machine against a candidate, and what it holds."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from veta.conformance.candidate import Target
    from veta.conformance.domain.outcome import Outcome
    from veta.conformance.domain.scenario import Scenario
    from veta.conformance.engine import Trial
    from veta.conformance.live import Live
    from veta.conformance.recorded import Recorded

app = typer.Typer(no_args_is_help=True, help="El formato de pruebas: correrlo contra un candidato, y qué contiene.")

Groups = Annotated[list[str], typer.Option("--group", help="Grupo; puede repetirse. Sin él, todos.")]
Ids = Annotated[list[str], typer.Option("--scenario", help="Escenario por su id; puede repetirse.")]

Listen = Annotated[
    str, typer.Option(help="Dirección IPv4 en que atiende la plataforma de ensayo: antes que el archivo.")
]
Origin = Annotated[str, typer.Option(help="Origen público con que el candidato llega a ella: antes que el archivo.")]


@app.command("list")
def list_(
    group: Groups = [],  # noqa: B006 - typer's own way
    as_json: bool = typer.Option(False, "--json", help="En JSON, con la prosa de cada uno."),
) -> None:
    """Enumera los escenarios, por grupo."""
    from veta.conformance.catalogue import chosen
    from veta.conformance.shown import as_json as shown

    found = chosen(groups=group, long=True)
    if as_json:
        typer.echo(json.dumps([shown(each) for each in found], indent=2, ensure_ascii=False))
        return
    for each in found:
        typer.echo(
            f"{each.group.value:16} {each.id:16} {each.title}{' (largo)' if each.long else ''}"
            f"{' (necesita puerto automático)' if each.automatic else ''}"
        )
    typer.echo(f"{len(found)} escenarios")


@app.command()
def show(id: str = typer.Argument(help="Id del escenario, p. ej. captura-01.", metavar="ID")) -> None:
    """Muestra un escenario como va en el acta: qué se prueba, qué se hace, qué debe verse, y con qué norma."""
    from veta.conformance.catalogue import chosen
    from veta.conformance.shown import as_text

    typer.echo(as_text(chosen(ids=[id])[0]))


@app.command()
def run(
    target: Annotated[Path, typer.Option(help="Archivo del candidato (candidate.toml).")],
    group: Groups = [],  # noqa: B006 - typer's own way
    scenario: Ids = [],  # noqa: B006 - typer's own way
    seed: int = typer.Option(1, help="De ella salen los datos del ensayo: la misma da los mismos."),
    long: bool = typer.Option(False, "--long", help="También los largos, de minutos."),
    out: Annotated[
        Path | None, typer.Option(help="Carpeta del informe: JSON, JUnit XML, HTML, PDF y sus sumas.")
    ] = None,
    attended: bool = typer.Option(False, help="Hay una persona presente: hace lo que el puerto automático no sabe."),
    live: int = typer.Option(
        -1, min=-1, max=65535, help="Puerto (127.0.0.1) en que se ve el avance y responde la persona; 0 toma uno libre."
    ),
    round_: int = typer.Option(
        0, "--round", min=0, max=2, help="Ronda de la convocatoria que el informe dice; 0, autoprueba sin efectos."
    ),
    attempt: Annotated[
        str, typer.Option(help="La prueba que el equipo abrió en la convocatoria: se sigue y se responde en su página.")
    ] = "",
    listen: Listen = "",
    origin: Origin = "",
) -> None:
    """Corre el formato de pruebas contra un candidato, sin efectos; termina con 1 si algún escenario falla."""
    from veta.conformance.candidate import read_target
    from veta.conformance.catalogue import chosen
    from veta.conformance.live import Live, served
    from veta.conformance.person import Person
    from veta.conformance.telling import untried_of
    from veta.conformance.trial import trial

    if attempt and (group or scenario or round_ or live >= 0):
        raise typer.BadParameter("corre el formato entero de su ronda, y se sigue en su página", param_hint="--attempt")
    given = _placed(read_target(target), listen, origin)
    scenarios = chosen(groups=group, ids=scenario, long=long or bool(attempt))
    recorded = _recorded(attempt) if attempt else None
    page = recorded or Live(f"Formato de pruebas: {given.name} {given.version}", scenarios)
    followed = recorded is not None or live >= 0
    present = attended or not given.driver
    person = (Person(tell=page.say, ask=page.ask) if followed else Person()) if present else None
    typer.echo(f"{given.name} {given.version}: {len(scenarios)} escenarios, semilla {seed}. Ensayo sin efectos.")
    if recorded is not None:
        recorded.begin(given, scenarios, seed=seed)
    shown = served(page, live) if isinstance(page, Live) and live >= 0 else nullcontext("")
    with shown as address, trial(given, person=person, seed=seed) as trying:
        if address:
            typer.echo(f"El avance se ve en {address}")
        say = page.say if followed else typer.echo if person else lambda _: None
        outcomes = _run_each(trying, scenarios, page=page, say=say)
        report = trying.report(outcomes, **(recorded.about if recorded else {"round": round_}))
    typer.echo(
        f"{report['passed']} de {report['of']} escenarios conformes{untried_of(report)}. Resultado {report['result']}"
    )
    if out is not None:
        from veta.conformance.writing import write_report

        typer.echo("Informe: " + ", ".join(str(path) for path in write_report(report, out)))
    if recorded is not None:
        recorded.end(report)
        typer.echo("Quedó registrada en la convocatoria: cuenta cuando la confirme quien no la abrió ni respondió.")
    raise typer.Exit(0 if 0 < report["of"] == report["passed"] else 1)


def _run_each(
    trying: "Trial", scenarios: "Sequence[Scenario]", *, page: "Live | Recorded", say: "Callable[[str], None]"
) -> "list[Outcome]":
    """Run them in order; the page and the screen are told how each ended."""
    from veta.conformance.live import Live

    outcomes = []
    for each in scenarios:
        made = trying.run_one(each, say=say)
        outcomes.append(made if isinstance(page, Live) else page.with_answers(made))
        page.done(trying.report(outcomes[-1:])["scenarios"][0])
        _tell(outcomes[-1])
    return outcomes


def _placed(given: "Target", listen: str, origin: str) -> "Target":
    from dataclasses import replace

    from veta.conformance.place import place_of

    own = given.place
    if not listen and not origin:
        return given
    return replace(given, place=place_of(host=listen or own.host, port=own.port, origin=origin or own.origin))


def _recorded(attempt: str) -> "Recorded":
    """The attempt of an id. Raises BadParameter for what is none, CAL-001 for one that the call does not have."""
    from uuid import UUID

    from veta.cli.environment import open_django

    try:
        id = UUID(attempt)
    except ValueError as error:
        raise typer.BadParameter("cópielo de la página de la prueba", param_hint="--attempt") from error
    open_django()
    from veta.conformance.recorded import Recorded

    return Recorded(id)


def _tell(outcome: "Outcome") -> None:
    if outcome.untried:
        typer.echo(f"– {outcome.scenario.id:16} {outcome.scenario.title}: no se probó: {outcome.untried}")
        return
    mark = typer.style("✓", fg="green") if outcome.passed else typer.style("✗", fg="red")
    typer.echo(f"{mark} {outcome.scenario.id:16} {outcome.scenario.title} ({outcome.took:.1f} s)")
    for fault in outcome.faults:
        typer.echo(f"    {fault}")
