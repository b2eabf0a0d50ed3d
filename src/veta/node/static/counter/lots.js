// What there is to take from and to receive: by the node's last word, and by what this phone captured since.

import * as sums from "./sums.js";

const GONE = ["rejected", "refused", "withdrawn", "lapsed", "dead", "reversed", "replaced", "dismissed"];
// What the node refused may be taken yet (a receipt whose dispatch is on another phone) until a person puts it aside.
const counts = ({ state, aside }) => !aside && !GONE.includes(state?.state);
const after = (at, told) => Date.parse(at) > Date.parse(told);

// Lots with something left, the latest first: of each its mineral, what is left (smallest parts), and since when.
export function lots({ kept, records }) {
  const found = new Map();
  for (const { lot, mineral, left, at } of kept.lots) found.set(lot, { lot, mineral, left: sums.parse(left, kept.minerals[mineral].decimals), at });
  const live = records.filter(counts);
  for (const { about, state, decidedAt } of live) {
    // Once the hub decided and the node told its lots again, they are among those, or used up.
    if (state?.verified && !after(decidedAt, kept.now)) continue;
    for (const { lot, mineral, amount } of about.made ?? [])
      if (!found.has(lot)) found.set(lot, { lot, mineral, left: BigInt(amount), at: about.at, ours: true });
  }
  for (const { about, sent, sentAt } of live) {
    for (const { lot, amount } of about.took ?? []) {
      const from = found.get(lot);
      // What the node had before it told these lots is taken off already.
      if (from && (from.ours || !sent || after(sentAt, kept.now))) from.left -= BigInt(amount);
    }
  }
  return [...found.values()].filter(({ left, mineral }) => left > 0n && kept.minerals[mineral]).sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
}

// Loads on the road that nobody received yet, the oldest first; those that left by this phone among them.
export function roads({ kept, records }) {
  const live = records.filter(counts);
  const came = new Set(live.map(({ about }) => about.received).filter(Boolean));
  const told = new Set(kept.roads.map(({ id }) => id));
  const ours = live.filter(({ id, about, state, decidedAt }) => about.road && !told.has(id) && !(state?.verified && !after(decidedAt, kept.now)));
  const all = [...kept.roads, ...ours.map(({ id, about }) => ({ id, at: about.at, ...about.road }))];
  return all.filter(({ id }) => !came.has(id)).sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
}

// What an item takes of lots, makes of them, sends and receives, in smallest parts: for what is captured after it.
export function effects(kind, item, { kept, from, to }) {
  const known = new Map(from.map((each) => [each.lot, each]));
  const parts = kind.takes ? item[kind.takes] ?? [] : [];
  const took = parts.map(({ lot, quantity }) => ({ lot, amount: sums.parse(quantity, kept.minerals[known.get(lot).mineral].decimals).toString() }));
  const blend = kind.name === "regroup" ? known.get(parts[0]?.lot)?.mineral : undefined;
  const made = [...(kind.makes && kind.name !== "retention" ? [item] : []), ...(item.outputs ?? [])].flatMap((each) => {
    const code = each.mineral ?? blend;
    const amount = counted(each, kept.minerals[code]);
    return amount ? [{ lot: each.lot, mineral: code, amount: amount.toString() }] : [];
  });
  const lines = parts.map(({ lot, quantity }) => ({ lot, sent: quantity, mineral: known.get(lot).mineral }));
  return { took, made, ...(kind.name === "dispatch" && { road: { to, lines } }), ...(kind.arrives && { received: item.dispatch }) };
}

// A measured quantity as a lot counts it: fine metal of a precious one; null where it cannot be counted.
export function counted({ quantity, fineness }, mineral) {
  const gross = mineral ? sums.parse(quantity ?? "", mineral.decimals) : null;
  if (gross === null || !mineral.precious || fineness === undefined) return gross;
  return sums.fine(gross, sums.parse(fineness, 3) ?? 0n);
}
