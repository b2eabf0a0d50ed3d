"""`veta node`: an operator's node, in its own home (VETA_NODE_HOME, else `node` in VETA_HOME)."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from veta.cli.environment import open_django
from veta.config.node_environment import in_node

app = typer.Typer(no_args_is_help=True, help="El nodo de un operador: primera mesa, permisos, diagnóstico.")

keys = typer.Typer(no_args_is_help=True, help="La clave con que se sella lo que el nodo guarda de personas.")
app.add_typer(keys, name="keys")

People = Annotated[
    list[str], typer.Argument(help="Una o más personas: correo y nombre, uno tras otro.", metavar="CORREO NOMBRE")
]


@app.callback()
def node() -> None:
    """El nodo de un operador."""


def _open(*, owner: bool = False) -> None:
    """The node, with its database; not without the keys that this was written under. Raises KeyRefused."""
    in_node()
    open_django(owner=owner)
    from veta.site.deployment import deployment

    deployment().ready()


@app.command()
def migrate() -> None:
    """Pone al día las tablas de la base de datos del nodo."""
    _open(owner=True)
    from veta.config.migrate import migrate as run

    typer.echo(f"{run(verbosity=0)} tablas al día en la base de datos del nodo.")


@app.command()
def found(people: People) -> None:
    """Crea la mesa del operador y escribe, para cada persona, el enlace con que fija su contraseña."""
    if len(people) % 2:
        typer.secho("A cada correo le sigue un nombre, entre comillas si tiene espacios.", err=True, fg="red")
        raise typer.Exit(2)
    _open()
    from veta.node.services.members import found_desk
    from veta.site.invitation import invitation_link

    for user in found_desk(*zip(people[::2], people[1::2], strict=True)):
        typer.echo(f"{user.email} {invitation_link(user)}")


@app.command()
def webhook() -> None:
    """Pide a la plataforma que avise a VETA_NODE_WEBHOOK_URL (termina en /api/avisos); la comprueba con un reto."""
    _open()
    from django.conf import settings

    from veta.node.connect import open_hub

    if not settings.NODE_WEBHOOK_URL:
        typer.secho("Ponga en VETA_NODE_WEBHOOK_URL la dirección https de este nodo.", err=True, fg="red")
        raise typer.Exit(2)
    state = open_hub().set_webhook(settings.NODE_WEBHOOK_URL)
    typer.echo(f"{state['url']}: {state['state']}")


@app.command()
def reconcile() -> None:
    """Compara cada cliente con la plataforma y dice las diferencias; termina con 1 si hay alguna o no se pudo."""
    _open()
    from veta.kernel.clock import SystemClock
    from veta.node.connect import open_hub
    from veta.node.models import Client
    from veta.node.queries.members import by_name
    from veta.node.reader import follow
    from veta.node.services.reconciling import reconcile as compare

    hub, wrong = open_hub(), 0
    follow(hub, clock=SystemClock())
    for client in by_name(Client.objects.all()):
        run = compare(client, hub, now=SystemClock().now())
        differences = list(run.differences.all())
        wrong += len(differences) + bool(run.trouble)
        typer.echo(f"{client.name}: {run.agreed} de {run.looked_at} iguales. {run.trouble}")
        for each in differences:
            typer.echo(f"  {each.movement} {each.differs}: aquí «{each.ours}», en la PTM «{each.theirs}»")
    raise typer.Exit(1 if wrong else 0)


@app.command()
def bundle(
    client: Annotated[str, typer.Argument(help="El cliente: su documento («NIT 900500018») o su id.")],
    out: Annotated[Path, typer.Option("--out", dir_okay=False, help="El archivo .zip que se escribe.")],
) -> None:
    """Escribe la historia completa de un cliente, que se comprueba sin este operador; termina con 1 si algo le falta.

    «veta log verify --url PTM --bundle ARCHIVO» la comprueba contra el registro público (docs/log.md).
    """
    _open()
    from veta.kernel.clock import SystemClock
    from veta.node.bundle import write_bundle
    from veta.node.connect import open_hub
    from veta.node.queries.members import client_named

    found = client_named(client)
    with out.open("wb") as file:
        counted = write_bundle(found, file, hub=open_hub, now=SystemClock().now())
    lacking = len(counted.bare) + len(counted.unopened)
    typer.echo(f"{out}: {counted.movements} registros, {counted.decided} con veredicto, {lacking} sin prueba completa.")
    for each in [*counted.bare, *counted.unopened]:
        typer.echo(f"  {each}: {'sin recibo' if each in counted.bare else 'sin la firma con que se envió'}")
    raise typer.Exit(1 if lacking else 0)


@app.command()
def doctor() -> None:
    """Revisa llave, plataforma, reloj, permisos, base de datos, claves, envío y cola; termina con 1 si algo falla."""
    in_node()
    open_django()
    from veta.node.doctor import examine

    found = list(examine())
    for each in found:
        mark = typer.style("✓", fg="green") if each.good else typer.style("✗", fg="red")
        typer.echo(f"{mark} {each.what}: {each.said}")
        if not each.good:
            typer.echo(f"    {each.remedy}")
    raise typer.Exit(0 if all(each.good for each in found) else 1)


@keys.command("rotate")
def rotate_key() -> None:
    """Cambia la clave con que se sella: vuelve a sellar todo con otra. Con el nodo cerrado; si se corta, repítalo."""
    in_node()
    open_django(owner=True)
    from veta.cli.screen import progress
    from veta.node.services.resealing import reseal, total

    with progress("Sellando", total=total()) as advance:
        old = reseal(told=advance)
    typer.echo(f"Todo quedó sellado con la clave nueva; saque copia de {old.parent} y abra el nodo.")
    typer.echo(f"Los respaldos de antes se abren con la anterior, {old}: guárdela con ellos, o bórrelos juntos.")


@app.command()
def driver(
    target: Annotated[Path, typer.Option(help="Archivo de candidato que escribe, para «veta conformance run».")],
    operator: str = typer.Option("ENSAYO-NODO", help="Código de operador con que firma."),
    port: int = typer.Option(0, help="Puerto en que atiende a la suite; 0 toma uno libre."),
) -> None:
    """Pone este nodo ante el formato de pruebas: genera su llave, escribe su archivo y atiende a la suite.

    El nodo y su llave son nuevos cada vez, y se borran al cerrar, salvo que VETA_NODE_HOME diga dónde están.
    """
    os.environ["VETA_NODE_OPERATOR"] = operator
    with _trial_home():
        in_node()
        migrated = subprocess.run([sys.executable, "-m", "veta.cli.main", "node", "migrate"], check=False)
        if migrated.returncode:
            raise typer.Exit(migrated.returncode)
        open_django()
        from veta.node.driver.port import opened
        from veta.node.driver.target import write_target

        with opened(port) as serving:
            write_target(target, driver=serving.url, webhook_port=serving.given.webhook_port)
            typer.echo(f"El nodo atiende al formato de pruebas en {serving.url}. Su archivo: {target}")
            serving.serve_forever(poll_interval=0.2)


@contextmanager
def _trial_home() -> Iterator[None]:
    """A node's home for one trial, where none is given: a node's database knows one hub, and each run has its own."""
    if "VETA_NODE_HOME" in os.environ or "VETA_NODE_DATABASE_URL" in os.environ:
        yield
        return
    home = Path(tempfile.mkdtemp(prefix="veta-node-trial-"))
    home.chmod(0o755)
    os.environ["VETA_NODE_HOME"] = str(home / "home")
    try:
        yield
    finally:
        subprocess.run([sys.executable, "-m", "veta.cli.main", "db", "stop"], check=False)
        shutil.rmtree(home, ignore_errors=True)


@app.command()
def permissions() -> None:
    """Escribe docs/permissions-node.md: cada dirección del nodo, cada método y quién puede."""
    in_node()
    open_django()
    from veta.node.permission_page import page

    typer.echo(page(), nl=False)
