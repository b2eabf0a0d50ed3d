"""`veta movements`: what was decided, decided again."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from veta.cli.screen import By, author

if TYPE_CHECKING:
    from veta.movements.replay import Replayed

app = typer.Typer(no_args_is_help=True, help="Los movimientos y sus veredictos.")
SHOWN = 20


@app.callback()
def movements() -> None:
    """Los movimientos y sus veredictos."""


@app.command()
def replay(
    movement: Annotated[UUID | None, typer.Argument(help="El movimiento; sin él, use --all.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Todos los veredictos, en su orden.")] = False,
) -> None:
    """Decide otra vez lo decidido, con los hechos de entonces, y compara byte por byte.

    Termina en 1 si algún veredicto cambia bajo las reglas de hoy; los decididos con otras reglas solo se informan.
    """
    from veta.cli.environment import open_django

    if (movement is None) != everything:
        raise typer.BadParameter("Indique un movimiento, o --all para todos.")
    open_django()
    from veta.movements.services import replay as decide_again

    counts: Counter[str] = Counter()
    for each in decide_again(movement):
        counts[_kind(each)] += 1
        if not each.same and counts[_kind(each)] <= SHOWN:
            typer.echo(_difference(each))
    _tell(counts)
    raise typer.Exit(1 if counts["differs"] or (movement is not None and not counts) else 0)


@app.command("propose-erasure")
def propose_erasure(
    act: Annotated[str, typer.Option("--act", help="El acto que lo ordena.")],
    reason: Annotated[str, typer.Option("--reason", help="Por qué.")],
    by: By,
    movement: Annotated[list[UUID] | None, typer.Option("--movement", help="Movimiento; puede repetirse.")] = None,
    actor: Annotated[UUID | None, typer.Option("--actor", help="Persona del registro, con todo lo suyo.")] = None,
) -> None:
    """Propone borrar palabras, sales e identidad, pasado el plazo legal. Sin efecto hasta que otra persona apruebe."""
    from veta.cli.environment import open_django

    open_django()
    from veta.kernel.clock import SystemClock
    from veta.movements import services

    proposal = services.propose_erasure(
        act=act, reason=reason, by=author(by), clock=SystemClock(), movements=movement or [], actor=actor
    )
    typer.echo(f"Borrado propuesto: {proposal}. Debe aprobarlo otra persona.")


@app.command("approve-erasure")
def approve_erasure(erasure: Annotated[UUID, typer.Argument(help="El borrado propuesto.")], by: By) -> None:
    """Aprueba un borrado y lo ejecuta: no se puede deshacer. Queda en el registro público."""
    from veta.cli.environment import open_django

    open_django()
    from veta.movements import services

    typer.echo(f"{services.approve_erasure(erasure, by=author(by))} filas borradas.")


@app.command()
def rules() -> None:
    """Escribe en la salida la página de reglas (docs/rules.md), tal como deciden."""
    from veta.movements.domain.rules_document import document

    typer.echo(document(), nl=False)


def _kind(replayed: "Replayed") -> str:
    if replayed.erased:
        return "erased"
    if replayed.under_todays_rules:
        return "same" if replayed.same else "differs"
    return "older-same" if replayed.same else "older"


def _difference(replayed: "Replayed") -> str:
    said = "DIFIERE" if replayed.under_todays_rules else f"difiere, decidido con {replayed.rules[:23]}…"
    return f"{said} {replayed.movement}\n  entonces: {replayed.then.decode()}\n  ahora:    {replayed.now.decode()}"


def _tell(counts: Counter[str]) -> None:
    total = sum(counts.values())
    typer.echo(f"{total} veredictos decididos otra vez, {counts['differs']} diferencias bajo las reglas de hoy.")
    if counts["older"] or counts["older-same"]:
        decided = counts["older"] + counts["older-same"]
        typer.echo(f"{decided} se decidieron con otras reglas: {counts['older']} serían hoy distintos.")
    if counts["erased"]:
        typer.echo(f"{counts['erased']} no se pueden decidir: sus palabras se borraron por acto.")
    if not total:
        typer.echo("No hay veredictos que decidir. Revise el identificador, o reporte algún movimiento.")
