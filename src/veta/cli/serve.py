"""`veta serve`: the deployments."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from veta.cli.screen import errors_on_screen
from veta.config.postgres.place import home_of
from veta.config.serve import Home, Plan, supervise

app = typer.Typer(no_args_is_help=True, help="Los servidores: la plataforma (hub) y el nodo de un operador (node).")


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
    _serve(Plan(host=host, port=port, workers=workers, threads=threads))


@app.command()
def node(
    host: str = typer.Option("127.0.0.1", help="Dirección en que escucha."),
    port: int = typer.Option(8700, help="Puerto; 0 toma uno libre y lo dice."),
    workers: int = typer.Option(1, min=1, help="Procesos web."),
    threads: int = typer.Option(32, min=1, help="Hilos de cada proceso web."),
) -> None:
    """Abre el nodo de un operador: su propia base de datos, sus páginas, y el envío a la plataforma."""
    from veta.config.node_environment import NODE_ORIGIN, in_node

    in_node()
    if os.environ["VETA_PUBLIC_ORIGIN"] == NODE_ORIGIN:
        del os.environ["VETA_PUBLIC_ORIGIN"]  # wherever it listens, that is its origin
    _serve(Plan(host=host, port=port, workers=workers, threads=threads, others=("node-sender", "node-reader", "jobs")))


def _serve(plan: Plan) -> None:
    first = {"migrate": _migrate, "assets": _assets}
    try:
        code = supervise(plan, home=lambda: Home.of(home_of()), first=first, say=_say)
    except OSError as error:
        _say(f"No se puede escuchar en {plan.host}:{plan.port}: {error.strerror}. Cierre lo que lo ocupa o use --port.")
        raise typer.Exit(1) from error
    raise typer.Exit(code)


def _migrate() -> None:
    # In a process of its own: the supervisor never holds the owner's role.
    from veta.cli.db import bring_up_to_date
    from veta.config.database import be_owner

    with _ending_with_its_code():
        be_owner()
        bring_up_to_date()


def _assets() -> None:
    from veta.cli.site import collect

    with _ending_with_its_code():
        collect()


@contextmanager
def _ending_with_its_code() -> Iterator[None]:
    try:
        with errors_on_screen():
            yield
    except typer.Exit as end:
        raise SystemExit(end.exit_code) from end


def _say(line: str) -> None:
    typer.echo(line, err=True)
