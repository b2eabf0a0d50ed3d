"""T21: who tries to deny the hub to others: what the others feel of it, and what is left of the hub."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.assurance.client import PREFIX, Client, batch
from tests.assurance.planted import Fault, plant
from tests.assurance.record import trial
from tests.assurance.reports import production
from tests.assurance.running import Home, Hub, slowness

# What holds a thread for nothing, more than there are threads.
HELD = 160
RESIDENT = 300 * 2**20
# A call that waits so long was denied.
PATIENCE = 5.0

Attack = Callable[[Hub, "threading.Event"], None]


def dialled(hub: Hub, *, seconds: float = 5.0) -> socket.socket:
    return socket.create_connection(("127.0.0.1", hub.port), timeout=seconds)


def endless_header(hub: Hub, over: threading.Event) -> None:
    """A header field of 8 MB."""
    while not over.is_set():
        with contextlib.suppress(OSError), dialled(hub) as wire:
            wire.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * (8 * 2**20))
            wire.recv(4096)


def silent_sockets(hub: Hub, over: threading.Event) -> None:
    """Connections that never say anything."""
    with ExitStack() as held:
        for _ in range(600):
            with contextlib.suppress(OSError):
                held.enter_context(dialled(hub))
        over.wait()


def held_bodies(hub: Hub, over: threading.Event, heads: Iterator[bytes]) -> None:
    """Requests whose body comes an octet at a time; whoever is refused dials again."""
    with ExitStack() as held:
        wires: list[socket.socket] = []
        for head in heads:
            if over.is_set():
                return
            with contextlib.suppress(OSError):
                wire = held.enter_context(dialled(hub))
                wire.sendall(head + b"{")
                wires.append(wire)
        while not over.wait(0.5):
            for wire in wires:
                with contextlib.suppress(OSError):
                    wire.send(b" ")


def slow_strangers(hub: Hub, over: threading.Event) -> None:
    """Calculations asked for slowly, by nobody."""
    lines = ("Host: x", "Content-Type: application/json", "Content-Length: 900")
    head = "\r\n".join([f"POST {PREFIX}/bonds/quote HTTP/1.1", *lines]).encode() + b"\r\n\r\n"
    held_bodies(hub, over, (head for _ in range(HELD)))


def slow_operator(hub: Hub, over: threading.Event) -> None:
    """Reports by an operator of the hub's own, signed, sent slowly."""
    client, body = Client(hub.port, hub.home.operators[0]), b"{" + b" " * 899

    def heads() -> Iterator[bytes]:
        for _ in range(HELD):
            lines = [f"{name}: {value}" for name, value in client.signed("/movements", body).items()]
            start = [f"POST {PREFIX}/movements HTTP/1.1", f"Host: 127.0.0.1:{hub.port}", f"Content-Length: {len(body)}"]
            yield "\r\n".join([*start, *lines]).encode() + b"\r\n\r\n"

    held_bodies(hub, over, heads())


def password_storm(hub: Hub, over: threading.Event) -> None:
    """Passwords tried from many connections: each costs the hub a slow hash."""
    connection = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=PATIENCE)
    form = urlencode(
        {"login": "nadie@demo.invalid", "password": "una clave cualquiera", "csrfmiddlewaretoken": "a" * 32}
    )
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": "csrftoken=" + "a" * 32}
    while not over.is_set():
        try:
            connection.request("POST", "/ingreso/", form, headers)
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            connection.close()
            time.sleep(0.01)


def costly_questions(hub: Hub, over: threading.Event) -> None:
    """Quotes as large as they may be, as fast as they are answered, from one address."""
    line = b'{"mineral":"carbon_termico","annual_volume":"120000","unit":"t","market":"interno"}'
    case = b'{"regime":"ley_685","stage":"explotacion","starts_on":"2025-08-01","production":['
    body = case + b",".join([line] * 200) + b"]}"
    connection = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=PATIENCE)
    while not over.is_set():
        try:
            connection.request("POST", PREFIX + "/bonds/quote", body, {"Content-Type": "application/json"})
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            connection.close()


ATTACKS: dict[str, tuple[Attack, int]] = {
    "a header of 8 MB": (endless_header, 2),
    "silent sockets": (silent_sockets, 1),
    "slow strangers": (slow_strangers, 1),
    "a slow operator": (slow_operator, 1),
    "a storm of passwords": (password_storm, 12),
    "costly questions": (costly_questions, 4),
}


@contextlib.contextmanager
def under(attack: Attack, hub: Hub, threads: int) -> Iterator[None]:
    over = threading.Event()
    attackers = [threading.Thread(target=attack, args=(hub, over), daemon=True) for _ in range(threads)]
    for each in attackers:
        each.start()
    time.sleep(1.0)
    try:
        yield
    finally:
        over.set()
        for each in attackers:
            each.join(2 * PATIENCE)


def felt(hub: Hub, calls: int) -> list[float]:
    """Seconds of each report of another operator, each on a connection of its own; a call not answered fails."""
    seconds = []
    for _ in range(calls):
        client = Client(hub.port, hub.home.operators[1], timeout=PATIENCE)
        body = batch(production("0.001", None))
        started = time.monotonic()
        status, answer = client.send("/movements", body)
        seconds.append(time.monotonic() - started)
        assert status == 200, answer[:500]
        client.close()
    return sorted(seconds)


def resident(hub: Hub) -> int:
    sizes = []
    for pid in hub.children("web"):
        with contextlib.suppress(OSError):
            words = Path(f"/proc/{pid}/status").read_text().split()
            sizes.append(int(words[words.index("VmRSS:") + 1]) * 1024)
    return max(sizes)


def denied(home: Home, log: Path, *, calls: int, most: float | None = None) -> None:
    """Every attack, one after the other, on one hub; with `most`, the p99 may grow by that factor."""
    with Hub(home, log) as hub, trial("T21", n=len(ATTACKS) * calls, seed=0) as figures:
        felt(hub, 20)  # warmed up
        before = felt(hub, calls)
        alive = hub.children("web")
        p99 = figures["quiet_p99_ms"] = round(before[int(0.99 * (calls - 1))] * 1000, 1)
        for name, (attack, threads) in ATTACKS.items():
            with under(attack, hub, threads):
                during = felt(hub, calls)
                figures[f"{name}: p99_ms"] = round(during[int(0.99 * (calls - 1))] * 1000, 1)
                figures[f"{name}: MB"] = resident(hub) // 2**20
                assert resident(hub) < RESIDENT, (name, figures)
            assert hub.children("web") == alive, f"{name}: a worker died"
            if most is not None:
                assert figures[f"{name}: p99_ms"] <= most * p99 * slowness(), (name, figures)
        print(figures)


def test_nobody_denies_the_hub_to_the_others(home: Home, tmp_path: Path) -> None:
    denied(home, tmp_path / "hub.log", calls=12)


@pytest.mark.chaos
def test_the_others_hardly_feel_it_at_length(home: Home, tmp_path: Path) -> None:
    denied(home, tmp_path / "hub.log", calls=400, most=2.0)


LIMITLESS = Fault(
    "veta.operators.services.limits",
    (("OF_AN_OPERATOR = 32", "OF_AN_OPERATOR = 10_000"), ("OF_THE_PUBLIC = 8", "OF_THE_PUBLIC = 10_000")),
)


@pytest.mark.chaos
@pytest.mark.parametrize("attack", [slow_operator])
def test_control_without_a_limit_a_slow_sender_stops_the_others(home: Home, tmp_path: Path, attack: Attack) -> None:
    home.planted = plant(tmp_path / "planted", LIMITLESS)
    with Hub(home, tmp_path / "hub.log") as hub:
        felt(hub, 3)
        with under(attack, hub, 1), pytest.raises((OSError, http.client.HTTPException)):
            felt(hub, 20)
