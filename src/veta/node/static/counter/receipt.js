// The receipt on the screen: what was bought, and how it stands for the hub.

import { spoken } from "./sums.js";
import { byId, day, say, tell } from "./words.js";

export function show(payload, { buyer, scale, methods, mineral, town, priced }) {
  const rows = [
    ["rBuyer", buyer], ["rSeller", `${payload.seller.type} ${payload.seller.number}`], ["rAt", day(payload.occurred_at)],
    ["rMineral", mineral.name], ["rGross", `${spoken(payload.quantity)} ${payload.unit}`],
    ["rFineness", payload.fineness && `${spoken(payload.fineness)} ‰`], ["rFine", payload.fineness && priced.fine],
    ["rPrice", priced.price], ["rBase", priced.base], ["rWithheld", priced.withheld],
    ["rTown", town], ["rScale", scale], ["rConsent", methods.map((each) => say(`c-${each}`.replace(/-(\w)/, (_, letter) => letter.toUpperCase()))).join(", ")],
    ["rId", payload.id],
  ];
  byId("purchase").hidden = true;
  facts(payload.id, rows.map(([name, value]) => [say(name), value]));
}

// What was kept under an id, line by line, on the screen and on paper.
export function facts(id, rows) {
  const parts = rows.filter(([, value]) => value).flatMap(([name, value]) => [
    Object.assign(document.createElement("dt"), { textContent: name }),
    Object.assign(document.createElement("dd"), { textContent: value }),
  ]);
  byId("receipt-facts").replaceChildren(...parts);
  tell("saved", say("saved"), "ok");
  state(null);
  byId("receipt").dataset.id = id;
  byId("receipt").hidden = false;
  byId("receipt").focus();
}

// How it stands; null before the node or the hub said anything.
export function state(found) {
  if (!found?.verified) {
    const stopped = found && ["held", "dead"].includes(found.state);
    tell("state", stopped ? `${found.label}. ${found.cause} ${found.fix}` : say("unverified"), stopped ? "stop" : "wait");
    return tell("state-now", found?.local?.join(" ") ?? "");
  }
  tell("state", [`${found.label}.`, ...found.findings.map((each) => `${each.message} (${each.code})`)].join(" "), found.tone);
  return tell("state-now", found.now);
}
