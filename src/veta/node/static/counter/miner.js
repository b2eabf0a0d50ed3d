// The miner: whose card it is and what is left, by the hub's word; without signal, by what was known of that card.

import { sha256 } from "./chain.js";
import * as sums from "./sums.js";
import { ask } from "./wire.js";
import { lettersOf } from "./camera.js";
import { byId, hour, say, tell } from "./words.js";
import { waiting } from "./sync.js";

export const letters = () => lettersOf(byId("card").value);

// A card is known here by a digest of its letters: no name, no document.
export const keyOf = async (token) => (token ? (await sha256(`veta-card ${token}`)).slice(0, 32) : undefined);

export async function look({ store, base, mineral }) {
  const token = letters();
  const pin = byId("pin").value.trim();
  const number = byId("document").value.trim();
  if (!token && !number) return tell("left", say("needCard"), "stop");
  if (token && !/^\d{4,8}$/.test(pin) && !number) return tell("left", say("needPin"), "stop");
  tell("left", say("asking"), "wait");
  const card = token && pin ? { token, pin } : undefined;
  const party = card ? undefined : { type: byId("document-type").value, number };
  try {
    const found = await ask(base, "minero", { card, party, mineral: mineral.code });
    byId("pin").value = "";
    if (token && found.person_month) await store.learnCard(`${await keyOf(token)} ${mineral.group}`, found);
    return show(found, mineral);
  } catch (trouble) {
    if (trouble.kind === "refused") return tell("left", trouble.message, "stop");
    return known({ store, token, mineral });
  }
}

function show(found, mineral) {
  if (found.party) {
    byId("document-type").value = found.party.type;
    byId("document").value = found.party.number;
  }
  if (found.municipalities?.length === 1) [byId("municipality").value] = found.municipalities;
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
  const mine = waiting(await store.records()).filter((each) => key && each.about.card === key);
  const grams = mine.reduce((sum, each) => sum + BigInt(each.about.fine), 0n);
  const queued = grams ? ` ${say("leftQueued", { grams: `${sums.shown(grams, mineral.decimals)} ${mineral.unit}` })}` : "";
  if (!last) return tell("left", say("leftUnknown") + queued, "wait");
  return tell("left", `${say("leftAt", { at: hour(last.at) })} ${leftOf(last)}${queued}`, "wait");
}
