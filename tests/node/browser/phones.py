"""T17: real phones (Chromium, IndexedDB, the page's own modules) that capture for days without signal, then sync."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from playwright.sync_api import Browser, BrowserContext, Page

from tests.node.browser.shop import BUYER, Shop, enter_bare, open_phone
from tests.node.stage import until
from veta.config.postgres.cluster import SUPERUSER

MODULES = """
    const { open } = await import('/static/counter/store.js');
    const { uuid7, instant } = await import('/static/counter/chain.js');
    const { sync } = await import('/static/counter/sync.js');
    const store = await open(/clientes\\/([0-9a-f-]{36})/.exec(base)[1]);
"""
CAPTURE = f"""async ([base, sales]) => {{{MODULES}
    const setting = await store.fact('setting');
    const ids = [];
    for (const {{ seller, grams, ago, slow }} of sales) {{
        const at = Date.now() - ago;
        const payload = {{
            id: uuid7(at), kind: 'subsistence_purchase', occurred_at: instant(at),
            seller: {{ type: 'CC', number: seller }}, buyer: setting.client.party,
            origin: {{ kind: 'subsistence', municipality: '05001' }}, mineral: 'oro',
            quantity: grams, unit: 'g', fineness: '1000', assay: 'declared', lot: uuid7(at),
            evidence: [{{ type: 'production_declaration', number: 'DP-1', issued_on: instant(at).slice(0, 10) }}],
        }};
        const about = {{ at: instant(at), quantity: grams, fine: '1' }};
        await store.keep({{ payload, captured_at: instant(at - slow), by: setting.person, about }});
        ids.push(payload.id);
    }}
    return ids;
}}"""
SYNC = f"""async (base) => {{{MODULES}
    try {{
        await sync(store, base, {{ name: 'T17', reason: 'Treinta días sin señal.' }});
        return 'ok';
    }} catch (trouble) {{
        return trouble.kind ?? String(trouble);
    }}
}}"""
LOOK = f"async (base) => {{{MODULES} return store.records(); }}"
LOSE = f"""async ([base, sequence]) => {{{MODULES}
    const transaction = store.database.transaction('records', 'readwrite');
    transaction.objectStore('records').delete(sequence);
    await new Promise((done) => {{ transaction.oncomplete = done; }});
}}"""
DAY = 24 * 3600 * 1000


@dataclass
class Phone:
    """A phone with what it captured: the ids of which its page said that they were kept."""

    context: BrowserContext
    page: Page
    base: str
    kept: list[str] = field(default_factory=list)

    def capture(self, *sales: dict[str, Any]) -> list[str]:
        ids = self.page.evaluate(CAPTURE, [self.base, [{"ago": 0, "slow": 0, **each} for each in sales]])
        self.kept += ids
        return list(ids)

    def sync(self) -> str:
        return str(self.page.evaluate(SYNC, self.base))

    def records(self) -> list[dict[str, Any]]:
        return list(self.page.evaluate(LOOK, self.base))

    def lose(self, sequence: int) -> None:
        """Somebody edits the queue: this one is gone from the phone."""
        self.page.evaluate(LOSE, [self.base, sequence])
        self.kept.pop(sequence - 1)


def open_phones(browser: Browser, shop: Shop, count: int) -> list[Phone]:
    """So many phones of the buyer's, each with a store of its own, and no service worker between page and wire."""
    phones = []
    for _ in range(count):
        context = open_phone(browser, shop, service_workers="block")
        page = context.new_page()
        enter_bare(page, shop, BUYER)
        phones.append(Phone(context, page, shop.base))
    return phones


@contextmanager
def disk_full(shop: Shop) -> Iterator[None]:
    """While this lasts the node's database says of each record what PostgreSQL says of a full disk."""
    owner = re.sub(r"user=\w+", f"user={SUPERUSER}", shop.stage.node_dsn)
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = 'disk_full'; END $$"
        )
        connection.execute(
            "CREATE TRIGGER full_disk BEFORE INSERT ON node_businessrecord FOR EACH ROW EXECUTE FUNCTION full_disk()"
        )
        try:
            yield
        finally:
            connection.execute("DROP TRIGGER full_disk ON node_businessrecord")
            connection.execute("DROP FUNCTION full_disk")


def thirty_days(browser: Browser, shop: Shop, *, phones: int, each: int, kills: int, seed: int) -> dict[str, Any]:
    """Captures of thirty days on phones without signal; then they sync while the node is killed and its disk fills.

    Two phones sell one miner's last grams; one phone's clock goes back, another's queue loses a record.
    """
    chance, last = random.Random(seed), shop.last_grams(left="1.000")
    opened = open_phones(browser, shop, phones)
    for phone in opened:
        phone.context.set_offline(True)
        days = sorted((chance.uniform(0.1, 30) for _ in range(each)), reverse=True)
        phone.capture(*({"seller": "52000111", "grams": "0.001", "ago": round(ago * DAY)} for ago in days))
    sold_twice = [phone.capture({"seller": last, "grams": "0.600"})[0] for phone in opened[:2]]
    opened[1].capture({"seller": "52000111", "grams": "0.001", "slow": 2 * DAY})
    opened[2].lose(each // 2)
    with disk_full(shop):
        for phone in opened:
            phone.context.set_offline(False)
            assert phone.sync() == "network", "what was not kept is not acknowledged"
            assert all(not record["sent"] for record in phone.records())
    tries = 0
    for number in range(kills):
        shop.kill()
        tries += opened[number % phones].sync() != "ok"
    for phone in opened:
        until(lambda phone=phone: phone.sync() == "ok", seconds=90)  # type: ignore[misc]
    told = everything_arrived(shop, opened)
    states = {told[id] for id in sold_twice}
    assert states == {"accepted", "rejected"}, "one wins by rule"
    (loser,) = (phone for phone, id in zip(opened[:2], sold_twice, strict=True) if told[id] == "rejected")
    until(lambda: loser.sync() == "ok" and "quizá con otro operador" in str(loser.records()), seconds=60)
    assert sorted(told.values()).count("rejected") == 1
    breaks(shop, opened, each)
    for phone in opened:
        phone.context.close()
    return {"phones": phones, "captures": len(told), "kills": kills, "failed_syncs": tries}


def everything_arrived(shop: Shop, phones: list[Phone]) -> dict[str, str]:
    """Of what each phone said was kept: once at the node, once at the hub, none left waiting; the hub's verdicts."""
    ids = [id for phone in phones for id in phone.kept]
    rows = shop.stage.at_node(
        "SELECT id::text, said_by = captured_by_id FROM node_businessrecord WHERE id = ANY (%s)", ids
    )
    assert sorted(rows) == sorted((id, True) for id in ids)
    until(lambda: set(ids) <= shop.verdicts().keys(), seconds=120)
    devices = shop.stage.at_node("SELECT DISTINCT device_id FROM node_businessrecord WHERE id = ANY (%s)", ids)
    assert len(devices) == len(phones)
    for phone in phones:
        assert all(record["sent"] for record in phone.records())
    verdicts = shop.verdicts()
    return {id: verdicts[id] for id in ids}


def breaks(shop: Shop, phones: list[Phone], each: int) -> None:
    """The gap and the clock are told on the client's page, and nothing else is."""
    page = phones[0].page
    page.goto(shop.base.removesuffix("mostrador/"))
    said = page.locator(".notice.stop li").all_inner_texts()
    assert len(said) == 2, said
    assert any(f"faltan 1 registros antes del {each // 2 + 1}" in line for line in said), said
    assert any("el reloj retrocedió" in line for line in said), said


def kept_of_a_client(page: Page) -> list[str]:
    """What the browser keeps of the counter's client: rows of its database, and its pages without signal."""
    return list(
        page.evaluate(
            """async () => {
                const base = document.getElementById('words').dataset.base;
                const opened = indexedDB.open(`veta-counter-${/clientes\\/([0-9a-f-]{36})/.exec(base)[1]}`);
                const got = (request) => new Promise((done) => { request.onsuccess = () => done(request.result); });
                const database = await got(opened);
                const found = [];
                for (const name of database.objectStoreNames) {
                    const keys = await got(database.transaction(name).objectStore(name).getAllKeys());
                    found.push(...keys.map((key) => `${name} ${key}`));
                }
                database.close();
                const cache = await caches.open('veta-counter');
                const pages = (await cache.keys()).map(({ url }) => new URL(url).pathname);
                return [...found, ...pages.filter((path) => path.startsWith(base))];
            }"""
        )
    )


def once(shop: Shop, ids: list[str]) -> dict[str, str]:
    """The hub's verdict of each of these, which the node keeps once and the hub decided once."""
    kept = shop.stage.at_node(
        "SELECT id::text, said_by = captured_by_id FROM node_businessrecord WHERE id = ANY (%s)", ids
    )
    assert sorted(kept) == sorted((id, True) for id in ids), "kept once by the node, with who captured it in its chain"
    until(lambda: set(ids) <= shop.verdicts().keys(), seconds=60)
    return {id: shop.verdicts()[id] for id in ids}


def end_at_once(profile: Path) -> None:
    """kill -9 of every process of the browser of this profile."""
    found = subprocess.run(["pgrep", "-f", str(profile)], text=True, capture_output=True, check=False)
    pids = [int(pid) for pid in found.stdout.split() if int(pid) != os.getpid()]
    assert pids
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
