"""`veta royalties`: a quarter's settlement, from what was mined to its proof of payment."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from veta.cli.environment import open_django
from veta.cli.screen import By, Case, Many, author, bytes_of, console, lines_of, print_findings, progress

if TYPE_CHECKING:
    from veta.royalties.queries import SettlementEntry
    from veta.royalties.services import Destination

app = typer.Typer(no_args_is_help=True, help="Las regalías: liquidar, declarar, pagar y comprobar.")
STATUS_ES = {"final": "liquidada", "pending": "pendiente: falta un dato o un precio", "impossible": "sin liquidar"}
STATE_ES = {"draft": "borrador", "declared": "declarada", "paid": "pagada"}
Title = Annotated[str, typer.Argument(metavar="PLACA")]
Quarter = Annotated[str, typer.Argument(metavar="TRIMESTRE", help="Como 2025-T3.")]


@app.command()
def settle(
    file: Case = None,
    quarter: Annotated[str, typer.Option(help="Trimestre, como 2025-T3.")] = "",
    title: Annotated[str, typer.Option(help="Placa del título.")] = "",
    contract_date: Annotated[str, typer.Option(help="Fecha del contrato: congela la tarifa.")] = "",
    modality: Annotated[str, typer.Option(help="Modalidad del título.")] = "",
    subsoil: Annotated[str, typer.Option(help="estado o privado.")] = "",
    paid_on: Annotated[str, typer.Option(help="Fecha de pago, para la mora.")] = "",
    mineral: Annotated[Many, typer.Option(help="Mineral extraído; se repite.")] = [],  # noqa: B006
    quantity: Annotated[Many, typer.Option(help="Cantidad extraída, una por mineral.")] = [],  # noqa: B006
    unit: Annotated[Many, typer.Option(help="t, m3, g, kg o ct.")] = [],  # noqa: B006
    municipality: Annotated[Many, typer.Option(help="Municipio (DIVIPOLA) de donde se extrajo.")] = [],  # noqa: B006
    month: Annotated[Many, typer.Option(help="Mes, para los metales preciosos: 2025-08.")] = [],  # noqa: B006
    market: Annotated[Many, typer.Option(help="interno o exportacion.")] = [],  # noqa: B006
    zone: Annotated[Many, typer.Option(help="Zona, donde el acto la distingue.")] = [],  # noqa: B006
    producer_class: Annotated[Many, typer.Option(help="Clase de productor, donde el acto la distingue.")] = [],  # noqa: B006
    fineness: Annotated[Many, typer.Option(help="Ley en milésimas, si el peso es bruto.")] = [],  # noqa: B006
    deposit: Annotated[Many, typer.Option(help="aluvion o veta, para el oro.")] = [],  # noqa: B006
    holder_year_tonnes: Annotated[Many, typer.Option(help="Carbón del año, todos los títulos.")] = [],  # noqa: B006
    from_ledger: Annotated[
        bool, typer.Option("--from-ledger", help="Llena las líneas con el libro del título.")
    ] = False,
    save: Annotated[bool, typer.Option("--save", help="La guarda como borrador del título.")] = False,
    destination: Annotated[
        Many, typer.Option(help="Con --save, a quién se entregó: «NIT 900500018;caliza;100;t». Se repite.")
    ] = [],  # noqa: B006
    by: By = "",
    as_json: Annotated[bool, typer.Option("--json", help="Escribe el resultado en JSON.")] = False,
) -> None:
    """Liquida un trimestre sobre lo extraído. Termina con 0 si hay resultado; con 2 si el caso no se entiende."""
    open_django()
    from veta.kernel.strict_json import StrictJsonError, parse
    from veta.royalties import services
    from veta.royalties.domain.reading import SettlementRefused

    flags = {
        "quarter": quarter, "title": title, "contract_date": contract_date, "modality": modality, "subsoil": subsoil,
        "paid_on": paid_on,
    }  # fmt: skip
    lines = {
        "mineral": mineral, "quantity": quantity, "unit": unit, "municipality": municipality, "month": month,
        "market": market, "zone": zone, "producer_class": producer_class,
        "fineness": fineness, "deposit": deposit, "holder_year_tonnes": holder_year_tonnes,
    }  # fmt: skip
    try:
        case = parse(bytes_of(file, "--file")) if file is not None else _case(flags, {} if from_ledger else lines)
        if from_ledger and isinstance(case, dict):
            case = _from_ledger(case, lines)
        if save and isinstance(case, dict):
            sent = [_destination(text) for text in destination]
            answer = services.save_draft(case, by=author(by), destinations=sent).answer
        else:
            answer = services.answer_to(case)
    except (StrictJsonError, SettlementRefused) as refused:
        print_findings(refused)
        raise typer.Exit(2) from refused
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        _show(answer)


@app.command()
def declare(
    title: Title,
    quarter: Quarter,
    signer: Annotated[str, typer.Option(help="Documento del titular que firma, como «CC 52000111».")],
    by: By = "",
) -> None:
    """Declara el borrador del trimestre con el deber de veracidad firmado."""
    open_django()
    from veta.royalties.services import declare as declared

    actor = _actor(signer)
    entry = declared(_settlement(title, quarter).id, signer=actor, by=author(by))
    typer.echo(f"{entry.title_code} {entry.quarter_name}: declarada por {entry.answer['payable_cop']} COP.")
    due = entry.answer["due"]
    typer.echo(f"Pague a más tardar el {due['earliest']} (otra lectura del plazo: {due['latest']}).")


@app.command()
def pay(
    title: Title,
    quarter: Quarter,
    proof: Annotated[str, typer.Option(help="Número del comprobante.")],
    paid_on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Fecha de pago.")],
    amount: Annotated[str, typer.Option(help="Valor pagado en pesos.")],
    bank: Annotated[str, typer.Option(help="Banco.")] = "",
    by: By = "",
) -> None:
    """Registra el pago de un trimestre declarado; su comprobante sirve antes de exportar."""
    open_django()
    from veta.royalties.services import pay as paid

    entry, findings = paid(
        _settlement(title, quarter).id,
        proof_number=proof,
        paid_on=paid_on.date(),
        paid_cop=amount,
        bank=bank,
        by=author(by),
    )
    typer.echo(f"{entry.title_code} {entry.quarter_name}: pagada, comprobante {proof}.")
    for finding in findings:
        typer.echo(f"{finding.code} · {finding.message}")


@app.command()
def proof(
    number: Annotated[str, typer.Argument(metavar="COMPROBANTE")],
    as_json: Annotated[bool, typer.Option("--json", help="Lo escribe como evidencia de un movimiento.")] = False,
) -> None:
    """Dice qué paga un comprobante. Termina con 1 si no existe."""
    open_django()
    from veta.royalties.queries import payment_proof

    found = payment_proof(number)
    if found is None:
        typer.secho(f"No hay pago registrado con el comprobante {number}. Revise el número.", err=True, fg="red")
        raise typer.Exit(1)
    if as_json:
        typer.echo(json.dumps(found.evidence))
        return
    typer.echo(
        f"{found.number}: {found.title_code}, {found.quarter}, {found.paid_cop} COP el {found.paid_on}"
        f" ({', '.join(found.minerals)})."
    )


@app.command("list")
def list_settlements(title: Annotated[str, typer.Option(help="Solo las de este título.")] = "") -> None:
    """Muestra las liquidaciones guardadas y su estado."""
    open_django()
    from rich.table import Table

    from veta.kernel.identity import title_code
    from veta.royalties.queries import settlements

    table = Table("Título", "Trimestre", "Estado", "Valor COP", "Vence (lectura más temprana)", "Comprobante")
    for entry in settlements(title_code=title_code(title) if title else None):
        due = (entry.answer.get("due") or {}).get("earliest", "")
        payable = entry.answer.get("payable_cop") or "pendiente"
        number = entry.events[-1]["proof_number"] or ""
        table.add_row(entry.title_code, entry.quarter_name, STATE_ES[entry.state], payable, due, number)
    console().print(table)


@app.command()
def due(
    quarter: Quarter,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Hoy, si no se da.")] = None,
) -> None:
    """Dice cuándo vence el trimestre por cada lectura de la norma y cuánto falta."""
    from veta.kernel.clock import SystemClock
    from veta.kernel.period import bogota_date
    from veta.royalties.domain.due import due_after
    from veta.royalties.domain.reading import read_quarter

    period = read_quarter(quarter)
    if period is None:
        raise typer.BadParameter("escríbalo como 2025-T3", param_hint="TRIMESTRE")
    today: date = on.date() if on else bogota_date(SystemClock().now())
    names = {"carbon": "Carbón", "other": "Los demás minerales", "private_subsoil": "Subsuelo privado"}
    for kind, name in names.items():
        found = due_after(period.end, kind)
        left = (found.earliest - today).days
        when = f"faltan {left} días" if left > 0 else "vence hoy" if left == 0 else f"venció hace {-left} días"
        typer.echo(f"{name}: {found.earliest} ({when}); otra lectura, {found.latest}. {found.norm} [{found.status}]")


@app.command("import")
def import_history(
    file: Annotated[Path, typer.Argument(metavar="ARCHIVO", help="Regalías por municipio y trimestre (CSV).")],
    by: By = "",
    preview: Annotated[bool, typer.Option("--preview", help="Solo muestra qué haría.")] = False,
    report: Annotated[Path | None, typer.Option("--report", help="Guarda aquí el informe de cada fila.")] = None,
) -> None:
    """Guarda lo declarado antes por municipio y trimestre. El archivo no nombra títulos."""
    open_django()
    from veta.registry.importers.rows import write_report
    from veta.royalties.history import keep_history, preview_history

    with progress("Leyendo filas") as advance:
        read = preview_history(file, advance=advance)
    counts = read.counts()
    typer.echo(
        f"{read.file_name} ({read.encoding}): {counts['rows']} filas; {counts['ok']} bien, {counts['repaired']}"
        f" reparadas, {counts['rejected']} rechazadas."
    )
    for kind, times in read.repairs().items():
        typer.echo(f"  reparación «{kind}»: {times}")
    for row in read.rejected()[:20]:
        if row.rejection:
            typer.echo(f"  fila {row.row.line}: {row.rejection.cause} {row.rejection.remedy}")
    if report is not None:
        write_report(read.rows, report)
        typer.echo(f"Informe de cada fila en {report}.")
    if not preview:
        with progress("Guardando filas") as advance:
            applied = keep_history(read, by=author(by), advance=advance)
        typer.echo(f"Guardadas {applied.rows} filas nuevas.")


@app.command()
def history(mineral: Annotated[str, typer.Option(help="Solo este mineral.")] = "") -> None:
    """Muestra lo pagado y producido por mineral y año, y el pago implícito por unidad."""
    open_django()
    from rich.table import Table

    from veta.royalties.queries import paid_by_year

    table = Table("Mineral", "Año", "Pagado COP", "Producido", "Unidad", "Pago implícito COP/unidad")
    for row in paid_by_year(mineral or None):
        cells = (row.mineral, str(row.year), str(row.value_pesos), str(row.quantity), row.unit)
        table.add_row(*cells, row.implied or "sin producción")
    console().print(table)


@app.command()
def withhold(
    buyer: Annotated[str, typer.Option(help="Documento del comprador, como «NIT 900500018».")],
    month: Annotated[datetime, typer.Option(formats=["%Y-%m"], help="Mes (AAAA-MM).")],
    by: By = "",
) -> None:
    """Retiene la regalía de las compras de metales preciosos del mes que el libro cuenta y aún no la tienen."""
    open_django()
    from veta.kernel.period import month_of
    from veta.kernel.quantity import text_of
    from veta.royalties.services import withhold_month

    done = withhold_month(_actor(buyer), month_of(month.date()), by=author(by))
    typer.echo(f"{len(done)} compras; retenido {text_of(sum(done), factor=100)} COP.")


@app.command()
def book(
    buyer: Annotated[str, typer.Option(help="Documento del comprador, como «NIT 900500018».")],
    month: Annotated[datetime, typer.Option(formats=["%Y-%m"], help="Mes (AAAA-MM).")],
    out: Annotated[Path | None, typer.Option("--out", help="Guarda la relación por municipio en CSV.")] = None,
) -> None:
    """Muestra el libro del mes: lo retenido por municipio y metal, y hasta cuándo se consigna y se informa."""
    open_django()
    import csv

    from rich.table import Table

    from veta.kernel.period import month_of
    from veta.kernel.quantity import text_of
    from veta.royalties.domain.due import due_after
    from veta.royalties.queries import withholding_book

    period = month_of(month.date())
    lines = withholding_book(_actor(buyer), period)
    rows = [
        (line.municipality, line.mineral, str(line.purchases), text_of(line.fine_mg, factor=1000),
         text_of(line.withheld_centavos, factor=100))
        for line in lines
    ]  # fmt: skip
    table = Table("Municipio", "Metal", "Compras", "Gramos finos", "Retenido COP", title=f"Libro de {month:%Y-%m}")
    for row in rows:
        table.add_row(*row)
    console().print(table)
    total = text_of(sum(line.withheld_centavos for line in lines), factor=100)
    deposit, report = (due_after(period.end, kind) for kind in ("withholding_deposit", "withholding_list"))
    typer.echo(
        f"Total {total} COP. Consigne a más tardar el {deposit.earliest}; envíe la relación el {report.earliest}."
    )
    if out is not None:
        with out.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["municipio", "metal", "compras", "gramos_finos", "retenido_cop"])
            writer.writerows(rows)
        typer.echo(f"Relación en {out}.")


def _destination(text: str) -> "Destination":
    from veta.royalties.services import Destination

    parts = [part.strip() for part in text.split(";")]
    if len(parts) != 4:
        raise typer.BadParameter("escríbalo como «NIT 900500018;caliza;100;t»", param_hint="--destination")
    return Destination(_actor(parts[0]), *parts[1:])


def _actor(text: str) -> UUID:
    from veta.kernel.identity import document
    from veta.registry.queries import actors_of

    kind, _, number = text.strip().partition(" ")
    named = document(kind.upper(), number)
    found = actors_of([named]).get(named)
    if found is None:
        typer.secho("El registro no tiene a nadie con ese documento. Revíselo.", err=True, fg="red")
        raise typer.Exit(1)
    return found


def _settlement(title: str, quarter: str) -> "SettlementEntry":
    from veta.kernel.identity import title_code
    from veta.royalties.domain.reading import read_quarter
    from veta.royalties.queries import settlements

    period = read_quarter(quarter)
    found = settlements(title_code=title_code(title), within=period) if period else []
    if not found:
        typer.secho(f"No hay liquidación de {title} en {quarter}. Guárdela con settle --save.", err=True, fg="red")
        raise typer.Exit(1)
    return found[0]


def _from_ledger(case: dict[str, object], lines: dict[str, list[str]]) -> dict[str, object]:
    """The case with the ledger's lines; options of a line, given once, are said of all."""
    from veta.kernel.identity import title_code
    from veta.royalties.domain.reading import read_quarter
    from veta.royalties.queries import case_from_ledger

    period = read_quarter(case.get("quarter"))
    if period is None or not isinstance(case.get("title"), str):
        raise typer.BadParameter("indique la placa y el trimestre", param_hint="--from-ledger")
    said = {name: values[0] for name, values in lines.items() if values}
    filled = case_from_ledger(title_code(str(case["title"])), period, said=said)
    return {**filled, **case, "lines": filled["lines"]}


def _case(flags: dict[str, str], lines: dict[str, list[str]]) -> dict[str, object]:
    case: dict[str, object] = {name: value for name, value in flags.items() if value}
    if given := lines_of(lines):
        case["lines"] = given
    return case


def _show(answer: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    screen = console()
    screen.print(f"[bold]Regalías {answer['quarter']}: {STATUS_ES[answer['status']]}[/bold]")
    if answer["payable_cop"]:
        screen.print(f"A pagar: {answer['payable_cop']} COP (exacto: {answer['exact_cop']})")
        screen.print(f"Vence el {answer['due']['earliest']}; otra lectura del plazo, {answer['due']['latest']}")
    if answer["late"]:
        late = answer["late"]
        screen.print(f"Mora: {late['days']} días, {late['interest_cop']} COP ({late['norm']}; {late['status']})")
    table = Table("Mineral", "Municipio", "Cantidad", "Precio COP", "Resolución", "Tarifa", "Valor COP")
    for line in answer["lines"]:
        quantity = f"{line['quantity']} {line['unit']}"
        cells = (line["mineral"], line["municipality"] or "", quantity, line["price_cop"], line["resolution"])
        table.add_row(*cells, line["rate"], line["value_cop"])
    screen.print(table)
    for finding in answer["findings"]:
        screen.print(escape(f"{finding['code']} · {finding['message']} [{finding['norm']}]"))
    screen.print("\nPor qué:")
    for number, step in enumerate(answer["trace"], start=1):
        screen.print(escape(f"{number}. {step['text']} [{step['norm']}; {step['basis']}, {step['status']}]"))
