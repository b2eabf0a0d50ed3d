"""`veta bonds life …` and `veta bonds coherence`: what is required of a title, what it presented, what does not fit."""

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from veta.cli.environment import open_django
from veta.cli.screen import By, Day, author, day_of

if TYPE_CHECKING:
    from veta.bonds.domain.life import Policy
    from veta.bonds.queries import BondEntry

life = typer.Typer(no_args_is_help=True, help="La vida de las pólizas: exigir, presentar, aprobar, hacer efectiva.")
STATE_ES = {
    "": "sin exigir", "required": "exigida", "presented": "presentada", "approved": "aprobada", "objected": "objetada",
    "drawn": "hecha efectiva",
}  # fmt: skip
Title = Annotated[str, typer.Argument(metavar="PLACA")]
ActOption = Annotated[str, typer.Option("--act", help="Acto de la autoridad: número y fecha.")]
PolicyFile = Annotated[Path, typer.Option("--file", help="La póliza en JSON.", exists=True, dir_okay=False)]


@life.command()
def require(
    title: Title, on: Day = None, by: By = "",
    investment_cop: Annotated[str, typer.Option(help="Inversión del año, en exploración o montaje.")] = "",
    market: Annotated[str, typer.Option(help="interno o exportacion, donde el acto los distingue.")] = "",
    zone: Annotated[str, typer.Option(help="Zona, donde el acto la distingue.")] = "",
) -> None:  # fmt: skip
    """Exige la póliza de la anualidad en que cae el día, por el valor que dan el plan y los precios."""
    open_django()
    from veta.bonds.services import require as required

    said = {"investment_cop": investment_cop, "market": market, "zone": zone}
    case = {name: value for name, value in said.items() if value}
    _say(required(title, starts_on=day_of(on), by=author(by), case=case))


@life.command()
def due(on: Day = None) -> None:
    """Muestra las concesiones en vigor cuya anualidad de ese día no tiene póliza exigida."""
    open_django()
    from veta.bonds.services import unrequired

    for code, annuity in unrequired(day_of(on)):
        typer.echo(f"{code}: {annuity.start} a {annuity.end}")


@life.command()
def present(title: Title, file: PolicyFile, on: Day = None, by: By = "") -> None:
    """Registra la póliza presentada y dice qué le falta."""
    open_django()
    from veta.bonds.services import present as presented

    _say(presented(_bond(title, day_of(on)).id, _policy(file), on=day_of(on), by=author(by)))


@life.command()
def restore(title: Title, file: PolicyFile, on: Day = None, by: By = "") -> None:
    """Registra la póliza que repone la que se hizo efectiva."""
    open_django()
    from veta.bonds.services import restore as restored

    _say(restored(_bond(title, day_of(on)).id, _policy(file), on=day_of(on), by=author(by)))


@life.command()
def decide(
    title: Title, act: ActOption, on: Day = None, by: By = "",
    refuse: Annotated[str, typer.Option("--object", help="La objeta por este motivo, en lugar de aprobarla.")] = "",
) -> None:  # fmt: skip
    """Aprueba u objeta la póliza presentada, con el acto de la autoridad que concedió el título."""
    open_django()
    from veta.bonds.services import decide as decided

    _say(
        decided(_bond(title, day_of(on)).id, approved=not refuse, act=act, on=day_of(on), by=author(by), reason=refuse)
    )


@life.command()
def draw(
    title: Title, act: ActOption, pesos: Annotated[int, typer.Option(min=1, help="Valor en pesos.")],
    on: Day = None, by: By = "",
) -> None:  # fmt: skip
    """Registra que la póliza se hizo efectiva; queda el deber de reponerla."""
    open_django()
    from veta.bonds.services import draw as drawn

    _say(drawn(_bond(title, day_of(on)).id, pesos=pesos, act=act, on=day_of(on), by=author(by)))


@life.command("list")
def list_bonds(title: Annotated[str, typer.Option(help="Solo las de este título.")] = "", on: Day = None) -> None:
    """Muestra las pólizas y sus avisos: por vencer, vencidas, cortas, sin reponer."""
    open_django()
    from rich.console import Console
    from rich.table import Table

    from veta.bonds.domain.life import alerts
    from veta.bonds.queries import bonds
    from veta.bonds.services import needed_now
    from veta.kernel.identity import title_code

    table = Table("Título", "Anualidad", "Estado", "Exigido COP", "Asegurado COP", "Vence", "Avisos")
    for entry in bonds(title_code=title_code(title) if title else None):
        policy, annuity = entry.life.policy, entry.life.annuity
        found = alerts(entry.life, on=day_of(on), needed=needed_now(entry))
        cells = (entry.title_code, f"{annuity.start} a {annuity.end}", STATE_ES[entry.life.state])
        insured = (str(policy.insured), str(policy.validity.end)) if policy else ("", "")
        table.add_row(
            *cells, str(entry.life.required or ""), *insured, "\n".join(f"{f.code} {f.message}" for f in found)
        )
    Console(width=200).print(table)


def coherence(
    title: Title,
    on: Day = None,
    as_json: Annotated[bool, typer.Option("--json", help="Escribe el resultado en JSON.")] = False,
) -> None:
    """Compara el año de un título: plan, regalías declaradas, movimientos, certificados y póliza."""
    open_django()
    from rich.console import Console
    from rich.table import Table

    from veta.oversight.queries import year_of

    found = year_of(title, on=day_of(on))
    if as_json:
        typer.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=2))
        return
    period = found.year.period
    table = Table(
        "Mineral", "Unidad", "Plan", "Regalías", "Movido", "Certificado", "Base de la póliza",
        title=f"{found.year.title}, {period.start} a {period.end}",
    )  # fmt: skip
    for row in found.rows:
        table.add_row(
            row.mineral, row.unit, row.plan, row.declared, row.moved, row.certified or "no consta", row.bond_base
        )
    console = Console(width=160)
    console.print(table)
    for finding in found.findings:
        console.print(f"{finding.code} · {finding.message} \\[{finding.norm}]")
    if not found.findings:
        typer.echo("Sin diferencias.")


def _bond(title: str, day: date) -> "BondEntry":
    from veta.bonds.queries import bonds
    from veta.kernel.identity import title_code

    found = [entry for entry in bonds(title_code=title_code(title)) if entry.life.annuity.start <= day]
    if not found:
        typer.secho(
            f"No se ha exigido póliza a {title}. Exíjala con: veta bonds life require {title}", err=True, fg="red"
        )
        raise typer.Exit(1)
    return found[0]


def _policy(file: Path) -> "Policy":
    from veta.bonds.services import read_policy
    from veta.kernel.strict_json import parse

    return read_policy(parse(file.read_bytes()))


def _say(entry: Any) -> None:
    life_of = entry.life
    typer.echo(
        f"{entry.title_code}, {life_of.annuity.start} a {life_of.annuity.end}: {STATE_ES[life_of.state]};"
        f" exigido {life_of.required} COP."
    )
    for finding in life_of.events[-1].findings:
        typer.echo(f"{finding.code} · {finding.message}")
