"""The history as a file, for a court: read back into events, folded again, and each receipt verified, without us."""

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import IO, Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature

from veta.calls.domain.call import Call
from veta.calls.domain.fold import after, fold
from veta.calls.domain.history import Event, breaks
from veta.calls.domain.lists import rows_of
from veta.calls.domain.running import breaks as breaks_of_run
from veta.calls.domain.running import line_of
from veta.calls.domain.timetable import hour_of
from veta.kernel.canonical_json import canonical
from veta.operators.domain.keys import KeyRefused, public_key_of

FORMAT = "veta-call-history-v1"
HISTORY, DOCUMENTS = "historia.json", "documentos/"  # in the archive
RECEIPT = b"veta-call-receipt-v1\n"


def receipt_of(event: Event) -> dict[str, Any]:
    """What a receipt says of an event: its place in the history, its hour in UTC and in Bogotá, and both hashes."""
    return {
        "call": str(event.call), "application": str(event.application) if event.application else None,
        "place": event.place, "kind": event.kind, "at": event.at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "at_bogota": hour_of(event.at), "hash": event.hash.hex(), "previous": event.previous.hex(),
    }  # fmt: skip


def verifies(body: Mapping[str, Any], public: bytes, signature: bytes) -> bool:
    """Whether a key of the hub signed that receipt."""
    try:
        public_key_of(public).verify(signature, RECEIPT + canonical(dict(body)))
    except (InvalidSignature, KeyRefused):
        return False
    return True


def written(event: Event) -> dict[str, Any]:
    """An event as the file has it."""
    return {
        "place": event.place, "kind": event.kind, "application": str(event.application) if event.application else None,
        "by": event.by, "proposed_by": event.proposed_by, "at": event.at.isoformat(), "data": dict(event.data),
        "previous": event.previous.hex(), "hash": event.hash.hex(),
    }  # fmt: skip


def read(file: Mapping[str, Any]) -> list[Event]:
    """The events of a file. Raises KeyError or ValueError where it is no such file."""
    if file["format"] != FORMAT:
        raise ValueError(f"no es una historia de convocatoria: {file['format']}")
    call = UUID(file["call"])
    return [
        Event(
            call=call, place=each["place"], kind=each["kind"], by=each["by"], proposed_by=each["proposed_by"],
            application=UUID(each["application"]) if each["application"] else None,
            at=datetime.fromisoformat(each["at"]), data=each["data"], previous=bytes.fromhex(each["previous"]),
            hash=bytes.fromhex(each["hash"]),
        )
        for each in file["events"]
    ]  # fmt: skip


def differing_lists(events: list[Event]) -> Iterator[str]:
    """The acts whose rows are not those that the history before them draws."""
    state: Call | None = None
    for event in events:
        if state is None:
            state = fold([event])
            continue
        if event.kind == "act_published" and list(event.data["rows"]) != rows_of(state, event.data["kind"]):
            yield f"{event.place}: la lista «{event.data['kind']}» no es la que da la historia"
        state = after(state, event)


def runs_of(events: list[Event]) -> Iterator[tuple[UUID, str, int]]:
    """Each run of the test format that has ended or was dropped: its id, the hash of its last line and how many."""
    for event in events:
        if event.kind in {"run_ended", "run_dropped"}:
            yield UUID(event.data["run"]), event.data["head"], event.data["lines"]


def documents_of(events: list[Event]) -> dict[str, str]:
    """The SHA-256 of every document that a history names, and its media type."""
    found: dict[str, str] = {}
    for event in events:
        given = [event.data["document"]] if "document" in event.data else event.data.get("documents", [])
        found |= {each["digest"]: each["type"] for each in given if isinstance(each, dict)}
    return found


def checked(file: Mapping[str, Any]) -> list[str]:
    """What is wrong with a file: its chain, its lists, its head, each receipt. Its keys are compared apart with those
    that the hub publishes."""
    events = read(file)
    wrong = [*breaks(events), *differing_lists(events)]
    if not events or file["head"] != events[-1].hash.hex():
        wrong.append("la cabeza no es la del último evento")
    by_place = {event.place: event for event in events}
    for receipt in file["receipts"]:
        body = {name: value for name, value in receipt.items() if name not in {"key", "signature"}}
        event = by_place.get(receipt["place"])
        public = bytes.fromhex(file["hub_keys"].get(receipt["key"], ""))
        signed = verifies(body, public, bytes.fromhex(receipt["signature"]))
        if event is None or body != receipt_of(event) or not signed:
            wrong.append(f"{receipt['place']}: su recibo no verifica")
    for run, head, count in runs_of(events):
        lines = [line_of(run, each) for each in file["runs"].get(str(run), [])]
        wrong += breaks_of_run(run, lines, head=head, count=count)
    return wrong


def check_archive(given: IO[bytes]) -> tuple[Mapping[str, Any], list[str]]:
    """The history of an archive, and what is wrong with it or its documents. Raises BadZipFile, KeyError, ValueError
    where it is no such archive."""
    with zipfile.ZipFile(given) as archive:
        file = json.loads(archive.read(HISTORY))
        paths = [name for name in archive.namelist() if name.startswith(DOCUMENTS)]
        held = {name.removeprefix(DOCUMENTS).split(".")[0]: name for name in paths}
        wrong = [
            f"documento {digest[:16]}: falta, o su contenido cambió"
            for digest in sorted(documents_of(read(file)))
            if digest not in held or hashlib.sha256(archive.read(held[digest])).hexdigest() != digest
        ]
    return file, [*checked(file), *wrong]
