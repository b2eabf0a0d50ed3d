"""`veta movements`: what was decided, decided again."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

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
