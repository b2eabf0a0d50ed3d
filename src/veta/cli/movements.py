"""`veta movements`: what was decided, decided again."""

import os
import re
from collections import Counter
from datetime import date
from pathlib import Path
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
def excess(
    quarter: Annotated[str, typer.Argument(help="El trimestre, como 2026-T4.")],
    folder: Annotated[Path, typer.Option("--out", help="Carpeta donde se escriben; se crea si no existe.")],
) -> None:
    """Escribe lo que excedió un cupo en el trimestre, registrado o intentado, con el expediente de cada quien.

    La lista va en CSV, a la manera de un reporte a la UIAF; cada expediente, en JSON con veredictos y recibos. Llevan
    nombres y documentos: solo su dueño los puede leer. Nada de esto decide una sanción.
    """
    from veta.cli.environment import open_django

    named = re.fullmatch(r"(20[0-9]{2})-T([1-4])", quarter)
    if named is None:
        raise typer.BadParameter("Escriba el trimestre como 2026-T4.")
    open_django()
    from veta.kernel.period import quarter_of
    from veta.movements.services import quarter_files
    from veta.storage.connection import plain_cursor

    files = quarter_files(plain_cursor(), quarter_of(date(int(named[1]), int(named[2]) * 3, 1)))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, content in files.items():
        with open(folder / name, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(content)
    listed = next(iter(files.values())).count(b"\r\n") - 1
    typer.echo(f"{listed} excesos de {len(files) - 1} personas en {quarter}, en {folder}.")


@app.command()
def proof(movement: Annotated[UUID, typer.Argument(help="Una compra o venta aceptada.")]) -> None:
    """Escribe en JSON lo que prueba una compra: quién vendió, de dónde, cupo antes y después, recibo firmado."""
    from veta.cli.environment import open_django

    open_django()
    from veta.movements.queries.proofs import purchase_proof
    from veta.storage.connection import plain_cursor

    _show(purchase_proof(plain_cursor(), movement), "No hay una compra aceptada con ese identificador.")


@app.command()
def road(dispatch: Annotated[UUID, typer.Argument(help="Un despacho.")]) -> None:
    """Escribe en JSON lo que lleva un despacho por la vía y los documentos que la norma pide."""
    from veta.cli.environment import open_django

    open_django()
    from veta.movements.queries.road import road_pack
    from veta.storage.connection import plain_cursor

    _show(road_pack(plain_cursor(), dispatch), "No hay un despacho con ese identificador.")


def _show(found: object, absent: str) -> None:
    import orjson

    if found is None:
        typer.echo(f"{absent} Revise el identificador.", err=True)
        raise typer.Exit(1)
    words = orjson.dumps(found, default=_plain, option=orjson.OPT_INDENT_2)
    typer.echo(words.decode())


def _plain(value: object) -> object:
    """Bytes as the verdict's own JSON where they are it, else in hexadecimal; a named tuple by its names."""
    if isinstance(value, bytes):
        return _json(value) or value.hex()
    if isinstance(value, tuple):
        return value._asdict() if hasattr(value, "_asdict") else list(value)
    raise TypeError


def _json(value: bytes) -> object:
    """A verdict's own bytes; None of what is none: a digest or a signature may begin like one."""
    import orjson

    try:
        return orjson.Fragment(value) if isinstance(orjson.loads(value), dict) else None
    except orjson.JSONDecodeError:
        return None


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
