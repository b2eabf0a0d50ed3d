"""A phone of a client's at the node's wire: it numbers and chains what it captures, and brings it until it is kept."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tests.node.conftest import purchase
from veta.kernel.ids import uuid7
from veta.node.domain.records import FIRST, Captured, Operation

MOST = 50
PATIENCE = 10.0


class WiredPhone(threading.Thread):
    """Captures `count` purchases, each so often. `acknowledged`: what the node said that it keeps, as it was captured.

    What was not acknowledged is brought again, whatever happened on the way, within `limit` seconds of the last one.
    """

    def __init__(self, port: int, account: dict[str, str], count: int, *, each: float, limit: float) -> None:
        super().__init__(daemon=True)
        self.port, self.account, self.count, self.each, self.limit = port, account, count, each, limit
        self.device, self.last, self.sequence = uuid7(), FIRST, 0
        self.waiting: list[dict[str, Any]] = []
        self.acknowledged: dict[str, dict[str, Any]] = {}
        self.met: Counter[str] = Counter()
        self.trouble: BaseException | None = None

    def run(self) -> None:
        try:
            for _ in range(self.count):
                self.capture()
                self.bring()
                time.sleep(self.each)
            end = time.monotonic() + self.limit
            while self.waiting and time.monotonic() < end:
                if not self.bring():
                    time.sleep(0.1)
            assert not self.waiting, f"{len(self.waiting)} were never acknowledged: {self.met}"
        except BaseException as trouble:
            self.trouble = trouble

    def capture(self) -> None:
        """One purchase of a thousandth of a gram, at the end of the chain."""
        at = datetime.now(UTC)
        buyer = {"type": "NIT", "number": self.account["number"]}
        payload = purchase(quantity="0.001", fineness="1000", buyer=buyer, occurred_at=at.isoformat())
        self.sequence += 1
        made = Captured(
            UUID(payload["id"]), self.device, self.sequence, Operation.SUBMIT, payload, at, self.last,
            UUID(self.account["by"]),
        )  # fmt: skip
        self.last = made.digest()
        self.waiting.append({
            "id": payload["id"], "sequence": self.sequence, "payload": payload, "captured_at": at.isoformat(),
            "previous": made.previous, "digest": self.last, "by": self.account["by"],
        })  # fmt: skip

    def bring(self) -> bool:
        """Ask the node to keep the first that wait; whether it answered."""
        batch = self.waiting[:MOST]
        told = {"device": {"id": str(self.device), "name": "Prueba"}, "now": datetime.now(UTC).isoformat()}
        try:
            status, said = self._ask(json.dumps({**told, "records": batch}))
        except (OSError, http.client.HTTPException, ValueError) as failure:
            self.met[type(failure).__name__] += 1
            return False
        if status != 200:
            self.met[str(status)] += 1
            assert status == 429 or status >= 500, (status, said)  # repeats of the wire's are beside it
            return False
        refused = [each for each in said["kept"] if not each["kept"]]
        assert not refused, refused
        kept = {each["id"] for each in said["kept"]}
        self.acknowledged |= {each["id"]: each["payload"] for each in batch if each["id"] in kept}
        self.waiting = [each for each in self.waiting if each["id"] not in kept]
        return True

    def _ask(self, body: str) -> tuple[int, Any]:
        node = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            node.request(
                "POST", f"/clientes/{self.account['client']}/mostrador/sincronizar", body.encode(),
                {
                    "Content-Type": "application/json", "X-CSRFToken": self.account["token"],
                    "Cookie": self.account["cookies"],
                },
            )  # fmt: skip
            answer = node.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if answer.status == 200 else text[:300]
        finally:
            node.close()
