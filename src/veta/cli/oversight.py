"""`veta oversight`: validations of titles, and who is bound to report and linked to no operator."""

import json
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from veta.cli.environment import open_django
from veta.cli.screen import By, Day, author, console, day_of

if TYPE_CHECKING:
    from veta.oversight.domain.validation import Outcome, ValidationCase

app = typer.Typer(no_args_is_help=True, help="La fiscalización: validaciones de títulos y obligados sin operador.")
STATE_ES = {
    "open": "abierto", "proposed": "requerimiento por aprobar", "decided": "con resultado",
    "superseded": "atendido con un plan nuevo",
}  # fmt: skip
OUTCOME_ES = {
    "clear": "sin reparos", "clarify": "se aclara el mineral", "modify": "modificar el plan",
    "correct": "corregir el plan", "update": "actualizar el plan", "requirement": "requerimiento",
}  # fmt: skip
Code = Annotated[str, typer.Argument(metavar="CASO", help="El código del caso.")]
Reason = Annotated[str, typer.Option("--reason", help="El motivo; queda en el caso.")]


@app.command("list")
def list_cases(title: Annotated[str, typer.Option(help="Solo las de este título.")] = "") -> None:
    """Muestra las validaciones y en qué están."""
    open_django()
    from rich.table import Table

    from veta.kernel.identity import title_code
    from veta.oversight.queries import cases, plan_histories

    found = cases(title_code=title_code(title) if title else None)
    plans = plan_histories({case.title_code for case in found})
    table = Table("Caso", "Título", "Estado", "Se pidió", "Resultado", "Motivo")
    for case in found:
        ended = case.ended
        cells = (case.code, case.title_code, STATE_ES[case.state(plans[case.title_code])])
        outcome = OUTCOME_ES[ended.outcome] if ended and ended.outcome else ""
        table.add_row(*cells, str(case.events[0].occurred_on), outcome, ended.reason if ended else "")
    console().print(table)


@app.command()
def show(
    title: Annotated[str, typer.Argument(metavar="PLACA")],
    on: Day = None,
    petition: Annotated[bool, typer.Option("--petition", help="Escribe el borrador de la petición.")] = False,
) -> None:
    """Muestra lo que dice de un título cada registro, lado a lado. Termina con 1 si el registro no lo tiene."""
    open_django()
    from veta.kernel.identity import title_code
    from veta.oversight.queries import records_of

    records = records_of(title_code(title), on=day_of(on))
    if records is None:
        typer.secho(f"El registro no tiene el título {title} en esa fecha. Revise la placa.", err=True, fg="red")
        raise typer.Exit(1)
    if petition:
        typer.echo(records.petition or "Los registros concuerdan: no hay nada que pedir.")
        return
    plan = records.plan
    told: dict[str, Any] = {
        "title": records.title.code,
        "plan": {"kind": plan.kind, "act": plan.act, "since": str(plan.valid_from)} if plan else None,
        "headings": records.headings,
        "year": records.coherence.as_json() if records.coherence else None,
        "royalties": {entry.quarter_name: entry.state for entry in records.quarters},
        "bond": records.bond.life.state if records.bond else None,
        "alerts": [finding.as_json() for finding in records.alerts],
        "quote": records.answer["status"] if records.answer else None,
    }
    typer.echo(json.dumps(told, ensure_ascii=False, indent=2))


@app.command("open")
def open_case(title: Annotated[str, typer.Argument(metavar="PLACA")], reason: Reason, by: By = "") -> None:
    """Abre la validación de un título, o se suma a la que está abierta."""
    open_django()
    from veta.oversight.services import Opening
    from veta.oversight.services import open_case as opened

    asked = Opening(title=title, opener="officer", reason=reason, by=author(by))
    _say(opened(asked, on=day_of(None)))


@app.command()
def decide(
    code: Code, reason: Reason,
    outcome: Annotated[str, typer.Option(help="clear, clarify, modify, correct o update.")],
    act: Annotated[str, typer.Option(help="Acto o concepto, si lo hay.")] = "", by: By = "",
) -> None:  # fmt: skip
    """Da el resultado, con su motivo."""
    open_django()
    from veta.oversight.services import decide as decided

    if outcome not in OUTCOME_ES or outcome == "requirement":
        raise typer.BadParameter("use clear, clarify, modify, correct o update", param_hint="--outcome")
    chosen: Outcome = outcome  # type: ignore[assignment]
    _say(decided(_case(code).id, chosen, reason=reason, act=act, by=author(by), on=day_of(None)))


@app.command()
def require(
    code: Code, reason: Reason, act: Annotated[str, typer.Option(help="Acto que requiere: número y fecha.")],
    since: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="Exigible desde.")],
    by: By = "",
) -> None:  # fmt: skip
    """Propone requerir al titular que nombre el tipo de mineral; otra persona lo aprueba."""
    open_django()
    from veta.oversight.services import propose_requirement

    from_day: date = since.date()
    _say(
        propose_requirement(
            _case(code).id, required_from=from_day, act=act, reason=reason, by=author(by), on=day_of(None)
        )
    )


@app.command()
def settle(
    code: Code, by: By = "",
    refuse: Annotated[str, typer.Option("--refuse", help="Lo rechaza por este motivo, en lugar de aprobarlo.")] = "",
) -> None:  # fmt: skip
    """Aprueba el requerimiento que propuso otra persona: desde su fecha, PLA-003 bloquea."""
    open_django()
    from veta.oversight.services import settle_requirement

    _say(settle_requirement(_case(code).id, approved=not refuse, reason=refuse, by=author(by), on=day_of(None)))


@app.command()
def unlinked(on: Day = None) -> None:
    """Muestra a quién obliga el sistema ese día sin que tenga mandato con ningún operador."""
    open_django()
    from rich.table import Table

    from veta.oversight.queries import unlinked as found
    from veta.registry.queries import public_names_of

    rows = found(day_of(on))
    names = public_names_of({row.actor for row in rows})
    table = Table("Título", "Titular", "Escala", "Obligado desde", "Hallazgo")
    for row in rows:
        table.add_row(row.title_code, names.get(row.actor, ""), row.scale, str(row.since), row.finding.code)
    console().print(table)


def _case(code: str) -> "ValidationCase":
    from veta.oversight.queries import find_case

    found = find_case(code)
    if found is None:
        typer.secho(f"No hay caso {code}. Vea los que hay con veta oversight list.", err=True, fg="red")
        raise typer.Exit(1)
    return found


def _say(case: "ValidationCase") -> None:
    ended = case.ended
    outcome = f": {OUTCOME_ES[ended.outcome]}" if ended and ended.outcome else ""
    typer.echo(f"{case.code}, {case.title_code}: {STATE_ES[case.state()]}{outcome}.")
