"""The feed and the webhook: every page is read, a notice of the hub is believed, a forged one is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import parse_qs

import orjson

from veta.conformance.domain.checks.registry import Fault, check
from veta.conformance.domain.evidence import Evidence, Exchange

EVENTS = "/api/v1/events"


@check
def notice_taken(evidence: Evidence, *, of: Sequence[str]) -> Iterator[Fault]:
    """Each notice was answered with 2xx."""
    yield from _answers(evidence, of, lambda status: status is not None and 200 <= status < 300, "no la recibió")


@check
def notice_followed(evidence: Evidence, *, of: Sequence[str], within: float) -> Iterator[Fault]:
    """After each notice the feed was read within so many seconds."""
    for notice in evidence.notices:
        if notice.name in of and not any(notice.at < each.started <= notice.at + within for each in _feed(evidence)):
            yield Fault(f"no leyó los eventos en los {within:.0f} s siguientes a la notificación «{notice.name}»")


@check
def notice_refused(evidence: Evidence, *, of: Sequence[str]) -> Iterator[Fault]:
    """Each notice was answered with 4xx."""
    yield from _answers(evidence, of, lambda status: status is not None and 400 <= status < 500, "no la rechazó")


@check
def feed_asked(evidence: Evidence, *, after: str, within: float) -> Iterator[Fault]:
    """The feed was read within so many seconds of a named step."""
    since = evidence.named[after]
    if not any(since < each.started <= since + within for each in _feed(evidence)):
        yield Fault(f"no leyó los eventos en los {within:.0f} s siguientes")


@check
def feed_to_the_end(evidence: Evidence, *, pages: int = 1) -> Iterator[Fault]:
    """Where a page says that there is more, the next one is asked for with its cursor; there were so many pages."""
    asked = {_after(each) for each in _feed(evidence)}
    read = 0
    for exchange in _feed(evidence):
        try:
            page = orjson.loads(exchange.answer)
        except orjson.JSONDecodeError:
            continue
        if exchange.status != 200:
            continue
        read += bool(page["items"])
        if page["more"] and page["cursor"] not in asked:
            yield Fault("la página dice que hay más y nadie pidió la siguiente", (exchange.number,))
    if read < pages:
        yield Fault(f"leyó {read} páginas con eventos; se esperaban {pages}")


def _feed(evidence: Evidence) -> list[Exchange]:
    return [each for each in evidence.exchanges if each.method == "GET" and each.path == EVENTS]


def _after(exchange: Exchange) -> str:
    return parse_qs(exchange.target.partition("?")[2]).get("after", [""])[0]


def _answers(evidence: Evidence, of: Sequence[str], good: object, said: str) -> Iterator[Fault]:
    sent = {notice.name: notice for notice in evidence.notices}
    for name in of:
        notice = sent.get(name)
        if notice is None or not good(notice.status):  # type: ignore[operator]
            answer = "nada" if notice is None or notice.status is None else str(notice.status)
            yield Fault(f"la notificación «{name}»: el candidato {said} (respondió {answer})")
