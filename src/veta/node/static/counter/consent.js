// The miner's own word, asked by the hub: with card and PIN at once, with a code in two steps, or none.

import { text } from "./sums.js";
import { ask } from "./wire.js";
import { letters } from "./miner.js";
import { party } from "./form.js";
import { byId, hour, say, tell } from "./words.js";

export class Missing extends Error {}

let asked = null;

export const method = () => document.querySelector("[name=method]:checked").value;
// A person who could not consent says nothing of the next one: each begins with the way that is asked first.
export const forget = () => {
  asked = null;
  document.querySelector("[name=method]").checked = true;
  byId("consent-pin").value = byId("code").value = "";
  tell("waiting", "");
};

const what = ({ mineral, gross, price }) => ({
  party: party(), mineral: mineral.code, quantity: text(gross, mineral.decimals), price_cop: text(price, 2),
});
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

export function draw(required) {
  byId("consent-pin-field").hidden = method() !== "card_pin";
  byId("code-fields").hidden = method() !== "code";
  const names = required.map((each) => say({ card_pin: "methodCard", code: "methodCode" }[each] ?? "methodOther"));
  tell("required", names.length ? say("requires", { methods: names.join(", ") }) : "", "wait");
  for (const choice of document.querySelectorAll("[name=method]")) {
    choice.disabled = required.length > 0 && !required.includes(choice.value);
    if (choice.disabled && choice.checked) document.querySelector(`[name=method][value="${required[0]}"]`)?.click();
  }
}

// Have the hub send the code: the person is told who buys, how much and for how much.
export async function askCode(base, figures) {
  const said = what(figures);
  tell("waiting", say("asking"), "wait");
  const given = await ask(base, "consentimiento", said);
  asked = { id: given.id, said };
  tell("waiting", say("waiting", { at: hour(given.expires_at) }), "wait");
  byId("code").focus();
}

// The consent as the movement carries it; undefined where none is given. Throws Missing with what lacks.
export async function take(base, figures) {
  if (method() === "none") return undefined;
  if (method() === "code") {
    const code = byId("code").value.trim();
    if (!asked || !/^\d{4,8}$/.test(code) || !same(asked.said, what(figures))) throw new Missing(say("needCode"));
    return { id: asked.id, code };
  }
  const pin = byId("consent-pin").value.trim();
  const token = letters();
  if (!token) throw new Missing(say("needCard"));
  if (!/^\d{4,8}$/.test(pin)) throw new Missing(say("needPin"));
  const given = await ask(base, "consentimiento", { ...what(figures), card: { token, pin } });
  return { id: given.id };
}
