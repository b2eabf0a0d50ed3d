"""`veta demo`: a fictitious country on real geography, a month of its mineral, ten frauds, and every check."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="La demostración.", invoke_without_command=True)


@app.callback()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Termina al acabar; la base de datos queda.")] = False,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", exists=True, file_okay=False, metavar="CARPETA",
            help="Archivos públicos reales: geografía completa, títulos del RUCOM, volúmenes según las regalías.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Otra semilla, otro mundo y otro mes.")] = 1,
    port: Annotated[int, typer.Option("--port", help="Puerto de la plataforma; 0 toma uno libre.")] = 8600,
    node_port: Annotated[int, typer.Option("--node-port", help="Puerto del nodo; 0 toma uno libre.")] = 8700,
    small: Annotated[bool, typer.Option("--small", help="Un mes pequeño, con los mismos diez fraudes.")] = False,
) -> None:  # fmt: skip
    """Carga un mundo ficticio, envía un mes de sus movimientos, planta diez fraudes y lo revisa todo.

    Los actores son ficticios y lo dicen. Repetirla usa el mismo mundo y envía otro mes. Termina en 1 si algo difiere.
    """
    ready = subprocess.run([sys.executable, "-m", "veta.cli.main", "db", "migrate"], check=False)
    if ready.returncode != 0:
        raise typer.Exit(ready.returncode)
    from veta.cli.environment import open_django

    open_django()
    from veta.config.postgres.place import home_of
    from veta.demo.run import Demo, demonstrate
    from veta.demo.screen import Screen

    asked = Demo(home=home_of(), seed=seed, port=port, node_port=node_port, once=once, small=small, data=data)
    raise typer.Exit(demonstrate(asked, screen=Screen()))
