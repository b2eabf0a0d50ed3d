"""What a step waits for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from tests.conformance.test_report import exchange
from veta.conformance.candidate import Target
from veta.conformance.catalogue import chosen
from veta.conformance.observer import Observer
from veta.conformance.run import Run
from veta.conformance.sandbox import Sandbox
from veta.conformance.steps import pages


class Reading:
    """A candidate that reads so many pages of the feed each time that it is asked to."""

    def __init__(self, observer: Observer, *given: list[bytes]) -> None:
        self.observer = observer
        self.given = list(given)

    def do(self, verb: str, asked: Mapping[str, Any], says: str) -> dict[str, Any]:
        for page in self.given.pop(0):
            self.observer.exchanges.append(exchange(9, method="GET", target="/api/v1/events", answer=page))
        return {}


def test_pages_are_read_to_the_end_of_what_earlier_scenarios_left_too() -> None:
    more, last = b'{"items":[{"number":1}],"more":true}', b'{"items":[{"number":2}],"more":false}'
    (scenario,) = chosen(ids=["veredictos-02"])
    observer = Observer(1, origin="http://h", operator="ENSAYO-T")
    hands = Reading(observer, [more, more], [last])
    run = Run(
        scenario, Target("T", "1", "ENSAYO-T", "T", "", ""), hands, observer, cast(Sandbox, None), "", "A", {}, {},
        first=0,
    )  # fmt: skip
    assert pages(run, least=2, seconds=60.0) == "3 páginas de eventos"
