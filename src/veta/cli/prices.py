"""`veta prices`: base prices by resolution, entered by one person and approved by another."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from veta.cli.environment import open_django
from veta.cli.screen import By, Day, author, console, day_of

if TYPE_CHECKING:
    from veta.registry.importers.rows import Preview

app = typer.Typer(no_args_is_help=True, help="Los precios base: resoluciones de la UPME, con dos personas.")

STATE_ES = {"pending": "por decidir", "in_force": "aprobada", "refused": "rechazada", "replaced": "corregida"}


@app.command("import")
def import_prices(
    file: Annotated[Path, typer.Argument(metavar="ARCHIVO", help="CSV o Excel con las columnas de la tabla.")],
    by: By = "",
    preview: Annotated[bool, typer.Option("--preview", help="Solo muestra qué haría.")] = False,
    rejects: Annotated[Path | None, typer.Option("--rejects", help="Guarda aquí las filas rechazadas.")] = None,
) -> None:
    """Ingresa las resoluciones de un archivo. No cuentan hasta que otra persona las apruebe. Termina con 1 si hay
    filas rechazadas.
    """
    open_django()
    from veta.prices.services import enter_prices, preview_prices
    from veta.registry.importers.rows import write_rejects

    read = preview_prices(file)
    _report(read)
    if rejects is not None:
        write_rejects(read.rejected(), rejects)
    if not preview:
        who = author(by)
        for entered in enter_prices(read, by=who):
            corrects = f" Corrige {entered.replaces}: la reemplaza al aprobarse." if entered.replaces else ""
            done = "ingresada" if entered.new else "ya estaba igual"
            typer.echo(f"{entered.name}: {done}, por {who}.{corrects}")
            if entered.new:
                typer.echo(f"  Apruébela otra persona: veta prices approve {entered.id} --as USUARIO")
    raise typer.Exit(1 if read.rejected() else 0)


@app.command()
def approve(
    resolution: Annotated[str, typer.Argument(metavar="RESOLUCIÓN", help="Su número, o el id que dio el ingreso.")],
    by: By = "",
    refuse: Annotated[str, typer.Option("--refuse", help="La rechaza por este motivo, en lugar de aprobarla.")] = "",
) -> None:
    """Aprueba una resolución que ingresó otra persona; desde ese momento sus precios cuentan."""
    open_django()
    from veta.prices import queries
    from veta.prices.services import decide_resolution

    waiting = [e for e in queries.resolutions(pending=True) if resolution in (e.number, e.name, str(e.id))]
    if len(waiting) != 1:
        pending = "; ".join(f"{e.name} ({e.id})" for e in queries.resolutions(pending=True)) or "ninguna"
        what = "No hay" if not waiting else "Hay varias"
        typer.secho(f"{what} «{resolution}» por decidir. Por decidir: {pending}.", err=True, fg="red")
        raise typer.Exit(1)
    decide_resolution(waiting[0].id, approved=not refuse, by=by, reason=refuse)
    typer.echo(f"{waiting[0].name}: {'rechazada' if refuse else 'aprobada'} por {by}; {waiting[0].prices} precios.")


@app.command("list")
def list_prices(
    mineral: Annotated[str, typer.Option(help="Solo los de este mineral (código o nombre).")] = "",
    on: Day = None,
    acts: Annotated[bool, typer.Option("--acts", help="Muestra las resoluciones y su estado, no los precios.")] = False,
) -> None:
    """Muestra los precios base en vigor en una fecha, con su resolución."""
    open_django()
    from rich.table import Table

    from veta.norms.catalogue import catalogue
    from veta.prices import queries
    from veta.prices.domain.base_price import subjects_of

    if acts:
        _acts()
        return
    day = day_of(on)
    code = mineral and (mineral if catalogue().mineral(mineral) else catalogue().match(mineral))
    if mineral and not code:
        raise typer.BadParameter(f"«{mineral}» no está en el catálogo", param_hint="--mineral")
    subjects = subjects_of(code, day) if code else None
    table = Table("Mineral o grupo", "Mercado", "Zona", "Clase", "COP", "Unidad", "Resolución", "Rige", title=str(day))
    found = queries.prices_in_force(subjects=subjects, on=day)
    for price in found:
        cells = (price.subject, price.market, price.zone, price.producer_class, price.price_text, price.unit)
        name = f"{price.resolution.name}{' [DEMOSTRACIÓN]' if price.resolution.demo else ''}"
        table.add_row(*cells, name.replace("[", r"\["), f"{price.valid_from} a {price.valid_to}")
    if not found:
        typer.echo(f"PRI-001: ningún precio base en vigor el {day}. No se usa uno anterior: cargue la resolución.")
        return
    console().print(table)


@app.command()
def derive(
    mineral: Annotated[str, typer.Option(help="oro o platino.")],
    month: Annotated[datetime, typer.Option(formats=["%Y-%m"], help="Mes del precio (AAAA-MM).")],
    data: Annotated[Path, typer.Option(help="Carpeta con las series de precios y de TRM.")],
    trm: Annotated[
        str, typer.Option(help="Mes de la TRM: previous (el anterior) o current (el del precio).")
    ] = "previous",
) -> None:
    """Deriva el precio de un metal precioso, paso a paso. Es indicativo: el precio lo fija la UPME."""
    from veta.prices.domain.derive import NotDerivable
    from veta.prices.series import derive_from

    try:
        derived = derive_from(data, mineral, month=month.date(), trm_month=trm)
    except NotDerivable as refused:
        typer.secho(f"{refused.code}: {refused.message}", err=True, fg="red")
        raise typer.Exit(1) from refused
    for step in derived.steps:
        typer.echo(step)
    typer.echo(f"{mineral} {month:%Y-%m}: {derived.cop_per_gram} COP/g (indicativo: la UPME fija el precio)")


@app.command()
def certificate(
    file: Annotated[Path, typer.Argument(metavar="ARCHIVO", exists=True, dir_okay=False, help="El certificado.")],
    number: Annotated[str, typer.Option(help="Número del certificado.")],
    issued: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Fecha de expedición.")],
    mineral: Annotated[str, typer.Option(help="oro, plata o platino.")],
    month: Annotated[datetime, typer.Option(formats=["%Y-%m"], help="Mes certificado.")],
    value: Annotated[str, typer.Option(help="Valor certificado, con punto decimal.")],
    unit: Annotated[str, typer.Option(help="COP/g o USD/ozt.")],
    by: By = "",
) -> None:
    """Guarda un certificado del Banco de la República: el insumo del precio de un metal, nunca el precio."""
    import hashlib

    open_django()
    from veta.prices.domain.figures import micros_of
    from veta.prices.services import keep_certificate

    micros = micros_of(value)
    if not micros or mineral not in ("oro", "plata", "platino") or unit not in ("COP/g", "USD/ozt"):
        raise typer.BadParameter("use oro, plata o platino; COP/g o USD/ozt; y un valor mayor que cero")
    new = keep_certificate(
        number=number, issued_on=issued.date(), mineral=mineral, month=month.date(), micros=micros, unit=unit,
        file_name=file.name, digest=hashlib.sha256(file.read_bytes()).digest(), by=author(by),
    )  # fmt: skip
    typer.echo(f"Certificado {number}: {'guardado' if new else 'ya estaba'}.")


@app.command()
def certificates(mineral: Annotated[str, typer.Option(help="oro, plata o platino.")] = "") -> None:
    """Muestra los certificados guardados, el último mes primero."""
    open_django()
    from rich.table import Table

    from veta.prices import queries

    table = Table("Certificado", "Expedido", "Mineral", "Mes", "Valor", "Unidad", "Archivo")
    for kept in queries.certificates(mineral or None):
        cells = (kept.number, str(kept.issued_on), kept.mineral, f"{kept.month:%Y-%m}", kept.value, kept.unit)
        table.add_row(*cells, f"sha256:{kept.digest[:12]}…")
    console().print(table)


@app.command()
def demo() -> None:
    """Carga el conjunto de precios de demostración: inventados, y todo resultado que los use lo dice."""
    open_django()
    from veta.prices.services import load_demo

    typer.echo(f"Precios de demostración: {load_demo()} resoluciones nuevas.")


def _acts() -> None:
    from rich.table import Table

    from veta.prices import queries

    table = Table("Resolución", "Versión", "Estado", "Precios", "Ingresó", "Decidió", "Reemplaza", "Archivo")
    for entry in queries.resolutions():
        decided = entry.decided_by + (f": {entry.reason}" if entry.reason else "")
        cells = (entry.name, str(entry.version), STATE_ES[entry.state], str(entry.prices), entry.entered_by, decided)
        table.add_row(*cells, entry.replaces, f"{entry.file_name} sha256:{entry.digest[:12]}…")
    console().print(table)


def _report(preview: "Preview[Any]") -> None:
    from rich.markup import escape
    from rich.table import Table

    counts = preview.counts()
    typer.echo(
        f"{preview.file_name} ({preview.encoding}, sha256:{preview.file_digest.hex()}): {counts['rows']} filas;"
        f" {counts['ok']} bien, {counts['repaired']} reparadas, {counts['rejected']} rechazadas."
    )
    for row in preview.rows:
        for repair in row.repairs:
            typer.echo(f"  fila {row.row.line}, {repair.column}: {repair.reason}")
    if counts["rejected"]:
        table = Table("Fila", "Columna", "Valor", "Causa", "Remedio", title="Rechazadas")
        for row in preview.rejected():
            if row.rejection:
                found = (row.rejection.column, row.rejection.value, row.rejection.cause, row.rejection.remedy)
                table.add_row(str(row.row.line), *map(escape, found))
        console().print(table)
