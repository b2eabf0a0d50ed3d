"""`veta log`: the public log, verified by code that shares nothing with it; its keys, its files, its witnesses."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from veta.transparency.verifier.report import Report

app = typer.Typer(no_args_is_help=True, help="El registro público (Merkle): verificarlo, rehacerlo, atestiguarlo.")
SHOWN = 50
NAMES = {
    "numbers": "grupos en la numeración", "receipts": "recibos de grupo", "tree": "hojas en el árbol",
    "checkpoints": "puntos de control", "head": "cabeza", "cosignatures": "firmas de testigos",
    "index": "hojas en el índice", "tiles": "archivos", "entries": "hojas publicadas", "verdicts": "veredictos",
    "certificates": "certificados",
    "acts": "actos del registro", "written": "movimientos con sus asientos", "erased": "borrados por acto",
    "receipt": "recibos", "proofs": "pruebas", "bundle": "registros de historias",
}  # fmt: skip


@app.callback()
def log() -> None:
    """El registro público."""


@app.command()
def verify(
    url: Annotated[str, typer.Option("--url", help="La dirección de una plataforma: se lee por HTTP.")] = "",
    database: Annotated[bool, typer.Option("--database", help="La base de datos y los archivos de esta.")] = False,
    key: Annotated[list[str] | None, typer.Option("--key", help="Llave del registro (vkey) en que se confía.")] = None,
    policy: Annotated[
        Path | None,
        typer.Option("--policy", dir_okay=False, exists=True, help="Política de testigos (C2SP tlog-policy)."),
    ] = None,
    state: Annotated[
        Path | None, typer.Option("--state", dir_okay=False, help="Dónde se guarda lo visto, para la próxima vez.")
    ] = None,
    receipt: Annotated[
        list[Path] | None, typer.Option("--receipt", dir_okay=False, exists=True, help="Recibo que debe estar en él.")
    ] = None,
    bundle: Annotated[
        list[Path] | None,
        typer.Option("--bundle", dir_okay=False, exists=True, help="Historia de un cliente que debe estar en él."),
    ] = None,
) -> None:
    """Relee todo y nombra lo que esté mal. Termina en 0 si nada lo está y en 1 si algo lo está."""
    if bool(url) == database:
        raise typer.BadParameter("Indique --url DIRECCIÓN, o --database.")
    from veta.cli.screen import progress
    from veta.transparency.verifier.report import Report

    with progress("Verificando") as advance:
        report = Report(advance=lambda step, count: advance(count))
        if database:
            _database(report)
        else:
            from veta.transparency.verifier.served import verify as verify_served

            verify_served(
                url, report, keys=key or [], policy=policy, state=state, receipts=receipt or [], bundles=bundle or []
            )
    raise typer.Exit(_tell(report))


def _database(report: "Report") -> None:
    from veta.cli.environment import open_django

    open_django()
    from veta.storage.connection import plain_connection
    from veta.storage.keys import key_of
    from veta.transparency.files import directory
    from veta.transparency.verifier import database

    with plain_connection() as connection:
        database.verify(connection, report, directory=directory(), items_key=key_of("items"))


def _tell(report: "Report") -> int:
    for name, count in report.looked.items():
        wrong = sum(fault.check == name for fault in report.faults)
        typer.echo(f"{'FALLA' if wrong else 'bien '} {NAMES.get(name, name)}: {count} revisados, {wrong} con falla")
    for fault in report.faults[:SHOWN]:
        typer.echo(f"  {fault.record}: {fault.what}")
    if len(report.faults) > SHOWN:
        typer.echo(f"  … y {len(report.faults) - SHOWN} fallas más")
    for note in report.notes:
        typer.echo(note)
    typer.echo(f"{len(report.faults)} fallas." if report.faults else "El registro es íntegro: nada falla.")
    return 1 if report.faults else 0


@app.command()
def witness(
    log: Annotated[str, typer.Option("--log", help="El origen del registro: la primera línea de su punto de control.")],
    key: Annotated[list[str], typer.Option("--key", help="Llave del registro (vkey); varias si está cambiando.")],
    name: Annotated[str, typer.Option("--name", help="El nombre con que firma este testigo.")] = "testigo.example",
    state: Annotated[
        Path, typer.Option("--state", file_okay=False, help="Carpeta de su llave y del último punto de control.")
    ] = Path("testigo"),
    host: Annotated[str, typer.Option(help="Dirección en que escucha.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Puerto; 0 toma uno libre y lo dice.")] = 8700,
) -> None:
    """Atestigua un registro (C2SP tlog-witness): firma cada punto de control que continúe el anterior, y ningún otro.

    No necesita base de datos ni nada de la plataforma: cualquiera puede tener uno.
    """
    from veta.transparency.verifier.signed import Unreadable
    from veta.transparency.verifier.signed import key as key_of_log
    from veta.transparency.witness.cosign import Witness, key_in
    from veta.transparency.witness.server import Server

    try:
        keys = [key_of_log(each) for each in key]
    except Unreadable as cause:
        raise typer.BadParameter(str(cause), param_hint="--key") from cause
    if any(each.name != log for each in keys) or " " in name or "+" in name:
        raise typer.BadParameter("cada llave lleva por nombre el origen; el del testigo va sin espacios ni «+»")
    made = Witness(name, key_in(state), keys, state)
    with Server((host, port), made) as server:
        typer.echo(f"witness {name} {made.vkey} http://{host}:{server.server_address[1]}")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            typer.echo("El testigo termina; su último punto de control queda guardado.", err=True)


@app.command()
def rebuild() -> None:
    """Rehace los archivos y el índice del registro desde la base de datos. No cambia lo firmado."""
    from veta.cli.environment import open_django
    from veta.cli.screen import progress

    open_django()
    from veta.transparency.rebuild import rebuild as again

    with progress("Rehaciendo") as advance:
        made = again(advance)
    typer.echo(f"{made} hojas en archivos e índice.")


@app.command()
def keys() -> None:
    """Las llaves del registro (vkey), de la más antigua a la más nueva: en ellas confía quien verifica."""
    from veta.cli.environment import open_django

    open_django()
    from veta.transparency.keys import every_key, live_keys

    live = {vkey for _, vkey in live_keys()}
    for vkey in every_key():
        typer.echo(vkey if vkey in live else f"{vkey} (retirada)")


@app.command()
def rotate() -> None:
    """Crea una llave que firma junto a las de hoy. Publíquela, y retire la anterior cuando todos la conozcan."""
    from veta.cli.environment import open_django

    open_django()
    from veta.transparency.keys import rotate as new_key

    typer.echo(new_key())


@app.command()
def retire(vkey: Annotated[str, typer.Argument(help="La llave, como la dice «veta log keys».")]) -> None:
    """Deja de firmar con una llave; lo que firmó sigue verificando."""
    from veta.cli.environment import open_django

    open_django()
    from veta.transparency.keys import retire as no_more

    no_more(vkey)
    typer.echo("El registro ya no firma con esa llave.")
