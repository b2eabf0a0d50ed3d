// What the hub could not even read, told before it is kept: by the node's own table of what the hub reads with.

import { Wrong } from "./asked.js";
import { wrongNumber } from "./identity.js";
import { byId, say } from "./words.js";

// Throws Wrong with the first that lacks, or cannot be what it is said to be. `shapes`: none on a phone whose node has
// not told them yet.
export function mustBeRead({ item, values, fields, shapes }) {
  if (!shapes) return;
  const lacks = (path) => {
    throw new Wrong(say("needField", { field: fields.find((field) => field.path === path)?.label ?? path }), byId(path));
  };
  if (item.kind === "sale" && !item.buyer && !item.buyer_kind) throw new Wrong(say("needBuyer"), byId("buyer.number"));
  for (const who of ["buyer", "carrier", "plant"]) mustBeOfItsType({ who, item, values, shapes });
  if (item.country !== undefined) mustBeACountry("country", item.country, shapes);
  if (item.kind === "documented_intake") mustBeAnOrigin(item, shapes, lacks);
  mustBeWhole({ item, values, lacks });
}

function mustBeOfItsType({ who, item, values, shapes }) {
  const box = byId(`${who}.number`);
  const words = item[who] && values[`${who}.number`] && wrongNumber(item[who], shapes.documents);
  if (words) throw new Wrong(words, box);
}

function mustBeACountry(path, said, { country: [pattern, words] }) {
  if (!new RegExp(pattern).test(said)) throw new Wrong(words, byId(path));
}

// What comes from abroad, or was jewellery, has no mine of origin; each kind of origin has a field of its own, or none.
function mustBeAnOrigin({ basis, origin }, shapes, lacks) {
  const own = (each) => (shapes.own_origin.includes(each) ? each : "");
  if (own(basis) !== own(origin.kind)) throw new Wrong(say("originOfBasis"), byId("origin.kind"));
  for (const name of ["code", "municipality"]) {
    const asked = shapes.origins[origin.kind].includes(name);
    if (asked && !origin[name]) lacks(`origin.${name}`);
    if (!asked && origin[name]) throw new Wrong(say("originWithout"), byId(`origin.${name}`));
  }
  if (origin.kind === "import") mustBeACountry("origin.code", origin.code, shapes);
}

// A document has type and number, a product its mineral and quantity: half of one is nothing.
function mustBeWhole({ item, values, lacks }) {
  const said = (path) => values[path] !== undefined && values[path] !== "";
  const heads = (end) => Object.keys(values).filter((path) => path.endsWith(end)).map((path) => path.slice(0, -end.length));
  for (const head of heads("].quantity").filter((each) => `${each}].mineral` in values)) {
    const [mineral, quantity] = [`${head}].mineral`, `${head}].quantity`];
    if (said(quantity) && !said(mineral)) lacks(mineral);
    if (said(mineral) && !said(quantity)) lacks(quantity);
  }
  const papers = heads("].number").filter((head) => head.startsWith("evidence") && ["type", "number", "issued_on"].some((name) => said(`${head}].${name}`)));
  for (const [place, head] of papers.entries()) {
    if (!item.evidence[place].number) lacks(`${head}].number`);
    if (!item.evidence[place].type) lacks(`${head}].type`);
  }
}
