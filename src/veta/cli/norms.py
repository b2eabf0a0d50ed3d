"""`veta norms`: what the law says on a date, as Veta applies it. It needs no database."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from veta.cli.screen import Day, console, day_of

app = typer.Typer(no_args_is_help=True, help="Las normas: qué parámetro rige en qué fecha, y quién lo dice.")

STATUS_ES = {
    "verified": "leída en su texto",
    "secondary": "de otra fuente",
    "inference": "inferencia",
    "unverified": "sin leer",
}


@app.command("list")
def list_parameters(
    text: Annotated[str, typer.Argument(help="Solo los que lleven este texto en el id o la descripción.")] = "",
    on: Day = None,
    status: Annotated[
        str, typer.Option(help="Solo los de este estado: verified, secondary, inference, unverified.")
    ] = "",
) -> None:
    """Muestra los parámetros con su unidad, el valor que rige y hasta dónde se leyó su norma."""
    from rich.markup import escape
    from rich.table import Table

    from veta.norms import NormNotInForce, norms
    from veta.norms.dated import STATUSES

    if status and status not in STATUSES:
        raise typer.BadParameter(f"use uno de: {', '.join(STATUSES)}", param_hint="--status")
    day = day_of(on)
    table = Table("Parámetro", "Unidad", f"Valor el {day}", "Norma", "Estado", title=f"Normas · {norms().digest[:19]}…")
    for parameter in norms():
        if text.lower() not in f"{parameter.id} {parameter.description}".lower():
            continue
        try:
            value = norms().value(parameter.id, day)
        except NormNotInForce:
            if not status:
                table.add_row(parameter.id, parameter.unit, "[dim]no rige ninguno[/dim]", "", "")
            continue
        if status in ("", value.status):
            cells = (parameter.id, parameter.unit, _short(value.value), value.norm, STATUS_ES[value.status])
            table.add_row(*map(escape, cells))
    console(piped=160).print(table)


@app.command()
def show(id: Annotated[str, typer.Argument(metavar="ID")], on: Day = None) -> None:
    """Muestra un parámetro en una fecha: su valor, su norma y sus demás fechas."""
    from rich.markup import escape
    from rich.table import Table

    from veta.norms import norms

    day = day_of(on)
    value = norms().value(id, day)
    parameter = norms().parameter(id)
    table = Table(show_header=False, title=f"{id} el {day}", title_justify="left")
    rows = {
        "Qué es": parameter.description if parameter else "",
        "Unidad": value.unit,
        "Valor": _lines(value.value),
        "Rige": _range(value.valid_from, value.valid_to),
        "Norma": value.norm,
        "Lectura": STATUS_ES[value.status],
        "Vista vigente": str(value.last_checked or "no consta"),
        "Enlace": value.link or "no consta",
        "Nota": value.note or "",
        "Otras fechas": "\n".join(
            _range(other.valid_from, other.valid_to)
            for other in (parameter.values if parameter else ())
            if other != value
        ),
    }
    for name, text in rows.items():
        if text:
            table.add_row(name, escape(text))
    console(piped=120).print(table)


@app.command()
def check(
    data: Annotated[Path | None, typer.Option(help="Carpeta de datos; la del programa, si no se da.")] = None,
) -> None:
    """Carga todos los datos, rehúsa cualquier falta y dice qué revisó. Termina con 1 si algo no sirve."""
    from veta.norms.catalogue import load_catalogue
    from veta.norms.coherence import incoherences
    from veta.norms.lookup import load_norms
    from veta.norms.toml_files import DATA

    root = data or DATA
    if not root.is_dir():
        raise typer.BadParameter(f"no existe la carpeta {root}", param_hint="--data")
    norms, catalogue = load_norms(root), load_catalogue(root)
    faults = incoherences(norms, catalogue)
    for fault in faults:
        typer.secho(f"falta: {fault}", err=True, fg=typer.colors.RED)
    for line in _checked(norms, catalogue):
        typer.echo(line)
    if faults:
        typer.secho(f"{len(faults)} faltas entre parámetros y catálogo.", err=True, fg=typer.colors.RED)
        raise typer.Exit(1)
    typer.secho("Sin faltas.", fg=typer.colors.GREEN)


@app.command()
def doc() -> None:
    """Escribe en la salida la página de parámetros (docs/parameters.md)."""
    from veta.norms.catalogue import catalogue
    from veta.norms.lookup import norms
    from veta.norms.page import parameters_page

    typer.echo(parameters_page(norms(), catalogue()), nl=False)


def _checked(norms: Any, catalogue: Any) -> list[str]:
    values = [value for parameter in norms for value in parameter.values]
    counts = {name: sum(value.status == status for value in values) for status, name in STATUS_ES.items()}
    headings = sum(mineral.is_heading for mineral in catalogue)
    return [
        f"Parámetros: {len(norms)}, con {len(values)} valores fechados; cada uno con norma, estado y forma debida.",
        f"Lectura: {', '.join(f'{count} {name}' for name, count in counts.items())}.",
        f"Catálogo: {len(catalogue) - headings} minerales y {headings} rubros sin tipo, con sus unidades y grafías.",
        "Entre sí: recetas, topes, clases, papeles y metales de exportación.",
        f"Huella: {norms.digest}",
    ]


def _range(start: date, end: date | None) -> str:
    return f"desde el {start}" + (f" hasta el {end}" if end else "")


def _short(value: Any) -> str:
    from veta.norms.page import in_words

    text = in_words(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _lines(value: Any) -> str:
    from veta.norms.page import in_words

    if isinstance(value, Mapping):
        return "\n".join(f"{key}: {in_words(item)}" for key, item in value.items())
    return in_words(value)
