"""A hub that decides nothing: it writes down what it is asked and says yes, for a node tried without any hub.

Its verdicts say that they are a sandbox's (`rules` is `sandbox`), carry no receipt, and prove nothing.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, cast

import orjson

from veta.kernel.canonical_json import canonical
from veta.kernel.finding import Finding
from veta.kernel.ids import uuid7
from veta.node.answers import Party, Result
from veta.node.transport import HubRefused

Item = Mapping[str, Any]


class RecordingHub:
    """One file of lines, shared by the node's processes: each thing asked, in order, with its answer."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def submit(self, movements: Sequence[Item]) -> list[Result]:
        return [cast(Result, self._decided(str(each["id"]), dict(each))) for each in movements]

    def check(self, movements: Sequence[Item]) -> list[Result]:
        return [cast(Result, _accepted(str(each["id"]))) for each in movements]

    def movement(self, movement: str) -> dict[str, Any]:
        for line in self._lines():
            if line["id"] == movement:
                return {
                    "verdict": line["result"]["verdict"],
                    "state": line["result"]["verdict"]["status"],
                    "events": [],
                }
        raise HubRefused(404, {"title": "Ese movimiento no está en este ensayo."})

    def confirm(
        self, movement: str, *, id: str, decision: Literal["confirm", "refuse"], reason: str = ""
    ) -> dict[str, Any]:
        outcome = "accepted" if decision == "confirm" else "refused"
        return self._decided(id, {"movement": movement, "decision": decision}, step_of=movement, outcome=outcome)

    def withdraw(self, movement: str, *, id: str, reason: str = "") -> dict[str, Any]:
        return self._decided(id, {"movement": movement}, step_of=movement, outcome="withdrawn")

    def events(self, after: str = "") -> Iterator[dict[str, Any]]:
        start = int(after or 0)
        items = [
            {
                "number": number, "movement": line["id"], "kind": line["asked"].get("kind", "confirmation"),
                "subject": line["asked"].get("movement"), "occurred_at": line["at"],
                "verdict": line["result"]["verdict"],
            }
            for number, line in enumerate(self._lines())
            if number >= start
        ]  # fmt: skip
        yield {"items": items, "cursor": str(start + len(items)), "more": False}

    def ask_consent(self, **asked: Any) -> dict[str, Any]:
        self._write("consent", str(uuid7()), _plain(asked), {})
        return {"id": str(uuid7()), "purpose": asked["purpose"], "method": "sandbox", "verified": False}

    def propose_mandate(self, party: Party, *, data_authorization: Mapping[str, str]) -> dict[str, Any]:
        id = str(uuid7())
        self._write("mandate", id, {"party": dict(party)}, {"status": "active"})
        return {"id": id, "status": "proposed"}

    def confirm_mandate(self, mandate: str, *, consent: Mapping[str, str]) -> dict[str, Any]:
        return {"id": mandate, "status": "active"}

    def mandates(self) -> Iterator[dict[str, Any]]:
        ended = {line["id"] for line in self._lines("mandate ended")}
        for line in self._lines("mandate"):
            yield {"id": line["id"], "status": "ended" if line["id"] in ended else "active"}

    def end_mandate(self, mandate: str) -> None:
        self._write("mandate ended", mandate, {}, {})

    def look_up(self, party: Party) -> dict[str, Any]:
        return {"party": dict(party), "kind": None, "name": None, "registrations": []}

    def balances(
        self, party: Party | None, *, mineral: str = "", card: Item | None = None, consent: Item | None = None
    ) -> dict[str, Any]:
        if party is not None:
            return {"detail": "over", "over": False}
        someone = {"party": {"type": "CC", "number": "1000000001"}, "name": "E. N. (ensayo)", "municipalities": []}
        return {"detail": "card", **someone, "quotas": [], "stock": []}

    def prices(self, mineral: str = "", *, on: str = "") -> dict[str, Any]:
        return {"on": on, "items": [], "findings": []}

    def lot(self, lot: str) -> dict[str, Any]:
        raise HubRefused(404, {"title": "Un ensayo no lleva lotes."})

    def origins(self, lot: str, *, cursor: str = "") -> dict[str, Any]:
        raise HubRefused(404, {"title": "Un ensayo no lleva lotes."})

    def title(self, code: str) -> dict[str, Any]:
        raise HubRefused(404, {"title": "Un ensayo no conoce títulos."})

    def issue_certificate(
        self, *, id: str, kind: str, lot: str, quantity: str = "", replaces: str = "", sale: Item | None = None
    ) -> dict[str, Any]:
        raise HubRefused(404, {"title": "Un ensayo no expide certificados."})

    def minerals(self) -> Iterator[dict[str, Any]]:
        return iter(())

    def municipalities(self, q: str = "") -> Iterator[dict[str, Any]]:
        return iter(())

    def hub_keys(self) -> Iterator[dict[str, Any]]:
        return iter(())

    def keys(self) -> Iterator[dict[str, Any]]:
        return iter(())

    def set_webhook(self, url: str) -> dict[str, Any]:
        return {"url": url, "state": "proving"}

    def _decided(self, id: str, asked: dict[str, Any], *, step_of: str = "", outcome: str = "") -> dict[str, Any]:
        """The answer under an id: the first for ever, SCH-010 to the same id with other words."""
        with self._alone():
            before = next((line for line in self._lines() if line["id"] == id), None)
            if before is None:
                result = _accepted(id, step_of=step_of, outcome=outcome)
                self._append("movement", id, asked, result)
                return result
        if before["digest"] != _digest(asked):
            return _other_words(id)
        return {**before["result"], "repeated": True}

    def _lines(self, what: str = "movement") -> list[dict[str, Any]]:
        if not self.path.exists():
            return []
        every = map(orjson.loads, self.path.read_bytes().splitlines())
        return [line for line in every if line["what"] == what]

    def _write(self, what: str, id: str, asked: dict[str, Any], result: dict[str, Any]) -> None:
        with self._alone():
            self._append(what, id, asked, result)

    def _append(self, what: str, id: str, asked: dict[str, Any], result: dict[str, Any]) -> None:
        line = {"what": what, "id": id, "asked": asked, "digest": _digest(asked), "result": result, "at": _now()}
        with self.path.open("ab") as out:
            out.write(orjson.dumps(line) + b"\n")
            out.flush()
            os.fsync(out.fileno())

    def _alone(self) -> "_Alone":
        return _Alone(self.path.with_suffix(".lock"))


class _Alone:
    """One process at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        self.file = self.path.open("w")
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self.file.close()


def _accepted(id: str, *, step_of: str = "", outcome: str = "") -> dict[str, Any]:
    verdict: dict[str, Any] = {
        "movement": step_of or id, "status": "accepted", "accreditation": None, "decided_at": _now(), "lots": [],
        "findings": [], "rules": "sandbox",
    }  # fmt: skip
    if step_of:
        verdict |= {"step": id, "outcome": outcome}
    return {"repeated": False, "verdict": verdict, "receipt": None}


def _other_words(id: str) -> dict[str, Any]:
    found = Finding("SCH-010", "blocking", "id", "API v1", "Ese id ya lo lleva otro contenido. Use otro.")
    result = _accepted(id)
    result["verdict"] |= {"status": "rejected", "findings": [found.as_json()]}
    return result


def _plain(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {name: dict(value) if isinstance(value, Mapping) else value for name, value in asked.items() if value}


def _digest(asked: dict[str, Any]) -> str:
    return hashlib.sha256(canonical(asked)).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat()
