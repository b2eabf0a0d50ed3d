// What is weighed and paid: the lists of the client's own, the unit that the mineral fixes, figures as they are typed.

import * as sums from "./sums.js";
import { byId, say, tell, today } from "./words.js";

const option = (value, label) => Object.assign(document.createElement("option"), { value, textContent: label });
const FINENESS = 3;

export function fill(setting) {
  byId("mineral").replaceChildren(...setting.minerals.map((each) => option(each.code, each.name)));
  const scales = setting.scales.map((each) => option(each.id, `${each.serial} · ${each.branch_name}`));
  byId("scale").replaceChildren(...(scales.length ? scales : [option("", "—")]));
  byId("municipality").value ||= setting.scales[0]?.municipality ?? setting.client.municipality;
}

export const chosen = (setting) => ({
  mineral: setting.minerals.find((each) => each.code === byId("mineral").value) ?? setting.minerals[0],
  scale: setting.scales.find((each) => each.id === byId("scale").value) ?? null,
});

// Everything that is computed of what is typed; null for what cannot be read yet.
export function figures(setting) {
  const { mineral, scale } = chosen(setting);
  const gross = sums.parse(byId("gross").value, mineral.decimals);
  const typed = sums.parse(byId("fineness").value, FINENESS);
  const fineness = mineral.precious && typed !== null && typed > 0n && typed <= 1000000n ? typed : null;
  const fine = !gross || (mineral.precious && fineness === null) ? null : mineral.precious ? sums.fine(gross, fineness) : gross;
  const due = fine !== null && mineral.rate && mineral.base;
  return {
    mineral, scale, gross, fineness, fine, price: sums.pesos(byId("price").value),
    withheld: due ? sums.withheld(fine, mineral.decimals, mineral.base.cop, mineral.rate) : null,
  };
}

export const priceSaid = ({ base }) => (base ? `$ ${sums.spoken(base.cop)} / ${base.unit} · ${base.by}${base.demo ? ` (${say("demo")})` : ""}` : say("noBase"));

export function draw(setting) {
  const { mineral, scale, fine, gross, price, withheld } = figures(setting);
  byId("unit").textContent = mineral.unit;
  byId("fineness-field").hidden = !mineral.precious;
  byId("fine").textContent = fine === null ? "—" : `${sums.shown(fine, mineral.decimals)} ${mineral.unit}`;
  byId("fine-label").hidden = !mineral.precious;
  byId("base").textContent = priceSaid(mineral);
  byId("withheld").textContent = withheld === null ? "—" : `$ ${sums.shown(withheld, 2)}`;
  tell("scale-said", scaleSaid(scale, gross, mineral), "wait");
  const whole = gross && price !== null;
  tell("told", whole ? say("says", {
    grams: sums.shown(gross, mineral.decimals), unit: mineral.unit, mineral: mineral.name.toLowerCase(),
    buyer: setting.client.name, price: `$ ${sums.shown(price, 2)}`,
  }) : "");
}

function scaleSaid(scale, gross, mineral) {
  if (!scale) return "";
  const largest = sums.parse(scale.largest, mineral.decimals);
  if (gross && largest !== null && scale.unit === mineral.unit && gross > largest) return say("tooHeavy");
  if (!scale.due_on) return say("uncalibrated");
  return scale.due_on < today(Date.now()) ? say("due", { day: scale.due_on }) : "";
}

// Which field is wrong first, and what is to be done; null where all is there.
export function wrong({ mineral, gross, fineness, price }, needsPaper = true) {
  const checks = [
    ["document", "needDocument", byId("document").value.trim()],
    ["gross", "needWeight", gross],
    ["fineness", "needFineness", !mineral.precious || fineness],
    ["price", "needPrice", price !== null],
    ["declaration", "needDeclaration", !needsPaper || byId("declaration").value.trim()],
    ["municipality", "needTown", /^\d{5}$/.test(byId("municipality").value.trim())],
  ];
  return checks.find(([, , good]) => !good) ?? null;
}

export const party = () => {
  const number = byId("document").value.replace(/[.\s]/g, "").toUpperCase();
  return { type: byId("document-type").value, number };
};
