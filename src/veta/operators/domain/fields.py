"""The three structured fields of a signed request, read in their one canonical spelling.

RFC 8941 lets the same value be written in several ways and RFC 9421 signs the serialised form; reading only that form
leaves nothing to reserialise and nothing for two readers to differ about. Every other spelling is refused.
"""

import base64
import binascii
import re
from dataclasses import dataclass

from veta.operators.domain.refusal import bad

LABEL = "veta"
PARAMETERS = frozenset({"created", "expires", "nonce", "keyid", "alg", "tag"})

_COMPONENT = r'"@?[a-z][a-z0-9-]{0,31}"'
_PARAMETER = r';[a-z]{3,8}=(?:0|[1-9][0-9]{0,14}|"[A-Za-z0-9._:-]{1,64}")'
_INPUT = re.compile(rf"{LABEL}=(\(({_COMPONENT}(?: {_COMPONENT}){{0,7}})\)((?:{_PARAMETER}){{1,12}}))")
_ONE_PARAMETER = re.compile(r';([a-z]+)=(?:([0-9]+)|"([^"]*)")')
_SIGNATURE = re.compile(rf"{LABEL}=:([A-Za-z0-9+/]{{86}}==):")
_DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):")
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")


@dataclass(frozen=True, slots=True)
class SignatureInput:
    """One member of Signature-Input: the components named, the six parameters, and their text as signed."""

    components: tuple[str, ...]
    created: int
    expires: int
    nonce: str
    key_id: str
    alg: str
    tag: str
    params: str


def signature_input_of(text: str | None) -> SignatureInput:
    """Read Signature-Input: exactly one member, `veta`, with exactly the six parameters, each once. SIG-001 else."""
    if text is None:
        raise bad(
            "input-missing", field="signature-input", message="Falta la cabecera Signature-Input. Firme el envío."
        )
    whole = _INPUT.fullmatch(text)
    if whole is None:
        raise bad(
            "input-malformed",
            field="signature-input",
            message=f"Signature-Input no tiene la forma esperada: una sola firma «{LABEL}», escrita en forma canónica.",
        )
    params, components, tail = whole.groups()
    found: dict[str, str | int] = {}
    for name, number, string in _ONE_PARAMETER.findall(tail):
        if name not in PARAMETERS or name in found:
            raise bad(
                "parameter-unexpected", field="signature-input", message=f"El parámetro «{name}» sobra o se repite."
            )
        found[name] = int(number) if number else string
    return _with_types(tuple(components.replace('"', "").split(" ")), found, params)


def _with_types(components: tuple[str, ...], found: dict[str, str | int], params: str) -> SignatureInput:
    """The parameters under their types; SIG-001 names the first one that is missing or of another type."""

    def integer(name: str) -> int:
        value = found.get(name)
        if not isinstance(value, int):
            raise bad("parameter-bad", field="signature-input", message=f"Falta «{name}», en segundos de época Unix.")
        return value

    def string(name: str) -> str:
        value = found.get(name)
        if not isinstance(value, str):
            raise bad("parameter-bad", field="signature-input", message=f"Falta «{name}», un texto entre comillas.")
        return value

    nonce = string("nonce")
    if _NONCE.fullmatch(nonce) is None:
        raise bad("nonce-bad", field="signature-input", message="El nonce lleva de 16 a 64 caracteres base64url.")
    return SignatureInput(
        components=components,
        created=integer("created"),
        expires=integer("expires"),
        nonce=nonce,
        key_id=string("keyid"),
        alg=string("alg"),
        tag=string("tag"),
        params=params,
    )


def signature_of(text: str | None) -> bytes:
    """Read Signature: exactly one member, `veta`, 64 bytes. SIG-001 else."""
    if text is None:
        raise bad("signature-missing", field="signature", message="Falta la cabecera Signature. Firme el envío.")
    return _octets(_SIGNATURE.fullmatch(text), field="signature")


def digest_of(text: str | None) -> bytes:
    """Read Content-Digest (RFC 9530): exactly one member, sha-256, 32 bytes. SIG-001 else."""
    if text is None:
        raise bad(
            "digest-missing", field="content-digest", message="Falta Content-Digest: todo cuerpo lleva su resumen."
        )
    return _octets(_DIGEST.fullmatch(text), field="content-digest")


def _octets(found: re.Match[str] | None, *, field: str) -> bytes:
    """The bytes of the one base64 group; spellings with stray trailing bits are refused."""
    message = f"La cabecera {field} no tiene la forma esperada: un solo miembro en base64 canónico."
    if found is None:
        raise bad(f"{field}-malformed", field=field, message=message)
    try:
        octets = base64.b64decode(found[1], validate=True)
    except binascii.Error as error:
        raise bad(f"{field}-malformed", field=field, message=message) from error
    if base64.b64encode(octets).decode() != found[1]:
        raise bad(f"{field}-malformed", field=field, message=message)
    return octets


def signature_field(signature: bytes) -> str:
    """Write Signature."""
    return f"{LABEL}=:{base64.b64encode(signature).decode()}:"


def digest_field(digest: bytes) -> str:
    """Write Content-Digest."""
    return f"sha-256=:{base64.b64encode(digest).decode()}:"
