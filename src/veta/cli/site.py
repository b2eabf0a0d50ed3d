"""`veta site`: the first administrators, the page of permissions, and the pages' static files."""

from typing import Annotated

import typer

from veta.cli.environment import open_django

app = typer.Typer(no_args_is_help=True, help="Las páginas: primera administración, permisos y archivos.")

People = Annotated[
    list[str], typer.Argument(help="Dos o más: correo y nombre, uno tras otro.", metavar="CORREO NOMBRE")
]


@app.command()
def found(people: People) -> None:
    """Crea la primera administración y escribe, para cada persona, el enlace con que fija su contraseña."""
    if len(people) % 2:
        typer.secho("A cada correo le sigue un nombre, entre comillas si tiene espacios.", err=True, fg="red")
        raise typer.Exit(2)
    open_django()
    from veta.site.invitation import invitation_link
    from veta.site.services import found_administrators

    for user in found_administrators(*zip(people[::2], people[1::2], strict=True)):
        typer.echo(f"{user.email} {invitation_link(user)}")


@app.command()
def permissions() -> None:
    """Escribe docs/permissions.md: cada dirección, cada método y quién puede."""
    open_django()
    from veta.site.permission_document import document

    typer.echo(document(), nl=False)


@app.command()
def assets() -> None:
    """Reúne los archivos de las páginas en VETA_HOME/static, con el resumen de su contenido en el nombre."""
    open_django()
    collect()


def collect() -> None:
    """Collect them, in a process where Django is set up."""
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0)
