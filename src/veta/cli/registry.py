"""`veta registry`: bring files into the registry, and look at what it knows of a title, an actor or a place."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from veta.cli.environment import open_django
from veta.cli.screen import Day, console, day_of, progress

if TYPE_CHECKING:
    from veta.registry.domain import PlanVersion, RegistrationVersion, TitleVersion
    from veta.registry.importers.rows import Applied, Preview

app = typer.Typer(no_args_is_help=True, help="El registro: títulos, actores, inscripciones, municipios.")
imports = typer.Typer(
    no_args_is_help=True, help="Trae un archivo: lo lee, muestra qué haría y, con --apply, lo aplica."
)
app.add_typer(imports, name="import")

File = Annotated[Path, typer.Argument(metavar="ARCHIVO", help="CSV (UTF-8 o cp1252) o Excel.")]
Apply = Annotated[bool, typer.Option("--apply", help="Aplica lo aceptado; sin esto solo muestra qué haría.")]
By = Annotated[str, typer.Option("--by", help="Quién lo trae (con --apply).")]
Approved = Annotated[str, typer.Option("--approved-by", help="Quién lo aprueba: otra persona (con --apply).")]
Rejects = Annotated[Path | None, typer.Option("--rejects", help="Guarda aquí, en CSV, las filas rechazadas.")]


ROLES_ES = {
    "producer": "productor",
    "trader": "comercializador",
    "plant": "planta",
    "consumer": "consumidor",
    "exporter": "exportador",
}
STATUS_ES = {
    "active": "activa",
    "suspended": "suspendido",
    "cancelled": "cancelada",
    "in_force": "vigente",
    "ended": "terminado",
}
STAGES_ES = {
    "exploration": "de exploración",
    "construction": "de construcción y montaje",
    "exploitation": "de explotación",
    "closure": "de cierre",
    None: "que no consta",
}


@imports.command("rucom")
def import_rucom(
    file: File,
    apply: Apply = False,
    by: By = "",
    approved_by: Approved = "",
    rejects: Rejects = None,
    cut: Annotated[
        datetime | None, typer.Option("--cut", formats=["%Y-%m-%d"], help="Corte del archivo; hoy si no se da.")
    ] = None,
) -> None:
    """Trae los explotadores con título que publica el RUCOM: títulos, titulares, minerales y municipios."""
    open_django()
    from veta.registry.importers.rucom import preview_rucom
    from veta.registry.importers.rucom_apply import apply_rucom

    _require_two(apply, by, approved_by)
    with progress("Leyendo filas") as advance:
        preview = preview_rucom(file, advance=advance)
    _report(preview, rejects)
    _report_minerals(preview)
    if apply:
        day = day_of(cut)
        with progress("Registrando títulos") as advance:
            applied = apply_rucom(preview, by=by, approved_by=approved_by, cut_date=day, advance=advance)
        _report_applied(applied)


@imports.command("municipalities")
def import_municipalities(
    file: File, apply: Apply = False, by: By = "", approved_by: Approved = "", rejects: Rejects = None
) -> None:
    """Trae los municipios de la DIVIPOLA del DANE, con sus coordenadas."""
    open_django()
    from veta.registry.importers.municipalities import apply_municipalities, preview_municipalities

    _require_two(apply, by, approved_by)
    with progress("Leyendo filas") as advance:
        preview = preview_municipalities(file, advance=advance)
    _report(preview, rejects)
    if apply:
        _report_applied(apply_municipalities(preview, by=by, approved_by=approved_by))


def _import_list(
    name: str, file: Path, *, apply: bool, by: str, approved_by: str, rejects: Path | None, cut: datetime | None
) -> None:
    """Read one of RUCOM's other lists, say that its columns are unverified, and apply it where it is asked."""
    open_django()
    from veta.registry.importers.rucom_lists import LISTS, UNVERIFIED, preview_list
    from veta.registry.importers.rucom_lists_apply import apply_list

    _require_two(apply, by, approved_by)
    kind = LISTS[name]
    with progress("Leyendo filas") as advance:
        preview = preview_list(kind, file, advance=advance)
    console().print(f"[yellow]{UNVERIFIED}[/yellow]")
    _report(preview, rejects)
    _report_minerals(preview)
    if apply:
        _report_applied(apply_list(kind, preview, by=by, approved_by=approved_by, cut_date=day_of(cut)))


Cut = Annotated[
    datetime | None, typer.Option("--cut", formats=["%Y-%m-%d"], help="Corte del archivo; hoy si no se da.")
]


@imports.command("traders")
def import_traders(
    file: File, apply: Apply = False, by: By = "", approved_by: Approved = "", rejects: Rejects = None, cut: Cut = None
) -> None:
    """Trae los comercializadores que publica el RUCOM (columnas sin verificar)."""
    _import_list("traders", file, apply=apply, by=by, approved_by=approved_by, rejects=rejects, cut=cut)


@imports.command("plants")
def import_plants(
    file: File, apply: Apply = False, by: By = "", approved_by: Approved = "", rejects: Rejects = None, cut: Cut = None
) -> None:
    """Trae las plantas de beneficio que publica el RUCOM (columnas sin verificar)."""
    _import_list("plants", file, apply=apply, by=by, approved_by=approved_by, rejects=rejects, cut=cut)


@imports.command("subsistence")
def import_subsistence(
    file: File, apply: Apply = False, by: By = "", approved_by: Approved = "", rejects: Rejects = None, cut: Cut = None
) -> None:
    """Trae los mineros de subsistencia que publica el RUCOM (columnas sin verificar)."""
    _import_list("subsistence", file, apply=apply, by=by, approved_by=approved_by, rejects=rejects, cut=cut)


@imports.command("reserves")
def import_reserves(
    file: File, apply: Apply = False, by: By = "", approved_by: Approved = "", rejects: Rejects = None, cut: Cut = None
) -> None:
    """Trae los beneficiarios de áreas de reserva especial que publica el RUCOM (columnas sin verificar)."""
    _import_list("reserves", file, apply=apply, by=by, approved_by=approved_by, rejects=rejects, cut=cut)


@imports.command("subcontracts")
def import_subcontracts(
    file: File, apply: Apply = False, by: By = "", approved_by: Approved = "", rejects: Rejects = None, cut: Cut = None
) -> None:
    """Trae los subcontratos de formalización que publica el RUCOM (columnas sin verificar)."""
    _import_list("subcontracts", file, apply=apply, by=by, approved_by=approved_by, rejects=rejects, cut=cut)


@app.command()
def show(what: Annotated[str, typer.Argument(metavar="TÍTULO|MUNICIPIO|ACTOR")], on: Day = None) -> None:
    """Muestra lo que el registro sabe de un título (por su placa), un municipio (DIVIPOLA) o un actor (su id)."""
    open_django()
    from veta.kernel.identity import title_code
    from veta.registry import queries

    day = day_of(on)
    title = queries.titles_by_code([title_code(what)]).get(title_code(what))
    if title:
        _show_title(title, day)
    elif what in (places := queries.municipalities()):
        place = places[what]
        where = f"{place.latitude}, {place.longitude}" if place.latitude is not None else "sin coordenadas"
        console().print(f"{place.code} {place.name}, {place.department} ({place.kind}). {where}.")
    elif (actor := _uuid(what)) and queries.kinds_of([actor]):
        name = queries.public_names_of([actor]).get(actor, "sin nombre")
        versions = queries.registrations_of([actor]).get(actor, [])
        console().print(f"{name} ({actor})")
        console().print(_registrations(versions, day))
    else:
        typer.secho(f"El registro no tiene «{what}». Revise la placa, el código o el id.", err=True, fg="red")
        raise typer.Exit(1)


def _show_title(versions: "list[TitleVersion]", day: date) -> None:
    from rich.table import Table

    from veta.registry import queries
    from veta.registry.domain import version_on

    title = version_on(versions, day)
    if title is None:
        typer.echo(
            f"El título {versions[0].code} no tiene versión que rija el {day}; hay {len(versions)} en otras fechas."
        )
        raise typer.Exit(1)
    names = queries.public_names_of([actor for actor, _ in title.holders])
    holders = [f"{names.get(a, str(a))}{f' ({share} %)' if share else ''}" for a, share in title.holders]
    table = Table(show_header=False, title=f"{title.code} el {day}", title_justify="left")
    rows = {
        "Estado": f"{STATUS_ES[title.status]}; etapa {STAGES_ES[title.stage]}; {title.modality or title.kind}",
        "Titulares": "\n".join(holders) or "no constan",
        "Minerales": ", ".join(sorted(title.minerals)) or "no constan",
        "Asociados": ", ".join(sorted(title.associated)) or "ninguno",
        "Municipios": ", ".join(sorted(title.municipalities)) or "no constan",
        "Contrato": f"{title.contract_date or 'no consta'}; inscrito {title.inscription_date or 'no consta'};"
        f" termina {title.end_date or 'no consta'}",
        "Ambiental": title.environmental_instrument or "no consta",
        "Escala": f"{title.scale or 'no consta'} {title.scale_act or ''}",
        "Rige": f"desde {title.valid_from} {f'hasta {title.valid_to}' if title.valid_to else ''}",
        "Versiones": str(len(versions)),
    }
    for name, value in rows.items():
        table.add_row(name, value)
    console().print(table)
    plan = version_on(queries.plans_of([title.title]).get(title.title, ()), day)
    console().print(_plan(plan) if plan else "Sin plan de trabajos en esa fecha.")
    console().print(_registrations(queries.registrations_for_title([title.code]).get(title.code, []), day))


def _plan(plan: "PlanVersion") -> Any:
    from rich.table import Table

    from veta.kernel.quantity import text_of
    from veta.norms.catalogue import catalogue

    table = Table("Mineral", "Año desde", "Volumen", title=f"{plan.kind}, {plan.act} ({plan.approved_on})")
    for line in plan.lines:
        mineral = catalogue().mineral(line.mineral)
        for start, amount in sorted(line.volumes.items()):
            shown = f"{text_of(amount, factor=mineral.factor)} {mineral.unit}" if mineral else str(amount)
            table.add_row(line.mineral, start, shown)
    return table


def _registrations(versions: "list[RegistrationVersion]", day: date) -> Any:
    from rich.table import Table

    from veta.registry import queries
    from veta.registry.domain import registrations_on

    held = registrations_on(versions, day)
    names = queries.public_names_of({version.actor for version in held})
    table = Table("Actor", "Rol", "Clase", "Origen", "Minerales", "Municipios", "Estado", title="Inscripciones")
    for version in held:
        table.add_row(
            names.get(version.actor, str(version.actor)),
            ROLES_ES[version.role],
            version.producer_class or "",
            version.title_code or "",
            ", ".join(sorted(version.minerals)) or "todos",
            ", ".join(sorted(version.municipalities)) or "todos",
            STATUS_ES[version.status],
        )
    return table


def _report(preview: "Preview[Any]", rejects: Path | None) -> None:
    from rich.markup import escape
    from rich.table import Table

    from veta.registry.importers.rows import write_rejects

    counts, screen = preview.counts(), console()
    screen.print(
        f"{escape(preview.file_name)}, {preview.encoding}: {counts['rows']} filas;"
        f" {counts['ok']} bien, {counts['repaired']} reparadas, {counts['rejected']} rechazadas."
    )
    for kind, times in preview.repairs().items():
        screen.print(f"  reparación «{kind}»: {times}")
    if counts["rejected"]:
        table = Table("Fila", "Columna", "Valor", "Causa", "Remedio", title="Rechazadas (las primeras 20)")
        for row in preview.rejected()[:20]:
            if row.rejection:
                found = (row.rejection.column, row.rejection.value, row.rejection.cause, row.rejection.remedy)
                table.add_row(str(row.row.line), *map(escape, found))
        screen.print(table)
    if rejects is not None:
        write_rejects(preview.rejected(), rejects)
        screen.print(f"Las {counts['rejected']} filas rechazadas quedaron en {escape(str(rejects))}.")


def _report_minerals(preview: "Preview[Any]") -> None:
    """Which spellings matched a code, and which name no mineral."""
    from collections import Counter

    from rich.markup import escape

    from veta.norms.catalogue import catalogue

    spellings = Counter(record.spelling for _, record in preview.accepted())
    unmatched = {text: times for text, times in spellings.most_common() if catalogue().match(text) is None}
    screen = console()
    screen.print(f"Minerales: {len(spellings)} grafías; {len(spellings) - len(unmatched)} corresponden al catálogo.")
    for text, times in unmatched.items():
        why = catalogue().reason(text) or "no está en el catálogo"
        screen.print(f"  sin mineral: «{escape(text)}» ({times} filas): {escape(why)}")


def _report_applied(applied: "Applied") -> None:
    names = {
        "actors": "actores",
        "titles": "versiones de títulos",
        "registrations": "versiones de inscripciones",
        "municipalities": "municipios",
    }
    written = ", ".join(f"{count} {names[name]}" for name, count in applied.written.items())
    typer.echo(f"Aplicadas {applied.rows} filas nuevas: {written}.")


def _require_two(apply: bool, by: str, approved_by: str) -> None:
    if apply and not (by.strip() and approved_by.strip()):
        raise typer.BadParameter("diga quién lo trae (--by) y quién lo aprueba (--approved-by)", param_hint="--apply")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
