// The miner's own word, asked by the hub: with card and PIN at once, with a code in two steps, with both, or none.

import { text } from "./sums.js";
import { ask } from "./wire.js";
import { letters } from "./miner.js";
import { party } from "./form.js";
import { byId, hour, say, tell } from "./words.js";

export class Missing extends Error {}

const TOLD_A_CODE = ["code", "voice"];
const NAMES = { card_pin: "methodCard", code: "methodCode", voice: "methodVoice" };
let asked = null;
// What the authority requires, as this counter knows it, and what the hub said besides of this purchase.
let required = [];
let besides = [];

const needed = () => [...new Set([...required, ...besides])];
const together = () => needed().length > 1;
const chosen = () => document.querySelector("[name=method]:checked").value;
// How the miner says it: all the ways that are required together, else the one that was chosen.
const ways = () => (together() ? needed() : chosen() === "code" && needed().includes("voice") ? ["voice"] : [chosen()]);
const byCode = () => ways().some((each) => TOLD_A_CODE.includes(each));
const byCard = () => ways().includes("card_pin");

// By what the miner said it, as the receipt tells: of a code, as the hub told it.
export const methods = () => ways().map((each) => (TOLD_A_CODE.includes(each) ? asked?.method ?? each : each));

// A person who could not consent says nothing of the next one: each begins with the way that is asked first.
export const forget = () => {
  asked = null;
  besides = [];
  document.querySelector("[name=method]").checked = true;
  byId("consent-pin").value = byId("code").value = "";
  tell("waiting", "");
};

const what = ({ mineral, gross, price }) => ({
  party: party(), mineral: mineral.code, quantity: text(gross, mineral.decimals), price_cop: text(price, 2),
});
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

export function draw(known) {
  required = known;
  const all = needed();
  byId("methods").hidden = together();
  byId("consent-pin-field").hidden = !byCard();
  byId("code-fields").hidden = !byCode();
  const names = all.map((each) => say(NAMES[each] ?? "methodOther"));
  tell("required", names.length ? say("requires", { methods: names.join(", ") }) : "", "wait");
  const serves = (way) => all.length === 0 || all.includes(way) || (way === "code" && all.includes("voice"));
  for (const choice of document.querySelectorAll("[name=method]")) {
    choice.disabled = !serves(choice.value);
    if (choice.disabled && choice.checked) {
      const first = TOLD_A_CODE.includes(all[0]) ? "code" : all[0];
      document.querySelector(`[name=method][value="${first}"]`)?.click();
    }
  }
}

function card() {
  const pin = byId("consent-pin").value.trim();
  const token = letters();
  if (!token) throw new Missing(say("needCard"));
  if (!/^\d{4,8}$/.test(pin)) throw new Missing(say("needPin"));
  return { token, pin };
}

// What the hub answered: which code it told, and what it wants besides what this counter knew of.
function heard(given, said) {
  const { method: told, methods: by = [told], missing = [] } = given;
  const all = [...new Set([...by, ...missing])];
  besides = all.length > 1 ? all : [];
  // Without what lacks beside the code, the code would complete nothing.
  const lacks = missing.some((each) => each !== told);
  asked = TOLD_A_CODE.includes(told) && !lacks ? { id: given.id, said, method: told } : null;
  draw(required);
  tell("waiting", "");
  if (asked) tell("waiting", say(told === "voice" ? "calling" : "waiting", { at: hour(given.expires_at) }), "wait");
}

// Have the hub tell the code, against the card where that is required too: the person hears who buys, how much and
// for how much.
export async function askCode(base, figures) {
  const said = what(figures);
  const shown = byCard() ? card() : undefined;
  const several = together() || ways()[0] === "voice";
  tell("waiting", say("asking"), "wait");
  heard(await ask(base, "consentimiento", { ...said, card: shown, ...(several && { methods: ways().filter((each) => NAMES[each]) }) }), said);
  byId("code").focus();
}

// The consent as the movement carries it; undefined where none is given. Throws Missing with what lacks.
export async function take(base, figures) {
  if (ways()[0] === "none") return undefined;
  const said = what(figures);
  if (byCode()) {
    const code = byId("code").value.trim();
    if (!asked || !/^\d{4,8}$/.test(code) || !same(asked.said, said)) throw new Missing(say("needCode"));
    return { id: asked.id, code };
  }
  const given = await ask(base, "consentimiento", { ...said, card: card() });
  if (!given.missing?.length) return { id: given.id };
  // The hub requires more than this counter knew: what it told is typed, and the purchase is sent once that is there.
  heard(given, said);
  throw new Missing(say("needCode"));
}
