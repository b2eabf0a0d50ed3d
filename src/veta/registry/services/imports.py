"""Files of the registry brought by one officer and applied by another, who sees what becomes of each row (ADR 0042)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import connection, transaction

from veta.kernel.ids import uuid7
from veta.registry.importers import municipalities, rucom
from veta.registry.importers.municipalities import apply_municipalities, preview_municipalities
from veta.registry.importers.rows import Applied, ImportRefused, Preview, PreviewedRow
from veta.registry.importers.rucom import preview_rucom
from veta.registry.importers.rucom_apply import apply_rucom
from veta.registry.importers.rucom_lists import LISTS, ListOf, preview_list
from veta.registry.importers.rucom_lists_apply import apply_list
from veta.registry.keys import require_same_keys
from veta.registry.refusals import finding, refuse
from veta.storage.sealing import seal, unseal

MAX_FILE: Final = 4 * 2**20
_TABLE = "registry_importfile"
_HIDDEN = "numero_documento"
_SEEN_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Importer:
    """How a kind of file is read and applied. `unverified`: no published file was at hand to learn its columns from."""

    columns: tuple[str, ...]
    preview: Callable[[Path], Preview[Any]]
    apply: Callable[[Preview[Any], str, str, date], Applied]
    unverified: bool = False


def _list_of(kind: ListOf) -> Importer:
    return Importer(
        kind.columns,
        lambda path: preview_list(kind, path),
        lambda preview, by, approved, cut: apply_list(kind, preview, by=by, approved_by=approved, cut_date=cut),
        unverified=True,
    )


IMPORTERS: Final[Mapping[str, Importer]] = {
    "titles": Importer(
        rucom.COLUMNS, preview_rucom,
        lambda preview, by, approved, cut: apply_rucom(preview, by=by, approved_by=approved, cut_date=cut),
    ),
    **{name: _list_of(kind) for name, kind in LISTS.items()},
    "municipalities": Importer(
        municipalities.COLUMNS, preview_municipalities,
        lambda preview, by, approved, _cut: apply_municipalities(preview, by=by, approved_by=approved),
    ),
}  # fmt: skip


@transaction.atomic
def propose_import(kind: str, name: str, content: bytes, *, cut_date: date, by: str) -> UUID:
    """Keep a file with what its preview says of each row; returns its id. It has no effect until another applies it.

    Args: `kind`, of IMPORTERS; `name`, the file's, whose ending says whether it is CSV or Excel; `cut_date`, from which
    new versions hold.
    Raises ImportRefused for the file as a whole, RegistryRefused REG-002.
    """
    if not by.strip():
        raise refuse(finding("REG-002", "recorded_by", "Falta quién lo registra. Escriba su nombre."))
    preview = _preview(kind, name, content)
    if not preview.rows:
        raise ImportRefused("El archivo no trae filas. Revise que sea el que quería subir.")
    require_same_keys()
    id = uuid7()
    sealed = (seal(each, table=_TABLE, column=column, row=id)
              for column, each in (("content", content), ("report", _report(preview))))  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO registry_importproposal (id, kind, file_name, file_digest, cut_date, counts, proposed_by)"
            " VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s)",
            [id, kind, name[:200], preview.file_digest, cut_date, orjson.dumps(preview.counts()).decode(), by],
        )
        cursor.execute(
            "INSERT INTO registry_importfile (proposal_id, content, report) VALUES (%s, %s, %s)", [id, *sealed]
        )
    return id


@transaction.atomic
def apply_import(proposal: UUID, *, by: str) -> Applied:
    """Apply a file as its preview said, all or nothing, and forget its bytes.

    The file is read again: where any row would now come out otherwise than the officer who decides saw it, nothing is
    applied. Raises RegistryRefused: REG-004 unknown, REG-005 decided already, REG-003 by its own author; ImportRefused
    where the registry changed meanwhile, and what applying refuses.
    """
    kind, name, cut, author = _open(proposal, by)
    content, report = _sealed(proposal)
    preview = _preview(kind, name, content)
    if _report(preview) != report:
        raise ImportRefused(
            "El registro cambió desde que se subió el archivo: alguna fila daría otro resultado. Recházelo y súbalo de"
            " nuevo."
        )
    applied = IMPORTERS[kind].apply(preview, author, by, cut)
    _decide(proposal, author, by=by, decision="applied", reason="", applied={"rows": applied.rows, **applied.written})
    return applied


@transaction.atomic
def refuse_import(proposal: UUID, *, by: str, reason: str) -> None:
    """Refuse a file for a reason, and forget its bytes. Raises RegistryRefused as `apply_import`, REG-006."""
    if not reason.strip():
        raise refuse(finding("REG-006", "reason", "Falta por qué se rechaza. Escríbalo."))
    *_, author = _open(proposal, by)
    _decide(proposal, author, by=by, decision="refused", reason=reason, applied=None)


def _preview(kind: str, name: str, content: bytes) -> Preview[Any]:
    with _on_disk(name, content) as path:
        return IMPORTERS[kind].preview(path)


@contextmanager
def _on_disk(name: str, content: bytes) -> Iterator[Path]:
    """The file under its own name made plain, for readers of paths; ImportRefused where it is too large."""
    if len(content) > MAX_FILE:
        raise ImportRefused("El archivo pasa de 4 MB. Divídalo por departamentos.")
    with TemporaryDirectory(prefix="veta-registro-") as folder:
        plain = "".join(sign if sign.isalnum() or sign in "-_." else "_" for sign in name[-80:]).strip(".")
        path = Path(folder) / (plain or "archivo")
        path.write_bytes(content)
        yield path


def _report(preview: Preview[Any]) -> bytes:
    return orjson.dumps([[row.row.line, row.status, _says(row), _why(row)] for row in preview.rows])


def _says(row: PreviewedRow[Any]) -> str:
    cells = {name: _shown(name, value) for name, value in row.row.cells.items()}
    return " · ".join(value for value in cells.values() if value)


def _shown(column: str, value: str) -> str:
    return f"…{value[-_SEEN_DIGITS:]}" if column == _HIDDEN and value else value


def _why(row: PreviewedRow[Any]) -> str:
    if (found := row.rejection) is not None:
        return f"{found.column} «{_shown(found.column, found.value)}»: {found.cause} {found.remedy}"
    return " ".join(f"{each.column}: {each.reason}" if each.column else each.reason for each in row.repairs)


def _open(proposal: UUID, by: str) -> tuple[str, str, date, str]:
    """Lock a file nobody decided on yet: its kind, name, cut and author."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, file_name, cut_date, proposed_by FROM registry_importproposal WHERE id = %s FOR UPDATE",
            [proposal],
        )
        row = cursor.fetchone()
        if row is None:
            raise refuse(finding("REG-004", "proposal", "Ese archivo no existe. Revise su número."))
        cursor.execute("SELECT FROM registry_importdecision WHERE proposal_id = %s", [proposal])
        if cursor.fetchone() is not None:
            raise refuse(finding("REG-005", "proposal", "Ese archivo ya se decidió. Suba otro si hace falta."))
    if row[3].strip().lower() == by.strip().lower() or not by.strip():
        raise refuse(finding("REG-003", "approved_by", "Quien decide debe ser otra persona que quien lo subió."))
    return row[0], row[1], row[2], row[3]


def _sealed(proposal: UUID) -> tuple[bytes, bytes]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT content, report FROM registry_importfile WHERE proposal_id = %s", [proposal])
        content, report = cursor.fetchone()
    return (
        unseal(content, table=_TABLE, column="content", row=proposal),
        unseal(report, table=_TABLE, column="report", row=proposal),
    )


def _decide(
    proposal: UUID, author: str, *, by: str, decision: str, reason: str, applied: Mapping[str, int] | None
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO registry_importdecision (proposal_id, proposed_by, decided_by, decision, reason, applied)"
            " VALUES (%s, %s, %s, %s, %s, %s::jsonb)",
            [proposal, author, by, decision, reason, orjson.dumps(applied).decode() if applied is not None else None],
        )
        cursor.execute("DELETE FROM registry_importfile WHERE proposal_id = %s", [proposal])
