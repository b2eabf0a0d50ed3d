"""The witnesses that the log asks to cosign: who they are, and what each said of a checkpoint.

They stand in VETA_LOG_POLICY (else VETA_HOME/log.policy), as C2SP tlog-policy writes them: `witness NAME VKEY URL`. A
witness that does not answer is left alone for a while; the checkpoint is published with the cosignatures that came.
"""

import logging
import os
import time
from base64 import b64encode
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from django.conf import settings

from veta.transparency.domain.notes import (
    COSIGNATURE,
    BadNote,
    Verifier,
    parse_note,
    signature_lines,
    signed_by,
    verifier_of,
)
from veta.transparency.domain.proofs import consistency
from veta.transparency.files import TileFiles

PATIENCE_SECONDS = 1.5
LEFT_ALONE_SECONDS = (5.0, 10.0, 30.0, 60.0)

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Witness:
    """A witness, the size it last cosigned as far as is known, and until when it is left alone."""

    key: Verifier
    url: str
    size: int = 0
    failures: int = 0
    alone_until: float = 0.0


@dataclass(slots=True)
class Witnesses:
    """The witnesses of the policy file, read again when it changes."""

    files: TileFiles
    known: dict[str, Witness] = field(default_factory=dict)
    _read_at: int = -1
    _client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=PATIENCE_SECONDS, trust_env=False))

    def cosign(self, note: str, size: int) -> dict[str, str]:
        """Ask every witness for its cosignature of a checkpoint: vkey and line of those that gave one that verifies."""
        self._follow_policy()
        now = time.monotonic()
        asked = [each for each in self.known.values() if each.alone_until <= now]
        if not asked:
            return {}
        with ThreadPoolExecutor(len(asked)) as pool:
            lines = pool.map(lambda witness: self._ask(witness, note, size), asked)
            return {each.key.vkey: line for each, line in zip(asked, lines, strict=True) if line is not None}

    def _follow_policy(self) -> None:
        path = policy_file()
        changed = path.stat().st_mtime_ns if path.exists() else 0
        if changed != self._read_at:
            self._read_at = changed
            found = read_policy(path.read_text()) if changed else []
            self.known = {each.key.vkey: self.known.get(each.key.vkey, each) for each in found}
            for each in found:
                self.known[each.key.vkey].url = each.url

    def _ask(self, witness: Witness, note: str, size: int) -> str | None:
        try:
            answer = self._post(witness, note, size)
            if answer.status_code == 409:
                witness.size = int(answer.text)
                answer = self._post(witness, note, size) if witness.size <= size else answer
            line = _cosignature(answer, witness.key, note)
            witness.size, witness.failures = size, 0
        except (httpx.HTTPError, OSError, LookupError, ValueError) as cause:
            pause = LEFT_ALONE_SECONDS[min(witness.failures, len(LEFT_ALONE_SECONDS) - 1)]
            witness.failures, witness.alone_until = witness.failures + 1, time.monotonic() + pause
            log.warning("witness %s: %s; asked again in %.0f s", witness.key.name, cause, pause)
            return None
        return line

    def _post(self, witness: Witness, note: str, size: int) -> httpx.Response:
        proof = consistency(witness.size, size, self.files.subtrees(size)) if witness.size <= size else []
        lines = [f"old {witness.size}", *(b64encode(node).decode() for node in proof)]
        return self._client.post(f"{witness.url}/add-checkpoint", content="\n".join(lines) + "\n\n" + note)


def _cosignature(answer: httpx.Response, key: Verifier, note: str) -> str:
    """The line of this witness in its answer. Raises ValueError where there is none that verifies."""
    if answer.status_code != 200:
        raise ValueError(f"it answered {answer.status_code}: {answer.text[:80].strip()}")
    for line in signature_lines(answer.text):
        text = parse_note(note).text
        if (line.name, line.key_id) == (key.name, key.id) and signed_by(parse_note(text + "\n" + line.line), [key]):
            return line.line
    raise BadNote("its answer has no cosignature of its own")


def policy_file() -> Path:
    """Where the witnesses are written."""
    return Path(os.environ.get("VETA_LOG_POLICY") or Path(settings.VETA_HOME) / "log.policy")


def read_policy(text: str) -> Sequence[Witness]:
    """The witnesses with an address of a policy; a line that cannot be read is told and left out."""
    found = []
    for line in text.split("\n"):
        words = line.split()
        if len(words) == 4 and words[0] == "witness":
            try:
                key = verifier_of(words[2])
            except BadNote:
                key = None
            if key is not None and key.kind == COSIGNATURE:
                found.append(Witness(key, words[3].rstrip("/")))
            else:
                log.error("witnesses: that is no witness's key: %s", words[2])
    return found
