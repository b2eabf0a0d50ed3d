// What the phone keeps, in IndexedDB: its own chain, what waits to be sent, what the counter knows, and what a card had left.

import { FIRST, composed, digest, uuid7 } from "./chain.js";

const VERSION = 1;
const STORES = { records: { keyPath: "sequence" }, facts: {}, cards: {} };

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

// Only once the disk has it: the browser's word for that is the transaction's end under strict durability.
const ended = (transaction) => new Promise((resolve, reject) => {
  transaction.oncomplete = () => resolve();
  transaction.onerror = transaction.onabort = () => reject(transaction.error ?? new Error("abort"));
});

export async function open(client) {
  const request = indexedDB.open(`veta-counter-${client}`, VERSION);
  request.onupgradeneeded = () => {
    for (const [name, options] of Object.entries(STORES)) request.result.createObjectStore(name, options);
  };
  const store = new Store(await done(request));
  await navigator.storage?.persist?.().catch(() => false);
  return store;
}

// Since when it is known here that the hub decided.
const decided = (state, at) => (state?.verified ? { decidedAt: at } : {});

// What is still to be sent: neither taken by the node nor put aside.
export const waits = ({ sent, aside }) => !sent && !aside;

export class Store {
  constructor(database) {
    this.database = database;
    database.onversionchange = () => database.close();
  }

  async fact(name) {
    return done(this.database.transaction("facts").objectStore("facts").get(name));
  }

  async learn(name, value) {
    const transaction = this.database.transaction("facts", "readwrite");
    transaction.objectStore("facts").put(value, name);
    return ended(transaction);
  }

  async card(key) {
    return done(this.database.transaction("cards").objectStore("cards").get(key));
  }

  async learnCard(key, value) {
    const transaction = this.database.transaction("cards", "readwrite");
    transaction.objectStore("cards").put(value, key);
    return ended(transaction);
  }

  async records() {
    return done(this.database.transaction("records").objectStore("records").getAll());
  }

  // The device as its chain stands; made the first time, and kept before anything hangs from it.
  async device() {
    const known = await this.fact("device");
    if (known) return known;
    await this.learn("device", { id: uuid7(), sequence: 0, digest: FIRST });
    return this.fact("device");
  }

  // Keep a record at the end of the chain: when this returns, a phone that dies now loses nothing of it.
  async keep({ payload: given, captured_at, by, about }) {
    const payload = composed(given);
    for (;;) {
      const { id: device, sequence: last, digest: previous } = await this.device();
      const record = { id: payload.id, device, sequence: last + 1, operation: "submit", payload, captured_at, previous, by };
      record.digest = await digest(record);
      const transaction = this.database.transaction(["records", "facts"], "readwrite", { durability: "strict" });
      const facts = transaction.objectStore("facts");
      const now = await done(facts.get("device"));
      if (now?.id === device && now.sequence === last) {
        facts.put({ id: device, sequence: record.sequence, digest: record.digest }, "device");
        transaction.objectStore("records").add({ ...record, about, sent: false });
        await ended(transaction);
        return record;
      }
      transaction.abort(); // another tab was first, or forgot all: made anew on what stands now
    }
  }

  // What the node acknowledged goes on as a line of the list: who sold it is no longer on the phone. `at`: the node's
  // instant of that word.
  async settle(answers, states, at) {
    const transaction = this.database.transaction("records", "readwrite", { durability: "strict" });
    const records = transaction.objectStore("records");
    for (const record of await done(records.getAll())) {
      const answer = answers.find((each) => each.id === record.id);
      const state = states[record.id];
      if (answer?.kept) {
        const { sequence, id, device, about } = record;
        records.put({ sequence, id, device, about: { ...about, card: undefined }, sent: true, sentAt: at, state, ...decided(state, at) });
      } else if (answer) records.put({ ...record, refused: answer.message });
      else if (state) records.put({ ...record, state, ...decided(state, at) });
    }
    return ended(transaction);
  }

  // Whether the node says that access ended. True once all is forgotten: it was said before, too, in another contact.
  async revoked(said, base) {
    const before = await this.fact("revoked");
    if (said && before) return this.forget(base);
    if (said !== Boolean(before)) await this.learn("revoked", said);
    return false;
  }

  // All of a client's that this phone keeps is forgotten, in one piece with the look that nothing waits to be sent;
  // false, and nothing done, where something does. Its page is let go with it.
  async forget(base) {
    const transaction = this.database.transaction(Object.keys(STORES), "readwrite", { durability: "strict" });
    const held = (await done(transaction.objectStore("records").getAll())).some(waits);
    if (!held) for (const name of Object.keys(STORES)) transaction.objectStore(name).clear();
    await ended(transaction);
    if (held) return false;
    try {
      const cache = await caches.open("veta-counter");
      for (const request of await cache.keys()) if (new URL(request.url).pathname.startsWith(base)) await cache.delete(request);
    } catch {
      // A browser that keeps no pages (a private window, say) has none to let go.
    }
    return true;
  }

  // What the node refused is put aside by a person: it is not sent again, whole as it stands in the chain, and no more
  // in the way of what else this phone does. What the node took meanwhile stays taken.
  async putAside(id) {
    const transaction = this.database.transaction("records", "readwrite", { durability: "strict" });
    const records = transaction.objectStore("records");
    const found = (await done(records.getAll())).find((each) => each.id === id);
    if (found?.refused && waits(found)) records.put({ ...found, aside: true });
    return ended(transaction);
  }

  // Old lines that the hub decided are let go; the last ones stay for the list.
  async tidy(most = 50) {
    const settled = (await this.records()).filter((each) => each.sent && each.state?.verified);
    const transaction = this.database.transaction("records", "readwrite");
    for (const each of settled.slice(0, -most)) transaction.objectStore("records").delete(each.sequence);
    return ended(transaction);
  }
}
