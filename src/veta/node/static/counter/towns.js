// Municipalities by code or by name, as the node has them from the hub; where it has none, only the figures are judged.

import { byId } from "./words.js";

const SHOWN = 8;
let rows = [];
let byCode = new Map();
let byName = new Map();

const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
const said = ([code, name, department]) => `${code} ${name} (${department})`;

// `found`: of each its code, name and department.
export function know(found) {
  rows = found;
  byCode = new Map(rows.map((row) => [row[0], row]));
  byName = new Map();
  for (const row of rows)
    for (const name of [row[1], `${row[1]} ${row[2]}`]) byName.set(folded(name), [...(byName.get(folded(name)) ?? []), row]);
}

export const label = (code) => (byCode.has(code) ? said(byCode.get(code)) : code);

// What is written in a box: its code, or which word says what is wrong with it.
export function read(box = byId("municipality")) {
  const written = box.value.trim();
  const digits = /^(\d{5})(?:\D|$)/.exec(written)?.[1];
  if (digits) return rows.length && !byCode.has(digits) ? { wrong: "townUnknown" } : { code: digits };
  const found = byName.get(folded(written)) ?? [];
  if (found.length === 1) return { code: found[0][0] };
  return { wrong: found.length ? "townSeveral" : rows.length && written ? "townUnknown" : "needTown" };
}

export const write = (code) => {
  byId("municipality").value = code ? label(code) : "";
};

// The few that what is written so far may mean.
export function suggest(box = byId("municipality")) {
  const written = folded(box.value);
  const found = written.length < 2 ? [] : rows.filter((row) => folded(said(row)).includes(written)).slice(0, SHOWN);
  offer(found.map(said), box.list);
}

export function offer(names, list = byId("towns")) {
  list.replaceChildren(...names.map((value) => Object.assign(document.createElement("option"), { value })));
}
