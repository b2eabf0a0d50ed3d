"""`veta hub`: call the hub's API as an operator, and make the keys that it takes."""

import base64
import json
import os
from pathlib import Path
from typing import Annotated

import typer

from veta.cli.screen import bytes_of

app = typer.Typer(no_args_is_help=True, help="La API de la plataforma: llamarla como operador, generar llaves.")

URL = "http://127.0.0.1:8600"


@app.command()
def call(
    method: str = typer.Argument(help="GET, POST, PUT o DELETE."),
    path: str = typer.Argument(
        help="Ruta bajo /api/v1 (p. ej. /movements); la que empieza por /api/ o /log/ va tal cual."
    ),
    operator: str = typer.Option(..., "--as", help="Código del operador; su llave está en VETA_HOME/operators."),
    body: Annotated[Path | None, typer.Option(help="Archivo con el cuerpo JSON; «-» lo lee de la entrada.")] = None,
    recovery: bool = typer.Option(False, help="Firma con la llave de recuperación."),
    url: str = typer.Option("", help=f"Dirección de la plataforma; si falta, VETA_HUB_URL o {URL}."),
    deadline: float = typer.Option(60.0, help="Segundos en que se insiste si no responde."),
) -> None:
    """Firma una llamada, la envía, insiste si hace falta, y muestra la respuesta. Termina con 1 si fue rechazada."""
    from veta.config.postgres.place import home_of
    from veta.node.credentials import load, path_of
    from veta.node.transport import Transport

    credentials = load(operator, path_of(home_of(), operator, recovery=recovery))
    target = path if path.startswith(("/api/", "/log/")) else f"/api/v1/{path.lstrip('/')}"
    transport = Transport(_url(url), credentials, origin=os.environ.get("VETA_PUBLIC_ORIGIN"), deadline=deadline)
    answer = transport.call(method.upper(), target, body=bytes_of(body, "--body") if body is not None else b"")
    typer.echo(_shown(answer.body), err=answer.status >= 400)
    if answer.status >= 400:
        raise typer.Exit(1)


@app.command("new-key")
def new_key(
    operator: str = typer.Argument(help="Código del operador, p. ej. DEMO-OTTM-1."),
    recovery: bool = typer.Option(False, help="Genera la llave de recuperación."),
    next_: bool = typer.Option(
        False, "--next", help="Para cambiar de llave: la deja en CODE.next.pem y muestra el cuerpo de POST /keys."
    ),
) -> None:
    """Genera la llave de un operador y muestra lo que registra la ANM: id, llave pública y prueba de posesión."""
    from veta.config.postgres.place import home_of
    from veta.node.credentials import new_credentials, path_of, save

    credentials = new_credentials(operator)
    path = path_of(home_of(), operator, recovery=recovery)
    path = path.with_suffix(".next.pem") if next_ else path
    save(credentials, path)
    asked = {
        "public_key": base64.b64encode(credentials.public_key).decode(),
        "purpose": "recovery" if recovery else "signing",
        "proof": credentials.proof(),
    }
    made = {"keyid": credentials.key_id, "file": str(path)}
    typer.echo(json.dumps(asked if next_ else {**made, **asked}, indent=2))
    if next_:
        typer.echo(f"{made['keyid']} está en {path}. Cuando valga, póngala en lugar de la otra.", err=True)


@app.command()
def restored(officer: str = typer.Option(..., "--by", help="Quién restauró la base de datos.")) -> None:
    """Anota que la base de datos se restauró de una copia: lo firmado antes de este momento ya no se recibe."""
    from veta.cli.environment import open_django

    open_django()
    from veta.kernel.clock import SystemClock
    from veta.operators.services.nonces import record_restore

    now = SystemClock().now()
    record_restore(now, by=officer)
    typer.echo(f"Desde {now.isoformat(timespec='seconds')} solo se recibe lo firmado después.")


@app.command()
def sandbox(
    port: int = typer.Option(8601, envvar="VETA_SANDBOX_PORT", help="Puerto en que responde; 0 toma uno libre."),
    reset: bool = typer.Option(False, "--reset", help="Empieza de nuevo: olvida todo lo que el ensayo tenía."),
) -> None:
    """Abre una plataforma de ensayo con datos ficticios, en VETA_HOME/sandbox; «veta hub sandbox-mode» la daña."""
    from veta.config.postgres.place import home_of
    from veta.demo.sandbox import open as opening

    home = home_of() / "sandbox"
    if reset:
        opening.reset(home)
    with opening.open_sandbox(home, port=port, say=typer.echo) as made:
        typer.echo(f"El ensayo está abierto en {made.url} (Ctrl+C lo cierra).")
        typer.echo(f"Operador: {made.operator}. Su llave: {made.key}")
        opening.stay()


@app.command("sandbox-mode")
def sandbox_mode(
    mode: str = typer.Argument(
        help="normal, slow (5 s), down (no responde), limited (429), rejecting (veredicto rechazado) o refusing (422)."
    ),
    finding: str = typer.Option("", help="El código del hallazgo con que «rejecting» rechaza, como LOT-003."),
) -> None:
    """Cambia cómo se porta la plataforma de ensayo desde la próxima llamada."""
    from veta.config.postgres.place import home_of
    from veta.demo.sandbox.open import set_mode

    set_mode(home_of() / "sandbox", mode, finding=finding.upper())
    typer.echo(f"Desde ahora: {' '.join(filter(None, (mode, finding.upper())))}.")


@app.command()
def openapi() -> None:
    """Escribe en la salida el documento OpenAPI de la API (docs/openapi.json)."""
    from veta.cli.environment import open_django

    open_django()
    from veta.hub.queries import openapi_document

    typer.echo(openapi_document(), nl=False)


def _url(given: str) -> str:
    return given or os.environ.get("VETA_HUB_URL") or URL


def _shown(answer: bytes) -> str:
    """JSON set out in lines; anything else as it came."""
    try:
        return json.dumps(json.loads(answer), indent=2, ensure_ascii=False)
    except ValueError:
        return answer.decode("utf-8", "replace")
