"""`veta bonds`: the póliza minero-ambiental of a case, one or a hundred thousand."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from veta.cli.bond_life import coherence, life
from veta.cli.environment import open_django
from veta.cli.screen import Case, Many, bytes_of, console, lines_of, print_findings, progress

app = typer.Typer(no_args_is_help=True, help="La póliza minero-ambiental: cuánto vale y por qué.")
STATUS_ES = {
    "final": "valor definido",
    "indicative": "rango indicativo: no hay valor todavía",
    "pending": "pendiente: falta un dato o un precio",
    "impossible": "sin valor: la ley no deja calcularlo así",
}


app.add_typer(life, name="life")
app.command()(coherence)


@app.command()
def quote(
    file: Case = None,
    regime: Annotated[str, typer.Option(help="ley_685 o decreto_2655.")] = "",
    stage: Annotated[str, typer.Option(help="exploracion, construccion_montaje o explotacion.")] = "",
    starts_on: Annotated[str, typer.Option(help="Inicio de la vigencia, AAAA-MM-DD.")] = "",
    ends_on: Annotated[str, typer.Option(help="Fin de la vigencia; un año, si no se da.")] = "",
    investment_cop: Annotated[str, typer.Option(help="Inversión prevista para el año (exploración, montaje).")] = "",
    mineral: Annotated[Many, typer.Option(help="Mineral del plan; se repite.")] = [],  # noqa: B006
    annual_volume: Annotated[Many, typer.Option(help="Volumen anual aprobado, uno por mineral.")] = [],  # noqa: B006
    second_year_volume: Annotated[Many, typer.Option(help="El del segundo año (Decreto 2655).")] = [],  # noqa: B006
    unit: Annotated[Many, typer.Option(help="t, m3, g, kg o ct; uno por mineral.")] = [],  # noqa: B006
    market: Annotated[Many, typer.Option(help="interno o exportacion, donde el acto los distingue.")] = [],  # noqa: B006
    zone: Annotated[Many, typer.Option(help="Zona, donde el acto la distingue.")] = [],  # noqa: B006
    producer_class: Annotated[Many, typer.Option(help="Clase de productor, donde el acto la distingue.")] = [],  # noqa: B006
    density: Annotated[Many, typer.Option(help="Densidad del plan, t/m³.")] = [],  # noqa: B006
    grade: Annotated[Many, typer.Option(help="Tenor del plan.")] = [],  # noqa: B006
    recovery: Annotated[Many, typer.Option(help="Recuperación del plan, entre 0 y 1.")] = [],  # noqa: B006
    modality: Annotated[str, typer.Option(help="Modalidad del título.")] = "",
    contract_date: Annotated[str, typer.Option(help="Fecha del contrato: da la anualidad.")] = "",
    terminated_on: Annotated[str, typer.Option(help="Fecha en que terminó el título.")] = "",
    declared: Annotated[Many, typer.Option(help="Mineral con regalías declaradas; se repite.")] = [],  # noqa: B006
    no_plan: Annotated[bool, typer.Option("--no-plan", help="No hay plan de trabajos aprobado.")] = False,
    title: Annotated[str, typer.Option(help="Placa: completa el caso con el registro.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Escribe el resultado en JSON.")] = False,
    batch: Annotated[Path | None, typer.Option("--batch", help="CSV con un caso por fila.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Dónde escribir el resultado de --batch.")] = None,
) -> None:
    """Calcula el valor asegurado. Termina con 0 si hay resultado, de cualquier estado; con 2 si no se entiende."""
    open_django()
    from veta.bonds.domain.case import CaseRefused
    from veta.bonds.services import answer_to
    from veta.kernel.strict_json import StrictJsonError, parse

    if batch is not None:
        _batch(batch, out)
        return
    lines = {
        "mineral": mineral, "annual_volume": annual_volume, "second_year_volume": second_year_volume, "unit": unit,
        "market": market, "zone": zone, "producer_class": producer_class, "density": density, "grade": grade,
        "recovery": recovery,
    }  # fmt: skip
    flags = {
        "regime": regime, "stage": stage, "starts_on": starts_on, "ends_on": ends_on, "investment_cop": investment_cop,
        "modality": modality, "contract_date": contract_date, "terminated_on": terminated_on, "title": title,
    }  # fmt: skip
    try:
        case = parse(bytes_of(file, "--file")) if file is not None else _case(flags, lines, declared, no_plan=no_plan)
        answer = answer_to(case)
    except (StrictJsonError, CaseRefused) as refused:
        print_findings(refused)
        raise typer.Exit(2) from refused
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        _show(answer)


@app.command()
def petition(
    file: Annotated[Path, typer.Option("--file", help="El caso en JSON («-» lo lee de la entrada).")],
) -> None:
    """Escribe el borrador de la petición que un plan sin tipo de mineral exige."""
    open_django()
    from veta.bonds.domain.case import CaseRefused
    from veta.bonds.domain.petition import petition as drafted
    from veta.bonds.services import quote_of
    from veta.kernel.strict_json import StrictJsonError, parse

    try:
        text = drafted(quote_of(parse(bytes_of(file, "--file"))))
    except (StrictJsonError, CaseRefused) as refused:
        print_findings(refused)
        raise typer.Exit(2) from refused
    if text is None:
        typer.echo("El plan nombra el tipo de cada mineral: no hay nada que pedir.")
    else:
        typer.echo(text)


def _case(
    flags: dict[str, str], lines: dict[str, list[str]], declared: list[str], *, no_plan: bool
) -> dict[str, object]:
    from veta.bonds.domain.reading import SHARED_FIELDS

    case: dict[str, object] = {name: value for name, value in flags.items() if value}
    given = {name for name, values in lines.items() if values}
    if flags["title"] and given <= {*SHARED_FIELDS}:
        case |= {name: lines[name][0] for name in given}  # the title's plan has the minerals
    elif production := lines_of(lines):
        case["production"] = production
    if declared:
        case["royalties_declared"] = declared
    if no_plan:
        case["plan_approved"] = False
    return case


def _batch(source: Path, target: Path | None) -> None:
    from veta.bonds.batch import BatchRefused, quote_batch
    from veta.prices.queries import whole_book

    if target is None or not source.is_file():
        raise typer.BadParameter("indique un CSV que exista y, con --out, dónde escribir", param_hint="--batch")
    with source.open("rb") as file:
        rows = max(0, sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b"")) - 1)
    try:
        with progress("Calculando pólizas", total=rows) as advance:
            counts = quote_batch(source, target, whole_book(), advance=advance)
    except BatchRefused as refused:
        print_findings(refused)
        raise typer.Exit(2) from refused
    listed = ", ".join(f"{count} {status}" for status, count in counts.most_common())
    typer.echo(f"{sum(counts.values())} casos: {listed}. Resultado en {target}.")


def _show(answer: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    screen = console()
    screen.print(f"[bold]{STATUS_ES[answer['status']]}[/bold]")
    if answer["insured_value_cop"]:
        screen.print(f"Valor asegurado: {answer['insured_value_cop']} COP (exacto: {answer['exact_cop']})")
    if answer["range_cop"]:
        screen.print(f"Entre {answer['range_cop'][0]} y {answer['range_cop'][1]} COP, según el tipo de mineral")
    if answer["lines"]:
        table = Table("Mineral", "Volumen", "Precio COP", "Resolución", "Rige", "Subtotal COP")
        for line in answer["lines"]:
            volume = f"{line['volume']} {line['unit']}"
            cells = (line["mineral"], volume, line["price_cop"], line["resolution"])
            table.add_row(*cells, " a ".join(line["period"]), line["subtotal_cop"])
        screen.print(table)
    for finding in answer["findings"]:
        screen.print(escape(f"{finding['code']} · {finding['message']} [{finding['norm']}]"))
    screen.print("\nPor qué:")
    for number, step in enumerate(answer["trace"], start=1):
        screen.print(escape(f"{number}. {step['text']} [{step['norm']}; {step['basis']}, {step['status']}]"))
