"""A hub that decides nothing: it writes down what it is asked and says yes, for a node tried without any hub.

Its answers have the contract's form (`rehearsal`), and prove nothing: `rules` is `sandbox`, there is no receipt, what
it makes up says ENSAYO, and its keys are nobody's.
"""

import base64
import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, cast

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from veta.kernel.canonical_json import canonical
from veta.kernel.ids import uuid7
from veta.node import rehearsal
from veta.node.answers import (
    Actor,
    Balance,
    Certificate,
    Client,
    Consent,
    EventPage,
    HubKey,
    Key,
    Lot,
    LotMade,
    LotOrigins,
    Mandate,
    Mineral,
    MovementState,
    Municipality,
    Party,
    PriceList,
    ProposedMandate,
    Result,
    Title,
    Webhook,
)
from veta.node.domain.lots import Said, of_payload
from veta.node.transport import HubRefused

Item = Mapping[str, Any]


class RecordingHub:
    """One file of lines, shared by the node's processes: each thing asked, in order, with its answer."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def submit(self, movements: Sequence[Item]) -> list[Result]:
        return [self._decided(str(each["id"]), dict(each)) for each in movements]

    def check(self, movements: Sequence[Item]) -> list[Result]:
        known = {id: made for id, (made, _line) in self._lots().items()}
        return [rehearsal.accepted(str(each["id"]), rehearsal.lots_made(each, known)) for each in movements]

    def movement(self, movement: str) -> MovementState:
        for line in self._lines():
            if line["id"] == movement:
                verdict = line["result"]["verdict"]
                state = verdict["status"]
                return {"verdict": verdict, "state": state, "events": [], "road_pack": None, "offer": None}
        raise _unknown("Ese movimiento no está en este ensayo.")

    def confirm(self, movement: str, *, id: str, decision: Literal["confirm", "refuse"], reason: str = "") -> Result:
        outcome = "accepted" if decision == "confirm" else "refused"
        return self._decided(id, {"movement": movement, "decision": decision}, step_of=movement, outcome=outcome)

    def withdraw(self, movement: str, *, id: str, reason: str = "") -> Result:
        return self._decided(id, {"movement": movement}, step_of=movement, outcome="withdrawn")

    def events(self, after: str = "") -> Iterator[EventPage]:
        start = int(after or 0)
        found = [rehearsal.event(number, line) for number, line in enumerate(self._lines()) if number >= start]
        yield {"items": found, "cursor": str(start + len(found)), "more": False}

    def ask_consent(
        self,
        *,
        purpose: Literal["sale", "mandate", "balance"],
        party: Party,
        counterparty: Party | None = None,
        card: Mapping[str, str] | None = None,
        mineral: str = "",
        quantity: str = "",
        price_cop: str = "",
        methods: Sequence[str] = (),
    ) -> Consent:
        asked = {"purpose": purpose, "party": party, "counterparty": counterparty, "card": card and {"token": "…"}}
        taken = rehearsal.consent(str(uuid7()), asked)
        self._write("consent", taken["id"], _plain(asked | {"mineral": mineral, "quantity": quantity}), {})
        return taken

    def propose_mandate(self, party: Party, *, data_authorization: Mapping[str, str]) -> ProposedMandate:
        id = str(uuid7())
        self._write("mandate", id, {"party": dict(party)}, {"status": "active"})
        return {"id": id, "status": "proposed"}

    def confirm_mandate(self, mandate: str, *, consent: Mapping[str, str]) -> Mandate:
        found = next((each for each in self.mandates() if each["id"] == mandate), None)
        if found is None:
            raise _unknown("Ese mandato no está en este ensayo.")
        return found

    def mandates(self) -> Iterator[Mandate]:
        ended = {line["id"]: line["at"][:10] for line in self._lines("mandate ended")}
        for line in self._lines("mandate"):
            party = line["asked"]["party"]
            client: Client = {
                "kind": _kind(party), "name": None,
                "documents": [{"type": party["type"], "number": party["number"]}],
            }  # fmt: skip
            live = line["id"] not in ended
            yield {
                "id": line["id"], "status": "active" if live else "revoked", "valid_from": line["at"][:10],
                "valid_to": ended.get(line["id"]), "party": client if live else None,
            }  # fmt: skip

    def end_mandate(self, mandate: str) -> None:
        self._write("mandate ended", mandate, {}, {})

    def look_up(self, party: Party) -> Actor:
        return {"kind": _kind(party), "name": None, "client": self._is_client(party), "registrations": []}

    def balances(
        self, party: Party | None, *, mineral: str = "", card: Item | None = None, consent: Item | None = None
    ) -> Balance:
        if party is not None and self._is_client(party):
            return {"detail": "full", "quotas": [], "stock": []}
        if party is not None:
            return {"detail": "over", "over": False}
        return {
            "detail": "card", "party": {"type": "CC", "number": "1000000001"}, "name": "E. N. (ensayo)",
            "municipalities": [], "quotas": [], "stock": [],
        }  # fmt: skip

    def prices(self, mineral: str = "", *, on: str = "") -> PriceList:
        one = rehearsal.price("oro", on)
        items = [one] if mineral in ("", one["mineral"]) else []
        return {"on": one["period"][0], "items": items, "findings": []}

    def lot(self, lot: str) -> Lot:
        made, line = self._lot(lot)
        taken = [
            each.quantity
            for later in self._lines()
            for each in of_payload(str(later["asked"].get("kind")), later["asked"])
            if each.said is Said.TAKEN and str(each.lot) == lot
        ]
        return rehearsal.lot(made, line, taken=taken)

    def origins(self, lot: str, *, cursor: str = "") -> LotOrigins:
        made, line = self._lot(lot)
        if "origin" not in line["asked"]:
            raise _unknown("Un ensayo solo sabe el origen de lo que se extrajo o compró en él.")
        return rehearsal.origins(made, line["asked"]["origin"])

    def title(self, code: str) -> Title:
        if not code.startswith(rehearsal.WORD):
            raise _unknown(f"Un ensayo solo conoce los títulos cuyo código empieza por {rehearsal.WORD}.")
        return rehearsal.title(code)

    def issue_certificate(
        self, *, id: str, kind: str, lot: str, quantity: str = "", replaces: str = "", sale: Item | None = None
    ) -> Certificate:
        made, _line = self._lot(lot)
        issued = rehearsal.certificate(made, {"id": id, "kind": kind, "quantity": quantity})
        self._write("certificate", id, {"lot": lot}, issued)
        return issued

    def withdraw_certificate(self, id: str, *, reason: str) -> Certificate:
        issued = next((line["result"] for line in self._lines("certificate") if line["id"] == id), None)
        if issued is None:
            raise _unknown("Ese documento no está en este ensayo.")
        return cast(Certificate, {**issued, "state": "withdrawn", "reason": reason})

    def minerals(self) -> Iterator[Mineral]:
        return iter(rehearsal.minerals())

    def municipalities(self, q: str = "") -> Iterator[Municipality]:
        return iter(rehearsal.municipalities(q))

    def hub_keys(self) -> Iterator[HubKey]:
        public, since = self._nobodys_key("hub key")
        yield {"keyid": rehearsal.RULES, "public_key": public, "since": since}

    def keys(self) -> Iterator[Key]:
        yield rehearsal.key(*self._nobodys_key("key"))

    def set_webhook(self, url: str) -> Webhook:
        return rehearsal.webhook(url)

    def _nobodys_key(self, what: str) -> tuple[str, str]:
        """A public key whose private one was forgotten as it was made, so that nothing is ever signed with it."""
        if not self._lines(what):
            public = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
            self._write(what, what, {}, {"public_key": base64.b64encode(public).decode()})
        line = self._lines(what)[0]
        return line["result"]["public_key"], line["at"]

    def _is_client(self, party: Party) -> bool:
        named = {"type": party["type"], "number": party["number"]}
        active = [each["party"] for each in self.mandates() if each["status"] == "active"]
        return any(client is not None and named in client["documents"] for client in active)

    def _lot(self, lot: str) -> tuple[LotMade, dict[str, Any]]:
        found = self._lots().get(lot)
        if found is None:
            raise _unknown("Ese lote no nació en este ensayo.")
        return found

    def _lots(self) -> dict[str, tuple[LotMade, dict[str, Any]]]:
        """The lots that were made here, each with its movement's line."""
        return {made["lot"]: (made, line) for line in self._lines() for made in line["result"]["verdict"]["lots"]}

    def _decided(self, id: str, asked: dict[str, Any], *, step_of: str = "", outcome: str = "") -> Result:
        """The answer under an id: the first for ever, SCH-010 to the same id with other words."""
        with self._alone():
            lines = self._lines()
            before = next((line for line in lines if line["id"] == id), None)
            if before is None:
                known = {made["lot"]: made for line in lines for made in line["result"]["verdict"]["lots"]}
                made = [] if step_of else rehearsal.lots_made(asked, known)
                result = rehearsal.accepted(id, made, step_of=step_of, outcome=outcome)
                self._append("movement", id, asked, result)
                return result
        if before["digest"] != _digest(asked):
            return rehearsal.other_words(id)
        return cast(Result, {**before["result"], "repeated": True})

    def _lines(self, what: str = "movement") -> list[dict[str, Any]]:
        if not self.path.exists():
            return []
        every = map(orjson.loads, self.path.read_bytes().splitlines())
        return [line for line in every if line["what"] == what]

    def _write(self, what: str, id: str, asked: dict[str, Any], result: Item) -> None:
        with self._alone():
            self._append(what, id, asked, result)

    def _append(self, what: str, id: str, asked: dict[str, Any], result: Item) -> None:
        said = {"asked": asked, "digest": _digest(asked), "result": result, "at": rehearsal.now()}
        line = {"what": what, "id": id, **said}
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


def _unknown(detail: str) -> HubRefused:
    problem = {"type": "about:blank", "title": "No se encontró.", "status": 404, "detail": detail, "findings": []}
    return HubRefused(404, problem)


def _kind(party: Mapping[str, Any]) -> Literal["person", "firm"]:
    return "firm" if party["type"] == "NIT" else "person"


def _plain(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {name: dict(value) if isinstance(value, Mapping) else value for name, value in asked.items() if value}


def _digest(asked: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(dict(asked))).hexdigest()
