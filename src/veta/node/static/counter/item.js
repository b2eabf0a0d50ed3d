// From what a form was told to the hub's item, as the desk makes it (`domain.capturing`): a test holds the two together.

import * as sums from "./sums.js";
import { today } from "./words.js";

const IN_LIST = /^(\w+)\[(\d+)\](.*)$/;
const DECIMALS = 6;
const empty = (value) => value === "" || value === null || value === undefined || value === false;

// An object from values by path (`origin.code`, `outputs[1].mineral`); what is empty is left out, and lists have no gaps.
export function nested(values) {
  const said = Object.entries(values).filter(([, value]) => !empty(value)).map(([path, value]) => [IN_LIST.exec(path) ?? path, value]);
  const places = {};
  for (const [path] of said) if (Array.isArray(path)) (places[path[1]] ??= new Set()).add(Number(path[2]));
  const tree = {};
  for (const [path, value] of said) {
    const steps = Array.isArray(path)
      ? [path[1], [...places[path[1]]].sort((one, other) => one - other).indexOf(Number(path[2])), ...path[3].split(".").filter(Boolean)]
      : path.split(".");
    let at = tree;
    steps.slice(0, -1).forEach((step, n) => {
      at = at[step] ??= typeof steps[n + 1] === "number" ? [] : {};
    });
    at[steps.at(-1)] = value;
  }
  return tree;
}

// The id of the lot that a record makes in a place: of version 7, the same again for the same record.
export async function lotId(id, place) {
  const bytes = id.replaceAll("-", "").match(/../g).map((each) => parseInt(each, 16));
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array([...bytes, place >> 8, place & 0xff]));
  const tail = new Uint8Array(digest).slice(0, 10);
  tail[0] = (tail[0] & 0x0f) | 0x70;
  tail[2] = (tail[2] & 0x3f) | 0x80;
  return [...bytes.slice(0, 6), ...tail].map((byte) => byte.toString(16).padStart(2, "0")).join("").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function measured(made, minerals) {
  const mineral = minerals[made.mineral];
  if (!mineral) return;
  made.unit = mineral.unit;
  if (mineral.precious && made.fineness) made.assay ??= "declared";
}

// The item under `id`, reported by `party`: units are the minerals' own, lots take ids of their own, and so on.
export async function itemOf(kind, values, { id, party, minerals }) {
  const item = { id, kind: kind.name, ...nested(values) };
  if (kind.reporter) item[kind.reporter] = party;
  if (kind.name === "sale" && item.buyer_kind) delete item.buyer;
  for (const other of ["buyer", "carrier", "seller"]) if (item[other] && !("number" in item[other])) delete item[other];
  if (kind.name === "transformation" && !item.plant?.number) item.plant = party;
  if (kind.makes) {
    item.lot = await lotId(id, 0);
    measured(item, minerals);
  }
  for (const [place, made] of (item.outputs ?? []).entries()) made.lot = await lotId(id, place + 1);
  for (const made of [...(item.outputs ?? []), ...(item.losses ?? [])]) measured(made, minerals);
  for (const [place, paper] of (item.evidence ?? []).entries()) {
    if (!paper.number) continue;
    if (place === 0 && kind.ticket) paper.type ??= "weighbridge";
    paper.issued_on ??= today(Date.parse(item.occurred_at));
  }
  return item;
}

// A regrouping's outputs in their unit; where none is told, all that was taken is one lot.
export async function blended(item, unit) {
  if (!item.outputs?.length) {
    const whole = item.inputs.reduce((sum, { quantity }) => sum + sums.parse(quantity, DECIMALS), 0n);
    item.outputs = [{ quantity: sums.text(whole, DECIMALS, { short: true }), lot: await lotId(item.id, 1) }];
  }
  for (const made of item.outputs) made.unit = unit;
}

// On each quantity that was weighed, the uncertainty of its scale: none where its calibration does not serve that day,
// or where the load is more than it takes.
export function weighed(item, spot) {
  const on = today(Date.parse(item.occurred_at));
  if (!spot?.bands || on < spot.since || on > spot.until) return;
  for (const made of [item, ...(item.outputs ?? [])]) {
    if (!made.mineral || !made.quantity || !made.unit) continue;
    const load = sums.parse(made.quantity, DECIMALS);
    const band = (spot.bands[made.unit] ?? []).find(([limit]) => load > 0n && load <= sums.parse(limit, DECIMALS));
    if (band) made.uncertainty = band[1];
  }
}
