// What waits is sent in order and together; what the node did not acknowledge stays, whatever happened on the way.

import { compare } from "./clock.js";
import { composed, instant } from "./chain.js";
import { waits } from "./store.js";
import { Trouble, ask } from "./wire.js";

const MOST = 100;
const DAY = 24 * 3600 * 1000;

const wire = ({ id, sequence, payload, captured_at, previous, digest, by }) => ({ id, sequence, payload, captured_at, previous, digest, by });

export const waiting = (records) => records.filter(waits);
export const isLate = (record, now, days) => waits(record) && now - Date.parse(record.payload.occurred_at) > days * DAY;
// What the hub has not decided, though it has it; a dead letter waits for a person.
export const unsettled = (record) => record.sent && !record.state?.verified && record.state?.state !== "dead";

// One exchange: the first records that wait, and how those stand that the hub has not decided. Returns what is left.
async function exchange(store, base, { name, branch, reason }) {
  const records = await store.records();
  // What was refused goes last: it must not keep the others on the phone.
  const left = waiting(records);
  const batch = [...left.filter((each) => !each.refused), ...left.filter((each) => each.refused)].slice(0, MOST);
  const about = records.filter(unsettled).map((each) => each.id).slice(-MOST);
  const device = await store.device();
  const asked = performance.now();
  const said = await ask(base, "sincronizar", {
    device: { id: device.id, name: composed(name), branch }, now: instant(Date.now()), reason: composed(reason), records: batch.map(wire), about,
  });
  await store.learn("clock", compare(said.now, { asked, answered: performance.now() }));
  await store.settle(said.kept, said.states, said.now);
  const kept = said.kept.filter((each) => each.kept).length;
  return { more: kept > 0 && left.length > batch.length, states: said.states, forget: said.forget };
}

// One at a time, in whatever tab: two would only send the same twice, which the node takes for once.
export function sync(store, base, told) {
  const run = async () => {
    let last;
    do last = await exchange(store, base, told);
    while (last.more);
    // Told to forget: only once everything was handed over.
    if (last.forget && (await store.forget(base))) throw new Trouble("forgotten", last.forget);
    await store.tidy();
    return last.states;
  };
  return navigator.locks ? navigator.locks.request("veta-counter-sync", run) : run();
}
