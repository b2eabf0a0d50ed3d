"""A client's whole history, as an operator's node writes it, against the log: docs/log.md says what a line holds."""

import base64
import hashlib
import json
import zipfile
from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import rfc8785

from veta.transparency.verifier import merkle, signed, words
from veta.transparency.verifier.report import Report

FORMAT = "veta-bundle-1"
MOVEMENTS = "movements.jsonl"
# Who reports a movement: one of these is the client of the history.
_REPORTERS = ("holder", "buyer", "seller")


def is_signed(receipt: Mapping[str, Any], publics: Mapping[str, bytes]) -> bool:
    """Whether the hub signed the root that a receipt's path leads to."""
    path = [bytes.fromhex(node) for node in receipt["path"]]
    entry = merkle.of_entry(bytes.fromhex(receipt["leaf"]))
    root = merkle.root_by_path(entry, receipt["index"], receipt["size"], path)
    public = publics.get(receipt["keyid"], b"")
    return root is not None and signed.ed25519(
        public, b"veta-receipt-v1\n" + root, bytes.fromhex(receipt["signature"])
    )  # fmt: skip


def committed(given: Mapping[str, Any]) -> bytes:
    """The leaf that an item, its verdict and its request's digest and signature give under the receipt's salt."""
    return words.verdict_leaf(
        bytes.fromhex(given["receipt"]["salt"]), rfc8785.dumps(given["item"]), rfc8785.dumps(given["verdict"]),
        base64.b64decode(given["request_digest"]), base64.b64decode(given["signature"]),
    )  # fmt: skip


def check(path: Path, entries: Collection[bytes], publics: Mapping[str, bytes], report: Report) -> None:
    """Name in the report what of a history is altered, missing, of somebody else, or not in the log."""
    try:
        with zipfile.ZipFile(path) as opened:
            manifest = json.loads(opened.read("manifest.json"))
            parts = {name: opened.read(name) for name in manifest["parts"]}
        lines = [json.loads(line) for line in parts[MOVEMENTS].splitlines()]
        _History(path.name, manifest, publics, set(entries), report).all(parts, lines)
    except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as cause:
        report.wrong("bundle", path.name, f"no se pudo leer: {cause!r}")


class _History:
    def __init__(
        self, name: str, manifest: Any, publics: Mapping[str, bytes], entries: Collection[bytes], report: Report
    ) -> None:
        if manifest["format"] != FORMAT:
            raise ValueError(manifest["format"])
        self.name, self.manifest, self.publics, self.entries, self.report = name, manifest, publics, entries, report

    def wrong(self, record: str, what: str) -> None:
        self.report.wrong("bundle", f"{self.name}, {record}", what)

    def all(self, parts: Mapping[str, bytes], lines: list[Any]) -> None:
        for name, told in self.manifest["parts"].items():
            if hashlib.sha256(parts[name]).hexdigest() != told["sha256"]:
                self.wrong(name, "no es el que se escribió: su SHA-256 es otro")
        self._whole(lines)
        for line in lines:
            self.report.saw("bundle")
            self._of_the_client(line)
            if line["verdict"] is not None:
                self._proved(line)

    def _whole(self, lines: list[Any]) -> None:
        """Each device numbers what it captures without gaps: a number that is not here is a movement that is not."""
        found: dict[str, list[int]] = defaultdict(list)
        for line in lines:
            found[line["device"]].append(line["sequence"])
        for device, last in self.manifest["devices"].items():
            for number in sorted(set(range(1, last + 1)) - set(found[device])):
                self.wrong(f"aparato {device}", f"falta su registro {number}")
        for device in found:
            if len(set(found[device])) != len(found[device]) or device not in self.manifest["devices"]:
                self.wrong(f"aparato {device}", "tiene registros repetidos, o no es de esta historia")

    def _of_the_client(self, line: Mapping[str, Any]) -> None:
        item, party = line["item"], self.manifest["client"]["party"]
        said = [item[key] for key in _REPORTERS if key in item]
        known = (party["type"], party["number"])
        if said and known not in [(each.get("type"), each.get("number")) for each in said]:
            self.wrong(f"movimiento {line['id']}", "es de otro, no del cliente de esta historia")

    def _proved(self, line: Mapping[str, Any]) -> None:
        name, receipt = f"movimiento {line['id']}", line["receipt"]
        if receipt is None:
            self.wrong(name, "no trae su recibo")
            return
        leaf = bytes.fromhex(receipt["leaf"])
        if not is_signed(receipt, self.publics):
            self.wrong(name, "su recibo no lo firma la plataforma")
        if leaf not in self.entries:
            self.wrong(name, "su hoja no está en el registro: si tiene más de un minuto, es prueba")
        if "signature" not in line:
            self.wrong(name, "no trae la firma con que se envió: su hoja no se puede abrir")
        elif committed(line) != leaf or line["item"]["id"] != line["id"]:
            self.wrong(name, "el movimiento y el veredicto no dan su hoja")
