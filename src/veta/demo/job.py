"""The main job: a month sent by two operators, ten frauds, then every check."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from veta.demo import checks
from veta.demo.certified import Certified, certify, printed
from veta.demo.frauds.scene import Caught, Scene
from veta.demo.frauds.ten import TEN
from veta.demo.links import Operators
from veta.demo.screen import Screen
from veta.demo.sending import Pace, send
from veta.demo.serving import Hub
from veta.demo.tally import Tally
from veta.demo.traffic.month import days_of
from veta.demo.traffic.pen import Pen
from veta.demo.traffic.room import accounts_of
from veta.demo.traffic.write import write_month
from veta.demo.world import World
from veta.kernel.clock import SystemClock
from veta.ledger.queries import balances
from veta.registry.queries import titles_by_code
from veta.storage.connection import plain_connection


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the job found; `good` only where nothing at all differs from what it should be."""

    tally: Tally
    frauds: tuple[Caught, ...]
    pace: Pace
    ledger: checks.Checked
    verdicts: checks.Checked
    numbers: checks.Checked
    log: checks.Published
    certified: Certified | None

    @property
    def good(self) -> bool:
        caught = len(self.frauds) == len(TEN) and all(fraud.as_expected for fraud in self.frauds)
        wrong = self.ledger.wrong or self.verdicts.wrong or self.numbers.wrong or self.log.checked.wrong
        papers = self.certified is not None and self.certified.good
        return caught and papers and not wrong and not self.tally.differences


def run(
    world: World, hub: Hub, *, home: Path, seed: int, percent: int, screen: Screen, witness: str | None = None
) -> Outcome:
    """Send the month and the frauds to an open hub, and check all that its database holds.

    Effects: movements in the hub; two processes, ended before it returns.
    """
    pen = plan(world, seed=seed, percent=percent)
    tally = Tally()
    with Operators(world, home=home, url=hub.url, origin=hub.origin) as operators:
        screen.operators([(code, operators[code].pid) for code in operators.codes])
        with screen.sending(_shares(pen)) as advance:
            pace = send(pen.book, operators, tally, advance=advance)
        scene = Scene(pen, operators, tally)
        with screen.waiting("Diez fraudes"):
            frauds = tuple(fraud(scene) for fraud in TEN)
        with screen.waiting("Un doré con su certificado, hasta la exportación"):
            certified = certify(scene)
    with screen.waiting("Revisando el libro y la numeración"):
        numbers, ledger = checks.numbers(), checks.ledger()
    with screen.waiting("Verificando el registro público con código aparte"):
        log = checks.public_log(witness)
    with screen.waiting("Imprimiendo el certificado y comprobándolo sin red"):
        certified = printed(certified, home=home) if certified is not None else None
    with screen.counting("Decidiendo otra vez cada veredicto") as advance:
        verdicts = checks.verdicts(advance=advance)
    return Outcome(tally, frauds, pace, ledger, verdicts, numbers, log, certified)


def plan(world: World, *, seed: int, percent: int) -> Pen:
    """The month to send, written against what earlier ones left of each quota."""
    now = SystemClock().now()
    versions = titles_by_code([title.code for title in world.titles])
    titles = {code: found[0].title for code, found in versions.items()}
    used = _used(set(accounts_of(world, titles, days_of(now))))
    return write_month(world, titles=titles, used=used, now=now, seed=seed, percent=percent)


def _used(accounts: Collection[UUID]) -> dict[UUID, int]:
    """What was used of each quota account that exists already."""
    with plain_connection(autocommit=True) as connection, connection.cursor() as cursor:
        return {id: balance.released for id, balance in balances(cursor, accounts).items()}


def _shares(pen: Pen) -> dict[str, int]:
    """How many movements and answers each operator has to send."""
    shares: dict[str, int] = {}
    for each in pen.book.rounds:
        for code, planned in each.sent.items():
            shares[code] = shares.get(code, 0) + len(planned)
        for answer in each.answers:
            shares[answer.operator] = shares.get(answer.operator, 0) + 1
    return shares
