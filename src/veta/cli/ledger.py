"""`veta ledger`: what the ledger says of itself."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from veta.ledger.domain.check import Result

app = typer.Typer(no_args_is_help=True, help="El libro de minerales y derechos.")


@app.callback()
def ledger() -> None:
    """El libro de minerales y derechos."""


@app.command()
def audit(rows: Annotated[int, typer.Option(min=1, help="Cuántas filas nombrar por cada falla.")] = 20) -> None:
    """Revisa todo el libro con consultas propias. Termina en 0 si nada falla y en 1 si algo falla.

    Comprueba sobre una sola foto de la base de datos y no cambia nada.
    """
    from veta.cli.environment import open_django

    open_django()
    from veta.ledger.audit import run
    from veta.storage.connection import plain_connection

    failed = 0
    with plain_connection(autocommit=True) as connection, connection.cursor() as cursor:
        run.begin(cursor)
        for result in run.run(cursor, run.checks(), shown=rows):
            failed += result.wrong > 0
            typer.echo(f"{'FALLA' if result.wrong else 'bien '} {result.check.title}: {_counted(result)}")
            for row, what in result.rows:
                typer.echo(f"        {row}: {what}")
            if result.wrong > len(result.rows):
                typer.echo(f"        … y {result.wrong - len(result.rows)} más")
        typer.echo("Fronteras, en la unidad mínima de cada materia:")
        for line in run.boundary_sums(cursor):
            typer.echo(f"      {line.kind:<12} {line.commodity:<28} entró {line.given:>20} salió {line.taken:>20}")
        cursor.execute("COMMIT")
    typer.echo(f"{failed} comprobaciones fallan." if failed else "El libro cuadra: ninguna comprobación falla.")
    raise typer.Exit(1 if failed else 0)


def _counted(result: "Result") -> str:
    return f"{result.examined} revisados, {result.wrong} con falla ({result.seconds:.2f} s)"
