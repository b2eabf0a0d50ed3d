"""How much of a verdict's CPU is the log's: leaf, tree, signature, salt, and the group's row; by profile."""

import cProfile
import pstats
import time
from typing import Any

from tests.movements.world import World

MOST = 0.15
# What the log adds to a group; `seal` (the words under their own key) is not the log's.
LOGS = {"_leaf", "__init__", "path", "receipt_message", "sign", "record", "next_group_id", "_receipt"}
MODULES = ("transparency/", "movements/answer.py", "operators/services/hub_keys.py")


def share(profile: cProfile.Profile) -> float:
    """The time in the log's own functions, with what they call, over the whole group's."""
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    whole = max(row[3] for (_, _, name), row in stats.items() if name == "run")
    inner = {key: row[3] for key, row in stats.items()
             if key[2] in LOGS and any(module in key[0] for module in MODULES)}  # fmt: skip
    for key, took in sorted(inner.items(), key=lambda each: -each[1]):
        print(f"  {key[2]} ({key[0].rpartition('/')[2]}): {took / whole:.2%}")
    # `path` is called by `_receipt`, and counted there.
    return sum(took for (_, _, name), took in inner.items() if name != "path") / whole


def test_the_logs_share_of_a_verdict(fresh_database: Any) -> None:
    world = World().build()
    world.send(*(world.production("0.001") for _ in range(100)))
    submission = world.submission(*(world.production("0.001") for _ in range(500)))
    profile = cProfile.Profile(time.process_time)
    profile.enable()
    world.run(submission)
    profile.disable()
    found = share(profile)
    print(f"the log's share of a verdict: {found:.1%}")
    assert 0.005 < found <= MOST
