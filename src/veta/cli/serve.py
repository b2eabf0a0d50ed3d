"""`veta serve`: the deployments."""

import subprocess
import sys

import typer

from veta.config.serve import Plan, supervise

app = typer.Typer(no_args_is_help=True, help="Los servidores: la plataforma (hub).")


@app.callback()
def servers() -> None:
    """Los servidores."""


@app.command()
def hub(
    host: str = typer.Option("127.0.0.1", help="Dirección en que escucha."),
    port: int = typer.Option(8600, help="Puerto; 0 toma uno libre y lo dice."),
    workers: int = typer.Option(2, min=1, help="Procesos web."),
    threads: int = typer.Option(64, min=1, help="Hilos de cada proceso web."),
) -> None:
    """Abre la plataforma: arranca la base de datos, la pone al día y supervisa web, numerador y tareas."""
    # In processes of their own: the supervisor stays small, and never holds the owner's role.
    for verbs in (("db", "migrate"), ("site", "assets")):
        ready = subprocess.run([sys.executable, "-m", "veta.cli.main", *verbs], check=False)  # noqa: S603
        if ready.returncode != 0:
            raise typer.Exit(ready.returncode)
    try:
        code = supervise(Plan(host=host, port=port, workers=workers, threads=threads), say=_say)
    except OSError as error:
        _say(f"No se puede escuchar en {host}:{port}: {error.strerror}. Cierre lo que lo ocupa o use --port.")
        raise typer.Exit(1) from error
    raise typer.Exit(code)


def _say(line: str) -> None:
    typer.echo(line, err=True)
