// What is weighed and paid: the lists of the client's own, the unit that the mineral fixes, figures as they are typed.

import { wrongNumber } from "./identity.js";
import * as miner from "./miner.js";
import * as sums from "./sums.js";
import * as towns from "./towns.js";
import { byId, say, tell, today } from "./words.js";

const option = (value, label) => Object.assign(document.createElement("option"), { value, textContent: label });
const FINENESS = 3;

// What was chosen stays chosen: the lists are learnt anew whenever there is signal again.
function list(id, options) {
  const before = byId(id).value;
  byId(id).replaceChildren(...options);
  if (options.some(({ value }) => value === before)) byId(id).value = before;
}

export function fill(setting) {
  list("mineral", setting.minerals.map((each) => option(each.code, each.name)));
  const scales = setting.scales.map((each) => option(each.id, `${each.serial} · ${each.branch_name}`));
  list("scale", scales.length ? scales : [option("", "—")]);
  if (!byId("municipality").value) towns.write(ownTown(setting));
}

const ownTown = (setting) => setting.scales[0]?.municipality ?? setting.client.municipality;

// Nothing of one miner is the next one's: neither the figures, nor the paper, nor where the mineral came from.
export function clear(setting) {
  for (const name of ["card", "pin", "document", "gross", "fineness", "price", "declaration"]) byId(name).value = "";
  byId("document-type").selectedIndex = 0;
  towns.write(ownTown(setting));
  towns.offer([]);
}

export const chosen = (setting) => ({
  mineral: setting.minerals.find((each) => each.code === byId("mineral").value) ?? setting.minerals[0],
  scale: setting.scales.find((each) => each.id === byId("scale").value) ?? null,
});

// The base price of a day, where one is kept whose resolution is of that day: an older one is nobody's price now.
const baseOn = ({ base }, day) => (base && base.from <= day && day <= base.to ? base : null);

// The uncertainty that goes with a weighing, as the node told it of the scale: none where its calibration does not
// serve that day, or where the load is more than it takes.
function uncertaintyOf(scale, gross, mineral, day) {
  if (!gross || !scale?.due_on || scale.due_on < day) return null;
  const load = gross * 10n ** BigInt(6 - mineral.decimals);
  const band = (scale.bands?.[mineral.unit] ?? []).find(([limit]) => load <= sums.parse(limit, 6));
  return band ? band[1] : null;
}

// Everything that is computed of what is typed, at an instant; null for what cannot be read or is not known.
export function figures(setting, at) {
  const { mineral, scale } = chosen(setting);
  const gross = sums.parse(byId("gross").value, mineral.decimals);
  const typed = sums.parse(byId("fineness").value, FINENESS);
  const fineness = mineral.precious && typed !== null && typed > 0n && typed <= 1000000n ? typed : null;
  const fine = !gross || (mineral.precious && fineness === null) ? null : mineral.precious ? sums.fine(gross, fineness) : gross;
  const day = today(at);
  const base = baseOn(mineral, day);
  const rate = mineral.rate && (!mineral.rate_to || day <= mineral.rate_to) ? mineral.rate : null;
  return {
    mineral, scale, gross, fineness, fine, base, uncertainty: uncertaintyOf(scale, gross, mineral, day), price: sums.pesos(byId("price").value), told: setting.on === day,
    withheld: fine !== null && rate && base ? sums.withheld(fine, mineral.decimals, base.cop, rate) : null,
  };
}

// What is said of the base price; without one, whether the day has none or this phone was not told of the day.
export const baseSaid = ({ base, told }) =>
  base ? `$ ${sums.spoken(base.cop)} / ${base.unit} · ${base.by}${base.demo ? ` (${say("demo")})` : ""}` : say(told ? "noBase" : "oldBase");

export const withheldSaid = ({ mineral, fine, withheld }) => {
  if (withheld !== null) return `$ ${sums.shown(withheld, 2)}`;
  return mineral.rate && fine !== null ? say("noWithheld") : "";
};

export function draw(setting, at) {
  const found = figures(setting, at);
  const { mineral, scale, fine, gross, price } = found;
  byId("unit").textContent = mineral.unit;
  byId("fineness-field").hidden = !mineral.precious;
  byId("fine").textContent = fine === null ? "—" : `${sums.shown(fine, mineral.decimals)} ${mineral.unit}`;
  byId("fine-label").hidden = !mineral.precious;
  byId("base").textContent = baseSaid(found);
  byId("withheld").textContent = withheldSaid(found) || "—";
  const over = miner.over(found, at);
  tell("over", over?.words ?? "", over?.stops ? "stop" : "wait");
  tell("scale-said", scaleSaid(scale, gross, mineral, today(at)), "wait");
  const whole = gross && price !== null;
  tell("told", whole ? say("says", {
    grams: sums.shown(gross, mineral.decimals), unit: mineral.unit, mineral: mineral.name.toLowerCase(),
    buyer: setting.client.name, price: `$ ${sums.shown(price, 2)}`,
  }) : "");
}

function scaleSaid(scale, gross, mineral, day) {
  if (!scale) return "";
  const largest = sums.parse(scale.largest, mineral.decimals);
  if (gross && largest !== null && scale.unit === mineral.unit && gross > largest) return say("tooHeavy");
  if (!scale.due_on) return say("uncalibrated");
  return scale.due_on < day ? say("due", { day: scale.due_on }) : "";
}

// Which field is wrong first, and what is to be done; null where all is there. What only warns is sent all the same.
export function wrong(found, at, documents) {
  const { mineral, gross, fineness, price } = found;
  const over = miner.over(found, at);
  const town = towns.read();
  const checks = [
    ["document", "needDocument", byId("document").value.trim()],
    ["gross", "needWeight", gross],
    ["fineness", "needFineness", !mineral.precious || fineness],
    ["price", "needPrice", price !== null],
    ["declaration", "needDeclaration", byId("declaration").value.trim()],
    ["municipality", town.wrong, town.code],
  ];
  const lack = checks.find(([, , good]) => !good);
  if (lack) return [lack[0], say(lack[1])];
  const unlike = wrongNumber(party(), documents);
  if (unlike) return ["document", unlike];
  return over?.stops ? ["gross", over.words] : null;
}

export const party = () => {
  const number = byId("document").value.replace(/[.\s]/g, "").toUpperCase();
  return { type: byId("document-type").value, number };
};
