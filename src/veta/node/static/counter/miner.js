// The miner: whose card it is and what is left, by the hub's word; without signal, by what was known of that card.

import { sha256 } from "./chain.js";
import * as sums from "./sums.js";
import * as towns from "./towns.js";
import { ask } from "./wire.js";
import { lettersOf } from "./camera.js";
import { byId, hour, say, tell, today } from "./words.js";
import { waiting } from "./sync.js";

export const letters = () => lettersOf(byId("card").value);

// A card is known here by a digest of its letters: no name, no document.
export const keyOf = async (token) => (token ? (await sha256(`veta-card ${token}`)).slice(0, 32) : undefined);

// What is known of the one who stands here: whose it is, of which minerals, and whether the hub said it just now.
let seen = null;

const number = () => byId("document").value.trim();
const who = () => letters() ?? number();
export const forget = () => {
  seen = null;
};

export async function look({ store, base, mineral }) {
  const token = letters();
  const pin = byId("pin").value.trim();
  if (!token && !number()) return tell("left", say("needCard"), "stop");
  if (token && !/^\d{4,8}$/.test(pin) && !number()) return tell("left", say("needPin"), "stop");
  if (token && seen?.token && seen.token !== token) anotherCard();
  seen = null;
  tell("left", say("asking"), "wait");
  const card = token && pin ? { token, pin } : undefined;
  const party = card ? undefined : { type: byId("document-type").value, number: number() };
  let found;
  try {
    found = await ask(base, "minero", { card, party, mineral: mineral.code });
  } catch (trouble) {
    if (trouble.kind === "refused") return tell("left", trouble.message, "stop");
    if (trouble.kind === "busy") return tell("left", say("busyNow"), "wait");
    return known({ store, token, mineral });
  }
  byId("pin").value = "";
  if (token && found.person_month) await store.learnCard(`${await keyOf(token)} ${mineral.group}`, found);
  show(found, mineral);
  return keep({ found, store, token, mineral, fresh: true });
}

// Of another person: neither document nor town is the last one's.
function anotherCard() {
  byId("document").value = "";
  byId("document-type").selectedIndex = 0;
  towns.write("");
}

function show(found, mineral) {
  if (found.party) {
    byId("document-type").value = found.party.type;
    byId("document").value = found.party.number;
  }
  if (found.municipalities?.length) towns.write(found.municipalities.length === 1 ? found.municipalities[0] : "");
  towns.offer((found.municipalities ?? []).map(towns.label));
  const holder = found.name ? `${say("holder", { name: found.name })} ` : "";
  if (found.person_month) {
    const over = [found.person_month, found.person_year].some((each) => isOver(each));
    return tell("left", holder + leftOf(found), over ? "stop" : "ok");
  }
  if (found.detail === "over") return tell("left", holder + say(found.over ? "leftOver" : "leftNotOver"), found.over ? "stop" : "ok");
  return tell("left", `${holder}${say("leftNone")} (${mineral.name})`, "wait");
}

const isOver = ({ left }) => /^-|^[0.]+$/.test(left);
const figure = (text) => (text.startsWith("-") ? `−${sums.spoken(text.slice(1))}` : sums.spoken(text));
const leftOf = ({ person_month: month, person_year: year }) => say("left", {
  month: figure(month.left), month_limit: figure(month.limit), year: figure(year.left), year_limit: figure(year.limit),
  unit: month.unit,
});

// The last that was known, with its hour, and what of that card waits here.
async function known({ store, token, mineral }) {
  const key = await keyOf(token);
  const last = key && (await store.card(`${key} ${mineral.group}`));
  const mine = await queuedOf({ store, token, mineral });
  if (last) await keep({ found: last, store, token, mineral, fresh: false });
  const grams = mine.reduce((sum, each) => sum + BigInt(each.about.fine), 0n);
  const queued = grams ? ` ${say("leftQueued", { grams: `${sums.shown(grams, mineral.decimals)} ${mineral.unit}` })}` : "";
  if (!last) return tell("left", say("leftUnknown") + queued, "wait");
  return tell("left", `${say("leftAt", { at: hour(last.at) })} ${leftOf(last)}${queued}`, "wait");
}

// What of that card's waits here, of the minerals that one cap counts together.
async function queuedOf({ store, token, mineral }) {
  const key = await keyOf(token);
  return waiting(await store.records()).filter(({ about }) => key && about.card === key && (about.group ?? mineral.group) === mineral.group);
}

async function keep({ found, store, token, mineral, fresh }) {
  const queued = (await queuedOf({ store, token, mineral })).reduce((sum, { about }) => sum + BigInt(about.fine), 0n);
  seen = { found, token, group: mineral.group, fresh, who: who(), queued };
  byId("purchase").dispatchEvent(new Event("input"));
}

const THOUSANDTHS = 3;
const signed = (text) => (text.startsWith("-") ? -1n : 1n) * sums.parse(text.replace("-", ""), THOUSANDTHS);

const isTheirs = () => seen.who === who() && (!seen.found.party || seen.found.party.number === number());

// The cap that a quantity passes, and whether that stops the sale; null where it passes none, or nothing is known.
export function over({ mineral, fine }, at) {
  if (!seen || !mineral.cap || fine === null || seen.group !== mineral.group || !isTheirs()) return null;
  const passed = [["person_year", 4, "thisYear"], ["person_month", 7, "thisMonth"]].flatMap(([basis, digits, period]) => {
    const quota = seen.found[basis];
    const same = today(seen.found.at).slice(0, digits) === today(at).slice(0, digits);
    if (!quota || quota.unit !== mineral.cap || !same) return [];
    const left = signed(quota.left) - seen.queued;
    return fine > left ? [{ left: left > 0n ? left : 0n, stops: quota.effect === "blocking", period }] : [];
  });
  const [worst] = passed.sort((one, other) => other.stops - one.stops);
  if (!worst) return null;
  const shown = (amount) => sums.shown(amount, THOUSANDTHS);
  const words = say(worst.stops ? "overStops" : "overWarns", {
    used: shown(fine), left: shown(worst.left), unit: mineral.cap, period: say(worst.period),
  });
  const known = seen.fresh ? "" : `${say("leftAt", { at: hour(seen.found.at) })} `;
  // What was known before may have changed since: then it is the hub that says no.
  return { words: known + words, stops: worst.stops && seen.fresh };
}
