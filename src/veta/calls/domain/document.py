"""What a document must be to enter a dossier: judged by its bytes, its size and its name, never by what it claims."""

import hashlib
import io
import json
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from veta.calls.domain.refusals import refused

LARGEST = 50 * 2**20
LONGEST_NAME = 120
JSON = "application/json"
SUFFIXES = {
    "application/pdf": (".pdf",), "image/png": (".png",), "image/jpeg": (".jpg", ".jpeg"), JSON: (".json",),
}  # fmt: skip
_NAMES = {"application/pdf": "PDF", "image/png": "PNG", "image/jpeg": "JPEG", JSON: "JSON"}
# What may enter: a dossier, the services that are handed over, the record of a test.
DOSSIER = ("application/pdf", "image/png", "image/jpeg")
SERVICES = ("application/pdf", JSON)
REPORT = (JSON,)
LARGEST_JSON = 10 * 2**20
_FORBIDDEN = set('<>:"/\\|?*&;`$')
_TAIL = 2048


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a dossier: the bytes are kept once, under their SHA-256."""

    digest: str
    name: str
    type: str
    size: int

    def as_json(self) -> dict[str, Any]:
        return {"digest": self.digest, "name": self.name, "type": self.type, "size": self.size}


def document_of(given: Mapping[str, Any]) -> Document:
    """A document as an event says it."""
    return Document(given["digest"], given["name"], given["type"], given["size"])


def admitted(name: str, content: bytes, kinds: Sequence[str] = DOSSIER) -> Document:
    """The document that these bytes are, of one of those media types.

    Raises CAL-007 for more than 50 MiB or nothing at all, CAL-008 for a name that is no plain file name, CAL-006 where
    the bytes are of another type than those, are at the same time an archive, or are another type than the name says.
    """
    if not content or len(content) > LARGEST:
        message = f"El archivo mide {len(content):,} bytes.".replace(",", ".")
        raise refused("CAL-007", f"{message} Cada uno va de 1 byte a 50 MiB: divídalo o redúzcalo.")
    plain = _plain_name(name)
    kind = type_of(content)
    if kind not in kinds:
        *others, last = (_NAMES[each] for each in kinds)
        said = f"{', '.join(others)} o {last}" if others else last
        raise refused("CAL-006", f"El contenido no es un {said}. Envíelo en un formato de esos.")
    if zipfile.is_zipfile(io.BytesIO(content)):
        raise refused("CAL-006", "El archivo es también un comprimido (zip). Envíe el documento solo.")
    if not plain.lower().endswith(SUFFIXES[kind]):
        expected = SUFFIXES[kind][0]
        raise refused("CAL-006", f"El nombre no corresponde al contenido, que es {expected}. Cambie la extensión.")
    return Document(hashlib.sha256(content).hexdigest(), plain, kind, len(content))


def type_of(content: bytes) -> str:
    """The media type by the bytes alone; empty where it is none of those that are admitted."""
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-_TAIL:]:
        return "application/pdf"
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[-8:-4] == b"IEND":
        return "image/png"
    if content.startswith(b"\xff\xd8\xff") and content.rstrip(b"\x00").endswith(b"\xff\xd9"):
        return "image/jpeg"
    return JSON if _is_json(content) else ""


def _is_json(content: bytes) -> bool:
    """Whether the bytes are one JSON object in UTF-8."""
    if len(content) > LARGEST_JSON or not content.lstrip().startswith(b"{"):
        return False
    try:
        return isinstance(json.loads(content.decode("utf-8")), dict)
    except (ValueError, RecursionError):
        return False


def _plain_name(name: str) -> str:
    made = unicodedata.normalize("NFC", name).strip()
    hidden = any(unicodedata.category(each) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for each in made)
    if not made or len(made) > LONGEST_NAME or made.startswith(".") or hidden or _FORBIDDEN & set(made):
        message = "El nombre del archivo es muy largo o trae signos que no se admiten. Use letras, números y guiones."
        raise refused("CAL-008", message)
    return made
