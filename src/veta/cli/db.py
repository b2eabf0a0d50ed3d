"""`veta db`: the database that this home works on."""

import os

import typer

from veta.cli.environment import open_django
from veta.config.postgres import ensure_running, is_running
from veta.config.postgres import stop as stop_server
from veta.config.postgres.server import find_place

app = typer.Typer(no_args_is_help=True, help="La base de datos: arrancarla, pararla, ponerla al día.")


@app.command()
def start() -> None:
    """Arranca la base de datos incluida, si no está arriba, y dice cómo llegar a ella."""
    typer.echo(os.environ.get("DATABASE_URL") or ensure_running())


@app.command()
def stop() -> None:
    """Para la base de datos incluida."""
    typer.echo("La base de datos quedó parada." if stop_server() else "La base de datos ya estaba parada.")


@app.command()
def status() -> None:
    """Dice si la base de datos incluida está arriba (termina con 0) o no (con 1), y dónde están sus datos."""
    up = is_running()
    place = find_place()
    typer.echo(f"{'Arriba' if up else 'Parada'}. Datos: {place.data}. Registro: {place.data / 'log'}.")
    raise typer.Exit(0 if up else 1)


@app.command()
def migrate() -> None:
    """Pone las tablas al día y otorga a la aplicación lo que config/grants.py dice."""
    open_django(owner=True)
    bring_up_to_date()


def bring_up_to_date() -> None:
    """Run what is missing and grant, as the owner, on the connection that Django has; says what was done.

    Raises a DomainError, and changes nothing, where the deployment may not begin: its database's keys are not there.
    """
    from veta.config.migrate import is_current
    from veta.config.migrate import migrate as run
    from veta.site.deployment import deployment

    deployment().ready()
    done = "ya estaban al día" if is_current() else "quedaron al día"
    typer.echo(f"{run(verbosity=0)} tablas {done}, con sus permisos.")
