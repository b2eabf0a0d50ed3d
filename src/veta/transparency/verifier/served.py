"""The verification of a log seen from outside: what it serves, and that it continues what it served before.

It needs nothing of the authority but its address; better, the log's keys and a policy of witnesses from elsewhere.
"""

import base64
import json
import os
from collections.abc import Sequence
from pathlib import Path

import httpx

from veta.transparency.verifier import bundle, merkle, policy, signed, tiles
from veta.transparency.verifier.report import Report

TRUSTED_ON_SIGHT = "Las llaves del registro se tomaron de la misma plataforma. Para no fiarse de ella, indique --key."
UNWITNESSED = (
    "Sin una política de testigos (--policy) nadie más responde de que a todos se les muestre el mismo registro."
)


def verify(
    url: str,
    report: Report,
    *,
    keys: Sequence[str],
    policy: Path | None,
    state: Path | None,
    receipts: Sequence[Path],
    bundles: Sequence[Path] = (),
    client: httpx.Client | None = None,
) -> None:
    """Read the log at `url` (with or without `/log`) and name what is wrong with it in the report.

    `receipts`: results as the API gave them, `bundles`: whole histories as an operator's node writes them, that must be
    in it. `state`: a file with the checkpoint seen last; the log must continue it, and it is written over when all is
    well. Effects: that file alone.
    """
    prefix = url.rstrip("/").removesuffix("/log") + "/log"
    with client or httpx.Client(timeout=30, trust_env=False) as session:
        visit = _Visit(session, prefix, report)
        try:
            visit.all(keys, policy, state, receipts, bundles)
        except (httpx.HTTPError, signed.Unreadable) as cause:
            report.wrong("checkpoints", prefix, f"no se pudo leer: {cause}")


class _Visit:
    def __init__(self, session: httpx.Client, prefix: str, report: Report) -> None:
        self.session, self.prefix, self.report = session, prefix, report

    def fetch(self, place: str) -> bytes | None:
        answer = self.session.get(f"{self.prefix}/{place}")
        return answer.content if answer.status_code == 200 else None

    def text(self, place: str) -> str:
        data = self.fetch(place)
        if data is None:
            raise signed.Unreadable(f"{place} no responde")
        return data.decode()

    def all(
        self,
        keys: Sequence[str],
        rules: Path | None,
        state: Path | None,
        receipts: Sequence[Path],
        bundles: Sequence[Path],
    ) -> None:
        known = policy.read(rules.read_text()) if rules is not None else policy.Policy(quorum="none")
        trusted = [signed.key(vkey) for vkey in keys] + known.logs
        if not trusted:
            trusted = [signed.key(vkey) for vkey in self.text("keys").split()]
            self.report.notes.append(TRUSTED_ON_SIGHT)
        served = self.text("checkpoint")
        head = self._checkpoint(served, trusted, known)
        entries = tiles.read_entries(self.fetch, head.size, self.report)
        if entries is not None:
            if merkle.mth(map(merkle.of_entry, entries)) != head.root:
                self.report.wrong("tree", f"tamaño {head.size}", "las hojas publicadas no dan la raíz firmada")
            self.report.saw("tree", len(entries))
            tiles.compare(self.fetch, entries, self.report, bundles=False)
            self._before(state, head, entries, trusted)
        publics = self._hub_keys() if receipts or bundles else {}
        for path in receipts:
            self._receipt(path, head, publics)
        for path in bundles:
            bundle.check(path, entries or (), publics, self.report)
        if rules is None:
            self.report.notes.append(UNWITNESSED)
        if state is not None and not self.report.faults:
            _write(state, served)

    def _checkpoint(self, served: str, trusted: list[signed.Key], known: policy.Policy) -> signed.Head:
        note = signed.note(served)
        head = signed.head(note.text)
        self.report.saw("checkpoints")
        verdicts = [signed.says(note, key) for key in trusted if key.name == head.origin]
        if False in verdicts or True not in verdicts:
            self.report.wrong(
                "checkpoints", f"tamaño {head.size}", "no lo firma ninguna llave de confianza del registro"
            )
        cosigned = [key for key in known.witnesses.values() if signed.says(note, key)]
        self.report.saw("cosignatures", len(cosigned))
        if not known.holds(cosigned):
            self.report.wrong("cosignatures", f"tamaño {head.size}", "no lo firmaron los testigos que pide la política")
        return head

    def _before(self, state: Path | None, head: signed.Head, entries: list[bytes], trusted: list[signed.Key]) -> None:
        """The tree of the last visit must be the beginning of this one."""
        if state is None or not state.exists():
            return
        note = signed.note(state.read_text())
        seen = signed.head(note.text)
        self.report.saw("proofs")
        own = merkle.mth(map(merkle.of_entry, entries[: seen.size]))
        if (seen.origin, own) != (head.origin, seen.root) or seen.size > head.size:
            self.report.wrong(
                "proofs", f"tamaño {seen.size}", f"el árbol visto antes no es el comienzo del de hoy ({head.size}):"
                f" guarde {state} y el punto de control de hoy, que juntos lo prueban",
            )  # fmt: skip

    def _receipt(self, path: Path, head: signed.Head, publics: dict[str, bytes]) -> None:
        """A result as the API gave it, the item beside it where it was kept: in the log, and signed by the hub."""
        self.report.saw("receipt")
        given = json.loads(path.read_text())
        receipt = given.get("receipt", given)
        leaf = bytes.fromhex(receipt["leaf"])
        if not bundle.is_signed(receipt, publics):
            self.report.wrong("receipt", path.name, "no lo firma la plataforma")
        proof = self.fetch(f"proof?leaf={leaf.hex()}")
        if proof is None:
            self.report.wrong(
                "receipt", path.name, "su hoja no está en el registro: si tiene más de un minuto, es prueba"
            )
        elif not _included(proof.decode(), leaf, head):
            self.report.wrong("receipt", path.name, "la prueba de su hoja no lleva al punto de control")
        if "item" in given and bundle.committed(given) != leaf:
            self.report.wrong("receipt", path.name, "el ítem y el veredicto no dan su hoja")

    def _hub_keys(self) -> dict[str, bytes]:
        listed = self.session.get(f"{self.prefix.removesuffix('/log')}/api/v1/hub-keys").json()
        return {key["keyid"]: base64.b64decode(key["public_key"]) for key in listed["items"]}


def _included(proof: str, leaf: bytes, head: signed.Head) -> bool:
    """Whether a tlog-proof leads from the leaf to its own checkpoint, of a tree at least as large as the one read."""
    top, _, note = proof.partition("\n\n")
    lines = top.split("\n")
    said = signed.head(signed.note(note).text)
    path = [base64.b64decode(line) for line in lines[2:]]
    root = merkle.root_by_path(merkle.of_entry(leaf), int(lines[1].removeprefix("index ")), said.size, path)
    return root == said.root and said.size >= head.size and (said.size > head.size or said.root == head.root)


def _write(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    with part.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
