"""`veta certificates`: check a certificate by anybody, with no network; write its paper; keep what checking needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from veta.cli.screen import bytes_of
from veta.kernel.errors import DomainError

if TYPE_CHECKING:
    from veta.certificates.domain.inclusion import Inclusion
    from veta.certificates.domain.verify import Authentic, Status

app = typer.Typer(
    no_args_is_help=True, help="Certificados: comprobarlos sin red, imprimirlos, guardar llaves y estados."
)
WHY = {
    "shape": "No es un certificado de esta plataforma, o le falta una parte.",
    "key": "No lo firmó ninguna llave conocida, o se alteró. Actualice las llaves (veta certificates keys) y repita.",
    "claims": "Está firmado, pero no dice lo que esta versión entiende. Actualice veta.",
    "origins": "La tabla de orígenes no es la que se firmó.",
    "parts": "El código QR y la credencial son de certificados distintos.",
    "status": "La lista de estados no está firmada por una llave conocida, o no llega a este certificado.",
    "log": "No se pudo probar que está en el registro público: la prueba no coincide.",
}


class NotVerified(DomainError):
    """What was shown is not authentic, or could not be read."""

    code = "CER-014"


@app.command()
def verify(
    what: Annotated[str, typer.Argument(help="Archivo PDF, JSON o de texto; el texto del QR; o el código (token).")],
    keys: Annotated[Path | None, typer.Option("--keys", help="Llaves y estados guardados con «keys».")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="La respuesta como JSON.")] = False,
) -> None:
    """Comprueba un certificado sin red: firma, orígenes, lugar en el registro y estado a la fecha guardada.

    Sin --keys usa las llaves de esta instalación. Termina con 1 si no es auténtico, o si ya no vale.
    """
    from veta.certificates.domain.verify import NotAuthentic, status_in

    trusted = _trusted(keys)
    public = [bytes.fromhex(key["public_key"]) for key in trusted["hub"]]
    code, credential, words = _parts(what, offline=keys is not None)
    try:
        found = _checked(code, credential, public)
        status = status_in(trusted["status"], found.index, public)
    except NotAuthentic as refused:
        raise NotVerified(WHY[refused.reason]) from None
    place = _place(words, found, trusted["log"])
    typer.echo(
        json.dumps(_as_json(found, status, place), ensure_ascii=False) if as_json else _told(found, status, place)
    )
    raise typer.Exit(1 if status.ended else 0)


@app.command()
def keys() -> None:
    """Escribe en la salida las llaves públicas y los estados de hoy: lo que hace falta para comprobar sin red."""
    typer.echo(json.dumps(_own_trust(), ensure_ascii=False))


@app.command()
def paper(token: str, file: Path) -> None:
    """Escribe el PDF público de un certificado."""
    from veta.cli.environment import open_django

    open_django()
    from django.conf import settings

    from veta.hub.queries import certificate_pdf

    made = certificate_pdf(token, site=settings.PUBLIC_ORIGIN)
    if made is None:
        raise NotVerified("No hay un certificado firmado con ese código. Revíselo.")
    file.write_bytes(made)
    typer.echo(f"{file}: {len(made)} bytes")


@app.command()
def seal() -> None:
    """Firma lo que un corte dejó guardado y sin firmar."""
    from veta.cli.environment import open_django

    open_django()
    from veta.certificates.services import seal_pending
    from veta.operators.services.hub_keys import hub_signer

    typer.echo(f"{seal_pending(signer=hub_signer())} certificados firmados ahora.")


def _trusted(keys: Path | None) -> dict[str, Any]:
    if keys is None:
        return _own_trust()
    try:
        read: dict[str, Any] = json.loads(bytes_of(keys, "--keys"))
        return {"hub": read["hub"], "log": read["log"], "status": read["status"]}
    except (ValueError, KeyError, TypeError):
        raise NotVerified(f"{keys} no es un archivo de «veta certificates keys». Descárguelo otra vez.") from None


def _own_trust() -> dict[str, Any]:
    from veta.cli.environment import open_django

    open_django()
    from veta.hub.queries import offline_trust

    return offline_trust()


def _parts(what: str, *, offline: bool) -> tuple[str | None, dict[str, Any] | None, dict[str, Any] | None]:
    """The code, the credential and the words for the log, whichever of them `what` has."""
    path = Path(what) if len(what) < 300 else None
    if path is not None and path.is_file():
        return _of_file(path.read_bytes())
    if what.startswith("VETA1:"):
        return what, None, None
    if offline:
        raise NotVerified(f"No hay un archivo «{what[:80]}»; un token necesita esta instalación o la página pública.")
    return _of_token(what)


def _of_file(data: bytes) -> tuple[str | None, dict[str, Any] | None, dict[str, Any] | None]:
    if data.startswith(b"%PDF"):
        return _of_pdf(data)
    try:
        text = data.decode().strip()
        if text.startswith("VETA1:"):
            return text, None, None
        credential = json.loads(text)
    except ValueError:
        raise NotVerified(WHY["shape"]) from None
    if not isinstance(credential, dict):
        raise NotVerified(WHY["shape"])
    return None, credential, None


def _of_pdf(data: bytes) -> tuple[str, dict[str, Any], dict[str, Any]]:
    import io
    import logging

    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what is wrong with a paper is said once, by us

    try:
        files = {name: parts[0] for name, parts in pypdf.PdfReader(io.BytesIO(data)).attachments.items()}
        return files["code.txt"].decode(), json.loads(files["credential.json"]), json.loads(files["log.json"])
    except Exception:  # whatever a broken PDF makes its reader raise, it is no certificate
        raise NotVerified(WHY["shape"]) from None


def _of_token(token: str) -> tuple[str | None, dict[str, Any] | None, dict[str, Any] | None]:
    from veta.cli.environment import open_django

    open_django()
    from veta.hub.queries import certificate_parts

    found = certificate_parts(token)
    if found is None:
        raise NotVerified("Ningún certificado de esta plataforma tiene ese código. Revise cada letra.")
    return found


def _checked(code: str | None, credential: dict[str, Any] | None, public: list[bytes]) -> Authentic:
    from veta.certificates.domain.verify import check_both, check_code, check_credential

    if code is not None and credential is not None:
        return check_both(code, credential, public)
    if credential is not None:
        return check_credential(credential, public)
    return check_code(code or "", public)


def _place(words: dict[str, Any] | None, found: Authentic, log_keys: list[str]) -> Inclusion | None:
    """Where the log has it, checked; its words must be those of the very credential."""
    from veta.certificates.domain.inclusion import NotIncluded, check_inclusion

    if words is None:
        return None
    try:
        same = json.loads(words["verdict"]) == found.document
        place = check_inclusion(words, log_keys) if same else None
    except (NotIncluded, KeyError, TypeError, ValueError):
        raise NotVerified(WHY["log"]) from None
    if not same:
        raise NotVerified(WHY["log"])
    return place


def _as_json(found: Authentic, status: Status, place: Inclusion | None) -> dict[str, Any]:
    return {
        "authentic": True, "token": found.token, "ended": status.ended, "used": status.used,
        "status_at": status.at.isoformat(), "document": found.document,
        "log": {"origin": place.origin, "index": place.index, "size": place.size} if place is not None else None,
    }  # fmt: skip


def _told(found: Authentic, status: Status, place: Inclusion | None) -> str:
    used = ("no se ha usado", "se usó en parte", "se usó por completo: no ampara nada más")[min(status.used, 2)]
    state = "RETIRADO O REEMPLAZADO: no sirve" if status.ended else used
    lines = ["✓ Auténtico: lo firmó la plataforma.", *_facts(found)]
    if place is not None:
        lines.append(f"✓ Registro público {place.origin}: hoja {place.index} de {place.size}.")
    else:
        lines.append("· Sin prueba del registro en lo mostrado.")
    lines.append(f"{'✗' if status.ended else '✓'} Estado al {status.at.isoformat()}: {state}.")
    lines.append("Lo que pasó después de esa fecha solo se sabe en línea. Compare estos datos con el papel.")
    return "\n".join(lines)


def _facts(found: Authentic) -> list[str]:
    if found.document is not None:
        document = found.document
        issuer = document["issuer"]["name"] or "persona natural"
        return [
            f"  {document['number']} de {issuer}: {document['quantity']} {document['unit']} de {document['mineral']}."
        ]
    from veta.certificates.domain.kinds import number_text

    code = found.code
    assert code is not None
    from veta.kernel.quantity import text_of
    from veta.norms.catalogue import catalogue

    mineral = catalogue().mineral(code.mineral)
    factor, unit = (mineral.factor, mineral.unit) if mineral is not None else (1, "")
    quantity = text_of(code.quantity, factor=factor)
    return [f"  {number_text(code.kind, code.number)} de {code.issuer}: {quantity} {unit} de {code.mineral}."]
