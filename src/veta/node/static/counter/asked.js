// A form as the node declares it: its fields drawn, and what is written in them read as the desk's page reads it.

import { instant } from "./chain.js";
import { figure } from "./figures.js";
import * as sums from "./sums.js";
import * as towns from "./towns.js";
import { byId, say } from "./words.js";

// What is written cannot be read, or lacks: the words, and the box where it is mended.
export class Wrong extends Error {
  constructor(words, box) {
    super(words);
    this.box = box;
  }
}

const make = (tag, given = {}, ...inside) => {
  const made = Object.assign(document.createElement(tag), given);
  made.append(...inside.filter(Boolean));
  return made;
};
const MINUTE = new Intl.DateTimeFormat("sv-SE", { timeZone: "America/Bogota", dateStyle: "short", timeStyle: "short" });
const minute = (at) => MINUTE.format(at).replace(" ", "T");
const TYPES = { day: "date", moment: "datetime-local", check: "checkbox" };

const option = ([value, label]) =>
  Array.isArray(label) ? make("optgroup", { label: value }, ...label.map(option)) : make("option", { value, textContent: label });

function boxOf(field, lists) {
  const given = { id: field.path, name: field.path, required: field.required, autocomplete: "off" };
  if (field.choices !== undefined) {
    const box = make("select", given, ...lists[field.choices].map(option));
    if (field.initial) box.value = field.initial;
    return box;
  }
  const box = make("input", { ...given, type: TYPES[field.as] ?? "text" });
  if (field.longest && box.type === "text") box.maxLength = field.longest;
  if (field.as === "figure") box.inputMode = "decimal";
  if (field.initial) box.value = field.initial;
  if (field.offered?.length || field.as === "town") box.setAttribute("list", `${field.path}_list`);
  if (field.as === "town") box.addEventListener("input", () => towns.suggest(box));
  return box;
}

// One field with its words. A figure of a mineral's says the unit, which the mineral alone fixes.
export function fieldOf(field, lists) {
  const box = boxOf(field, lists);
  const help = field.help ? make("div", { className: "help", id: `${field.path}_help`, textContent: field.help }) : null;
  if (help) box.setAttribute("aria-describedby", help.id);
  const check = field.as === "check";
  const unit = field.as === "figure" && field.path.endsWith("quantity") ? make("span", { className: "unit soft" }) : null;
  const optional = field.required || check ? null : make("span", { className: "optional", textContent: ` (${say("optional")})` });
  const label = make("label", { htmlFor: field.path, textContent: field.label }, unit, optional);
  const list = box.getAttribute("list") ? make("datalist", { id: `${field.path}_list` }, ...(field.offered ?? []).map(option)) : null;
  return make("div", { className: check ? "field check" : "field" }, ...(check ? [box, label, help] : [label, help, box, list]));
}

export function groupOf({ legend, folded, fields }, lists) {
  const inside = fields.map((field) => fieldOf(field, lists));
  if (folded) return make("details", { className: "fold" }, make("summary", { textContent: legend }), ...inside);
  return legend ? make("fieldset", { className: "field" }, make("legend", { textContent: legend }), ...inside) : make("div", {}, ...inside);
}

export const under = (legend, help, ...inside) =>
  make("fieldset", { className: "field" }, make("legend", { textContent: legend }), help && make("p", { className: "help", textContent: help }), ...inside);

// The hour stands as it is now; what nobody changed is read to the second when it is kept.
export function setHour(at) {
  const box = byId("occurred_at");
  box.value = minute(at);
  box.dataset.drawn = box.value;
}

// What does not fit the mineral is not asked: fineness of precious metals alone, a grade of ores alone.
export function fit(fields, minerals) {
  for (const { path } of fields) {
    const [, head, what] = /^(.*?)(quantity|fineness|assay|grade)$/.exec(path) ?? [];
    const named = what && byId(`${head}mineral`);
    if (!named) continue;
    const mineral = minerals[named.value];
    const box = byId(path).closest(".field");
    if (what === "quantity") box.querySelector(".unit").textContent = mineral ? ` (${mineral.unit})` : "";
    else box.hidden = !mineral || !(what === "grade" ? mineral.graded : mineral.precious);
    // Where it is asked at all, it is due.
    if (what === "fineness") box.querySelector(".optional")?.remove();
  }
}

const WRITTEN = { words: (said) => said, choice: (said) => said, place: (said) => said, day: (said) => said };

function moment(box, at) {
  // To the minute; of this minute, with its seconds: what came just before in it stands before it.
  if (!box.value) throw new Wrong(say("needHour"), box);
  return [box.dataset.drawn, minute(at)].includes(box.value) ? instant(at) : `${box.value}:00-05:00`;
}

// The value of one field; "" where nothing is written or it is not asked. Throws Wrong.
function valueOf(field, at) {
  const box = byId(field.path);
  if (!box || box.closest("[hidden]")) return "";
  if (field.as === "check") return box.checked;
  if (field.as === "moment") return moment(box, at);
  const said = box.value.trim();
  if (!said && field.required) throw new Wrong(say("needField", { field: field.label }), box);
  if (!said) return "";
  if (field.as === "town") {
    const { code, wrong } = towns.read(box);
    if (wrong) throw new Wrong(say(wrong), box);
    return code;
  }
  return field.as === "figure" ? figureOf(field, box) : WRITTEN[field.as](said);
}

export function figureOf(field, box) {
  const { text, wrong, ...more } = figure(box.value, field);
  if (wrong) throw new Wrong(say(wrong, { field: field.label, said: box.value.trim(), ...more }), box);
  return text;
}

// The branch or the scale that was chosen; null for another place.
export function spotOf(fields) {
  const where = fields.find((field) => field.as === "place");
  return (where && !byId("place.municipality")?.value.trim() && where.places[byId(where.path).value]) || null;
}

// Every value by its path, with the place that was chosen and the hour. Throws Wrong with the first that cannot be read.
export function valuesOf(fields, at) {
  const values = {};
  for (const field of fields) {
    const value = valueOf(field, at);
    if (field.as !== "place") values[field.path] = value;
  }
  const chosen = spotOf(fields);
  for (const [name, value] of Object.entries(chosen?.place ?? {})) values[`place.${name}`] = value;
  if (chosen?.words) values.note = [chosen.words, values.note].filter(Boolean).join(" ");
  if (values.buyer_kind) values.buyer_kind = "final_consumer";
  return values;
}

// What was written, as people read it: each field's words and its answer, for the receipt.
export function saidOf(fields) {
  return fields.flatMap(({ path, label, as }) => {
    const box = byId(path);
    if (!box || box.closest("[hidden]") || (as === "check" ? !box.checked : !box.value)) return [];
    // The kind of a document without its number is nobody's.
    if (path.endsWith(".type") && byId(path.replace(/type$/, "number"))?.value === "") return [];
    const unit = box.closest(".field").querySelector(".unit")?.textContent.replace(/[ ()]/g, "") ?? "";
    const said = box.selectedOptions?.[0]?.textContent ?? (as === "check" ? say("yes") : as === "moment" ? box.value.replace("T", " ") : box.value);
    return said === "—" ? [] : [[label, unit ? `${said} ${unit}` : said]];
  });
}

// The lots to take from, each with its box and quantity.
export function picksOf(lots, minerals) {
  if (!lots.length) return make("p", { className: "notice", textContent: say("noLots") });
  const rows = lots.flatMap(({ lot, mineral, left, at }) => {
    const { name, unit, decimals } = minerals[mineral];
    const short = lot.slice(-6);
    const words = `${name} · ${say("leftOfLot")} ${sums.shown(left, decimals)} ${unit}`;
    const take = { path: `toma-${lot}`, as: "check", label: `${words} · ${minute(Date.parse(at)).slice(0, 10)} · …${short}`, required: false };
    return [fieldOf(take), fieldOf({ ...amountField(lot), label: say("lotQuantity", { lot: short, unit }) })];
  });
  return under(say("whichLots"), say("lotsHelp"), ...rows);
}

export const amountField = (lot) => ({ path: `cuanto-${lot}`, as: "figure", group: "measure", decimals: 6, required: false, label: say("lotQuantity", { lot: lot.slice(-6), unit: "" }) });

// What is taken: of a lot that is ticked without a quantity, all that is left.
export function taken(lots, minerals) {
  return lots.flatMap((each) => {
    const box = byId(`cuanto-${each.lot}`);
    const quantity = figureOf(amountField(each.lot), box);
    if (!quantity && !byId(`toma-${each.lot}`).checked) return [];
    return [{ ...each, quantity: quantity || sums.text(each.left, minerals[each.mineral].decimals, { short: true }), box }];
  });
}

// A load's lines: what left of each lot, and the boxes for what came and what was lost on the way.
export function arrivalsOf({ lines }, minerals) {
  return lines.map(({ lot, sent, mineral }, place) => {
    const unit = minerals[mineral]?.unit ?? "";
    return under(say("lotSent", { lot: lot.slice(-6), sent: `${sums.spoken(sent)} ${unit}` }), "", ...arrivalFields(place).map((field) => fieldOf({ ...field, initial: field.required ? sent.replace(".", ",") : "" })));
  });
}

export const arrivalFields = (place) => ["quantity", "lost"].map((name) => ({
  path: `items[${place}].${name}`, as: "figure", group: "measure", decimals: 6, required: name === "quantity", label: say(name === "quantity" ? "arrived" : "lostOnWay"),
}));
