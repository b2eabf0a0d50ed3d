"""The whole of a call in one file: its history, every document under its hash, and how to check it without us."""

import json
import zipfile
from datetime import datetime
from typing import IO
from uuid import UUID

from veta.calls.domain import record
from veta.calls.queries import document_bytes, exported

README = "LEAME.txt"
SUFFIX = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg", "application/json": "json"}
_TEXT = """Historia completa de la convocatoria {code}, hasta {at}.

historia.json: cada evento en orden, con la huella del anterior; los recibos firmados; quién representa a cada empresa.
documentos/: cada documento, con su SHA-256 por nombre.

Para comprobarla sin la plataforma: «veta calls check historia.zip». Repite la cadena, vuelve a sacar cada lista
publicada, verifica los recibos y la huella de cada documento. Compare «hub_keys» con las llaves que publica
la plataforma en /api/v1/hub-keys. La cabeza de la cadena es {head}.
"""


def write_archive(call: UUID, out: IO[bytes], *, now: datetime) -> None:
    """Write the archive of a call, one document at a time."""
    file = exported(call, now=now)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(README, _TEXT.format(code=file["code"], at=file["exported_at"], head=file["head"]))
        archive.writestr(record.HISTORY, json.dumps(file, ensure_ascii=False, indent=1))
        for digest in sorted(record.documents_of(record.read(file))):
            if (found := document_bytes(digest)) is not None:
                archive.writestr(f"{record.DOCUMENTS}{digest}.{SUFFIX[found[0]]}", found[1])
