// What a phone can tell at once of what was written; the hub's rules decide, by more than is known here.

import { counted } from "./lots.js";
import * as sums from "./sums.js";
import { Wrong } from "./asked.js";
import { byId, say } from "./words.js";

const AHEAD = 60000;
const PURE = 1000000n;

// What no capture can stand with. Throws Wrong.
export function mustStand({ kind, item, values, minerals, at }) {
  if (Date.parse(item.occurred_at) - at > AHEAD) throw new Wrong(say("future"), byId("occurred_at"));
  for (const path of Object.keys(values).filter((each) => each.endsWith("quantity") && values[each])) {
    const head = path.slice(0, -"quantity".length);
    const mineral = minerals[values[`${head}mineral`]];
    if (mineral) mustBeCounted({ head, path, values, mineral });
  }
  if (kind.takes && !item[kind.takes]?.length) throw new Wrong(say("needLot"));
}

function mustBeCounted({ head, path, values, mineral }) {
  const fineness = values[`${head}fineness`];
  const thousandths = sums.parse(fineness ?? "", 3);
  if (mineral.precious && !(thousandths > 0n && thousandths <= PURE)) throw new Wrong(say("needFineness"), byId(`${head}fineness`));
  const amount = counted({ quantity: values[path], fineness: mineral.precious ? fineness : undefined }, mineral);
  if (amount === null) throw new Wrong(say("uncounted", { unit: mineral.unit, decimals: mineral.decimals }), byId(path));
  if (amount <= 0n) throw new Wrong(say("needWeight"), byId(path));
}

// What the hub would refuse as far as this phone knows: it may be kept all the same, for the phone may know less.
export function doubts({ kind, item, taken, road, kept }) {
  const found = [...overdrawn(taken, kept.minerals, item), ...(road ? offTheScales(item, road, kept) : []), ...unproved({ kind, item, taken, kept })];
  if (kind.name === "regroup" && taken.length) found.push(...uneven(item, taken, kept.minerals));
  return found;
}

// Of each list of documents that the norms ask of such a client, on that basis and of those minerals, one is due;
// without it the hub refuses.
function unproved({ kind, item, taken, kept: { proofs = {} } }) {
  const of = (minerals, there) => !minerals || taken.some(({ mineral }) => minerals.includes(mineral) === there);
  const due = (proofs[kind.name] ?? []).filter((each) => (!each.basis || each.basis === item.basis) && of(each.of, true) && of(each.but, false));
  const lacks = due.find(({ one_of: asked }) => !(item.evidence ?? []).some(({ type, number }) => number && type in asked));
  if (!lacks) return [];
  const boxes = [...document.querySelectorAll("#fields [id^='evidence['][id$='.type']")];
  return [{ box: boxes.find(({ value }) => !value) ?? boxes[0], words: say("unproved", { papers: Object.values(lacks.one_of).join(", ") }) }];
}

function overdrawn(taken, minerals, item) {
  return taken.flatMap(({ lot, mineral, left, at, quantity, box }) => {
    const { decimals, unit } = minerals[mineral];
    const amount = sums.parse(quantity, decimals);
    const named = { lot: lot.slice(-6), unit };
    if (amount === null) throw new Wrong(say("uncounted", { unit, decimals }), box);
    if (amount > left) return [{ box, words: say("lotOver", { ...named, left: sums.shown(left, decimals), taken: sums.shown(amount, decimals) }) }];
    if (Date.parse(item.occurred_at) < Date.parse(at)) return [{ box: byId("occurred_at"), words: say("lotLater", named) }];
    return [];
  });
}

// Gained or lost between two scales, line by line: what their class admits is nothing to be told.
export function differences(item, road, { minerals, tolerance }) {
  return road.lines.flatMap(({ lot, sent, mineral: code }, place) => {
    const mineral = minerals[code];
    if (!mineral) return [];
    const [came, lost, left] = [item.items[place].quantity, item.items[place].lost || "0", sent].map((each) => sums.parse(each, mineral.decimals));
    if (came === null || lost === null) throw new Wrong(say("uncounted", mineral), byId(`items[${place}].quantity`));
    const gain = came + lost - left;
    const [over, below = "1"] = (tolerance[mineral.unit] ?? "").split("/");
    const admitted = over ? (left * BigInt(over)) / BigInt(below) : null;
    const size = gain < 0n ? -gain : gain;
    const shown = (amount) => sums.shown(amount, mineral.decimals);
    const words = say("difference", {
      lot: lot.slice(-6), gain: `${gain > 0n ? "+" : gain < 0n ? "−" : ""}${shown(size)}`, unit: mineral.unit,
      admitted: admitted === null ? "—" : shown(admitted),
    });
    return [{ words, place, stops: admitted !== null && size > admitted }];
  });
}

const offTheScales = (item, road, kept) =>
  differences(item, road, kept).filter(({ stops }) => stops).map(({ words, place }) => ({ words, box: byId(`items[${place}].quantity`) }));

function uneven(item, taken, minerals) {
  const mixed = taken.find(({ mineral }) => mineral !== taken[0].mineral);
  if (mixed) throw new Wrong(say("oneMineral"), mixed.box);
  const { decimals, unit } = minerals[taken[0].mineral];
  const sum = (parts) => parts.reduce((all, { quantity }) => all + (sums.parse(quantity, decimals) ?? 0n), 0n);
  const [came, made] = [sum(taken), sum(item.outputs)];
  return came === made ? [] : [{ words: say("uneven", { came: sums.shown(came, decimals), made: sums.shown(made, decimals), unit }), box: byId("outputs[0].quantity") }];
}
