"""A process that fires groups at what others fire at too.

`python -m tests.assurance.crossfire SEED TURN GROUPS BEGAN TITLES OPERATOR…`

Every process of a trial makes the same pool of reports from the seed, and submits them in an order and in groups of its
own: the same ids, the same lots promised and made by several, offers that lapse within a second, answers and reversals
of what others are just deciding. It prints one line of JSON: how often each exception ended a group, and a request.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from veta.cli.environment import open_django

open_django()

from django.db import connection  # noqa: E402 - Django first

from tests.assurance.reports import TRADER, production, sale, text  # noqa: E402
from veta.kernel.canonical_json import canonical  # noqa: E402
from veta.kernel.clock import SystemClock  # noqa: E402
from veta.kernel.ids import uuid_of  # noqa: E402
from veta.movements import group  # noqa: E402
from veta.movements.domain.submission import Received, Submission, receive  # noqa: E402
from veta.movements.services import lapse_overdue, receive_step  # noqa: E402
from veta.operators.services.hub_keys import hub_signer  # noqa: E402

LOTS = 40
WINDOW = 60  # reports that all the processes choose among at about the same time
Item = dict[str, Any]


class Pool:
    """The reports that every process has."""

    def __init__(self, seed: str, titles: list[str], began: datetime, reports: int) -> None:
        self.random, self.seed, self.began = random.Random(seed), seed, began
        self.lots = [self.id("lot", n) for n in range(LOTS)]
        self.titles = titles
        self.items = [self.item(n) for n in range(reports)]

    def id(self, kind: str, n: int) -> str:
        """A UUID that looks like version 7, the same in every process."""
        text = str(uuid_of(self.seed, kind, str(n)))
        return f"{text[:14]}7{text[15:]}"

    def new(self, n: int) -> str:
        """The id of a new lot: most are of their report alone, some are asked for by several, some exist."""
        if self.random.random() < 0.1:
            return self.random.choice(self.lots)
        return self.id("new", self.random.choice((n, n, n - n % 5)))

    def item(self, n: int) -> Item | tuple[str, Item]:
        """Report number n: production, offer, answer, regrouping or reversal."""
        amount, lot, kind = self.random.choice((1, 3, 10)) * 1000, self.random.choice(self.lots), self.random.random()
        own = {"id": self.id("report", n), "occurred_at": self.began.isoformat()}
        if n < LOTS or kind < 0.15:
            lot = self.lots[n] if n < LOTS else lot
            return {**production(text(3 * amount), lot, title=self.random.choice(self.titles)), **own}
        if kind < 0.6:
            offer = {**sale(lot, text(amount), buyer=TRADER), **own}
            offer["items"] = [
                {"lot": each, "quantity": text(amount), "new_lot": self.new(n)}
                for each in self.random.sample(self.lots, self.random.choice((1, 1, 2)))
            ]
            term = timedelta(seconds=self.random.choice((8, 12, 3600)))
            return {**offer, "confirm_by": (self.began + term).isoformat()}
        of = self.id("report", self.random.randrange(max(n - WINDOW, 0), n))
        if kind < 0.75:
            return of, {"id": own["id"], "decision": self.random.choice(("confirm", "confirm", "refuse"))}
        if kind < 0.85:
            inputs = [{"lot": each, "quantity": text(1000)} for each in self.random.sample(self.lots, 2)]
            made = [{"quantity": text(2000), "unit": "t", "lot": self.new(n)}]
            holder = production("1.000", None)["holder"]
            return {**own, "kind": "regroup", "holder": holder, "inputs": inputs, "outputs": made}
        return {**own, "kind": "reversal", "movement": of, "reason": "error"}


def received(item: Item | tuple[str, Item]) -> Received:
    if isinstance(item, dict):
        return receive(item, canonical(item))
    movement, words = item
    return receive_step(
        words, canonical(words), kind="confirmation", movement=UUID(movement), clock=SystemClock()
    )  # fmt: skip


def fire(submissions: list[Submission], failed: Counter[str]) -> None:
    """One group; each request alone, once, where it fails, as the committer does."""
    if run(submissions, "group", failed):
        return
    for submission in submissions:
        run([submission], "request", failed)


def run(submissions: list[Submission], what: str, failed: Counter[str]) -> bool:
    try:
        group.run(submissions, clock=SystemClock(), signer=hub_signer())
    except Exception as failure:
        failed[f"{what}: {type(failure).__name__}"] += 1
        print(f"{type(failure).__name__}: {failure}", file=sys.stderr, flush=True)
        connection.close()
        return False
    return True


def main(seed: str, turn: str, groups: str, began: str, titles: str, *operators: str) -> None:
    """Fire so many groups."""
    own, many = random.Random(f"{seed} {turn}"), 3 * int(groups)
    pool = Pool(seed, titles.split(","), datetime.fromisoformat(began), many + WINDOW)
    failed: Counter[str] = Counter()
    connection.ensure_connection()
    hub_signer()
    for n in range(int(groups)):
        chosen = own.sample(pool.items[3 * n : 3 * n + WINDOW], own.choice((1, 3, 12)))
        operator = UUID(own.choice(operators))
        fire([Submission(operator, [received(item)]) for item in chosen], failed)
        if own.random() < 0.05:
            time.sleep(0.05)
            lapse_overdue(clock=SystemClock(), signer=hub_signer())
    print(json.dumps(failed))


if __name__ == "__main__":
    main(*sys.argv[1:])
