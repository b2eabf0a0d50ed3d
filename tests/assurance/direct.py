"""A worker that decides groups by itself, as a web worker's committer does, without HTTP: true parallel transactions.

`python -m tests.assurance.direct`: for each line on standard input, `{"operator": …, "items": [ … ], "days": 0}`, it
runs one group for each item, `days` ahead of the clock, and answers one line: the answers, as the API would give them.
A group that fails is tried once more, as the committer does; then it says 503.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from veta.cli.environment import open_django

open_django()

from django.db import connection  # noqa: E402 - Django first

from veta.hub.api.body import result_body  # noqa: E402
from veta.kernel.canonical_json import canonical  # noqa: E402
from veta.kernel.clock import FixedClock  # noqa: E402
from veta.movements import group  # noqa: E402
from veta.movements.domain.submission import Submission, receive  # noqa: E402
from veta.operators.services.hub_keys import hub_signer  # noqa: E402


def decide(operator: UUID, item: dict[str, Any], days: int) -> str:
    """One group of one item; what the API would have answered for it."""
    for _ in range(2):
        submission = Submission(operator, [receive(item, canonical(item))])
        try:
            group.run([submission], clock=FixedClock(datetime.now(UTC) + timedelta(days=days)), signer=hub_signer())
        except Exception as failure:
            print(f"{type(failure).__name__}: {failure}", file=sys.stderr, flush=True)
            connection.close()
        else:
            return result_body(submission.results[0]).decode()
    return "503"


def main() -> None:
    """Answer lines until there are no more."""
    connection.ensure_connection()
    hub_signer()
    for line in sys.stdin:
        asked = json.loads(line)
        answers = [decide(UUID(asked["operator"]), item, asked.get("days", 0)) for item in asked["items"]]
        print(json.dumps(answers), flush=True)


if __name__ == "__main__":
    main()
