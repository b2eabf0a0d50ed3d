"""`veta calls`: the calls for operators, their timetable and history, and the clock of a demonstration."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from veta.cli.environment import open_django
from veta.cli.screen import By, author, console

if TYPE_CHECKING:
    from veta.calls.domain.call import Call

app = typer.Typer(no_args_is_help=True, help="La convocatoria de operadores: cronograma, listas, historia y prueba.")
Code = Annotated[str, typer.Argument(metavar="CÓDIGO", help="El código de la convocatoria.")]
STATE_ES = {"coming": "por abrir", "open": "abierta", "closed": "cerrada"}


@app.command("list")
def list_calls() -> None:
    """Muestra las convocatorias y cuántas solicitudes hay en cada estado."""
    open_django()
    from collections import Counter

    from rich.table import Table

    from veta.calls.domain.procedure import STATES
    from veta.calls.queries import calls

    table = Table("Código", "Convocatoria", "Abierta", "Solicitudes")
    for call in calls():
        count = Counter(STATES[each.state] for each in call.applications.values())
        opened = call.opened_at.date().isoformat() if call.opened_at else "no"
        table.add_row(call.code, call.title, opened, ", ".join(f"{n} {name}" for name, n in sorted(count.items())))
    console().print(table)


@app.command()
def show(code: Code, as_json: Annotated[bool, typer.Option("--json", help="Lo público, en JSON.")] = False) -> None:
    """Muestra el cronograma de una convocatoria y sus actos publicados."""
    open_django()
    from rich.table import Table

    from veta.calls.queries import public_call
    from veta.calls.services.clock import call_now

    call, now = _call(code), call_now()
    if as_json:
        typer.echo(json.dumps(public_call(call, now=now), ensure_ascii=False, indent=2))
        return
    table = Table("N.º", "Etapa", "Actividad", "Desde", "Hasta", "Estado", "Responsable")
    for each in call.timetable.at(now):
        table.add_row(
            str(each.order), each.stage, each.name, str(each.opens or ""), str(each.closes),
            STATE_ES[each.state_at(now)], each.responsible,
        )  # fmt: skip
    console().print(table)
    for act in call.published:
        typer.echo(f"{act.number}: {act.kind}, {act.at:%Y-%m-%d %H:%M} UTC, {len(act.rows)} filas, {act.digest[:16]}")


@app.command()
def verify(code: Code) -> None:
    """Repite la historia: cadena, listas, documentos y recibos. Termina con 1 si algo difiere."""
    open_django()
    from veta.calls.queries import replay

    looked = replay(_call(code).id)
    typer.echo(
        f"{looked.events} eventos, {looked.lists} actos, {looked.documents} documentos, {looked.receipts} recibos:"
        f" {len(looked.wrong)} diferencias."
    )
    for wrong in looked.wrong:
        typer.secho(wrong, err=True, fg=typer.colors.RED)
    if looked.wrong:
        raise typer.Exit(1)


@app.command()
def export(
    code: Code, out: Annotated[Path, typer.Option("--out", help="Archivo que se escribe: .zip trae los documentos.")]
) -> None:
    """Escribe la historia completa para un juez: eventos, huellas, recibos, representantes; en .zip, los documentos."""
    open_django()
    from veta.calls.queries import exported
    from veta.calls.services.clock import call_now

    if out.suffix == ".zip":
        from veta.calls.services.archive import write_archive

        with out.open("wb") as file:
            write_archive(_call(code).id, file, now=call_now())
        typer.echo(f"{out}: {out.stat().st_size} bytes. Compruébelo con veta calls check {out}.")
        return
    made = exported(_call(code).id, now=call_now())
    out.write_text(json.dumps(made, ensure_ascii=False, indent=2), encoding="utf-8")
    typer.echo(f"{out}: {len(made['events'])} eventos, {len(made['receipts'])} recibos.")


@app.command()
def check(
    path: Annotated[Path, typer.Argument(metavar="ARCHIVO", help="El .zip que escribió veta calls export.")],
) -> None:
    """Comprueba un archivo de historia, sin base de datos: cadena, listas, recibos, documentos. 1 si algo difiere."""
    from zipfile import BadZipFile

    from veta.calls.domain.record import check_archive

    try:
        with path.open("rb") as file:
            history, wrong = check_archive(file)
    except (OSError, BadZipFile, KeyError, ValueError) as error:
        typer.secho(f"{path} no es una historia de convocatoria: {error}", err=True, fg="red")
        raise typer.Exit(1) from None
    typer.echo(f"{history['code']}: {len(history['events'])} eventos, {len(wrong)} diferencias.")
    for each in wrong:
        typer.secho(each, err=True, fg="red")
    if wrong:
        raise typer.Exit(1)


@app.command()
def clock(
    at: Annotated[str, typer.Option("--at", help="Hora de Bogotá: «2026-04-20 09:00».")] = "",
    real: Annotated[bool, typer.Option("--real", help="Vuelve a la hora de la máquina.")] = False,
    by: By = "",
) -> None:
    """Muestra la hora de las convocatorias; en una base de demostración, la cambia."""
    open_django()
    from veta.calls.domain.timetable import hour_of
    from veta.calls.services.clock import call_now, set_clock
    from veta.kernel.period import BOGOTA

    if at or real:
        try:
            shows = datetime.fromisoformat(at) if at else None
        except ValueError as error:
            raise typer.BadParameter("escríbala como «2026-04-20 09:00»", param_hint="--at") from error
        set_clock(shows.replace(tzinfo=shows.tzinfo or BOGOTA) if shows else None, by=author(by))
    typer.echo(hour_of(call_now()))


@app.command()
def tick() -> None:
    """Cierra lo que nadie presentó y pone en camino los correos que tocan; la plataforma lo hace sola cada minuto."""
    open_django()
    from veta.calls.services.turns import tick as turn
    from veta.hub.tasks import post_mail, press

    lapsed, mails = turn(post_mail, press())
    typer.echo(f"{lapsed} solicitudes sin presentar cerradas, {mails} correos en camino.")


def _call(code: str) -> "Call":
    from veta.calls.queries import find_call

    found = find_call(code)
    if found is None:
        typer.secho(f"No hay convocatoria {code}. Vea las que hay con veta calls list.", err=True, fg="red")
        raise typer.Exit(1)
    return found
