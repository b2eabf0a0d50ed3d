// Every other movement: chosen, written, told what is wrong at once, kept on this phone; then it is sent as a purchase is.

import * as asked from "./asked.js";
import { instant, uuid7 } from "./chain.js";
import { blended, itemOf, weighed } from "./item.js";
import { effects, lots, roads } from "./lots.js";
import { begin, drawQueue, follow, now, phone } from "./phone.js";
import * as receipt from "./receipt.js";
import * as rules from "./rules.js";
import { mustBeRead } from "./shape.js";
import * as sums from "./sums.js";
import * as towns from "./towns.js";
import { movements } from "./wire.js";
import { base, byId, day, say, tell } from "./words.js";

// What the node told last: forms, minerals, lots, loads on the road. `open` is the form that stands on the screen.
let kept = null;
let open = null;

const make = (tag, given, ...inside) => {
  const made = Object.assign(document.createElement(tag), given);
  made.append(...inside);
  return made;
};
const link = (href, textContent) => make("a", { href, textContent });
const fieldsOf = (kind) => kind.groups.flatMap(({ fields }) => fields);

async function learn() {
  await phone.store.learn("movements", await movements(base));
}

async function draw() {
  kept = (await phone.store.fact("movements")) ?? null;
  if (!kept) return tell("signal", say("first"));
  byId("kinds").replaceChildren(...kept.kinds.flatMap(({ name, title, lead }) => [make("dt", {}, link(`#${name}`, title)), make("dd", { textContent: lead })]));
  if (!open) await route();
  return undefined;
}

// What the address asks for: the list of kinds, one of them, or the load that one receives.
async function route() {
  const [name, load] = location.hash.slice(1).split("/");
  const kind = kept?.kinds.find((each) => each.name === name);
  const known = { kept, records: kept ? await phone.store.records() : [] };
  open = null;
  for (const place of ["menu", "movement", "loads", "receipt"]) byId(place).hidden = true;
  delete byId("receipt").dataset.id;
  if (!kind) return show("menu", "menu-title");
  const road = kind.arrives ? roads(known).find(({ id }) => id === load) : null;
  if (kind.arrives && !road) return choose(kind, roads(known));
  return write(kind, { from: kind.picks ? lots(known) : [], road });
}

function show(place, focused) {
  byId(place).hidden = false;
  if (location.hash || document.activeElement !== document.body) byId(focused).focus();
}

function choose(kind, found) {
  byId("loads-title").textContent = kind.title;
  tell("no-loads", found.length ? "" : say("noLoads"));
  byId("load-list").replaceChildren(...found.map(({ id, at, to, lines }) => make("li", {}, link(`#${kind.name}/${id}`, `${day(at)} · ${to} · ${lines.map(lineSaid).join(", ")}`))));
  show("loads", "loads-title");
}

const lineSaid = ({ sent, quantity, mineral }) => `${sums.spoken(sent ?? quantity)} ${kept.minerals[mineral]?.unit ?? ""} ${kept.minerals[mineral]?.name ?? ""}`.trim();

function write(kind, { from, road }) {
  open = { kind, from, road, fields: fieldsOf(kind) };
  byId("kind-title").textContent = kind.title;
  byId("kind-lead").textContent = kind.lead;
  const [first, ...rest] = kind.groups.map((group) => asked.groupOf(group, kept.lists));
  const lines = road ? asked.arrivalsOf(road, kept.minerals) : kind.picks ? [asked.picksOf(from, kept.minerals)] : [];
  byId("fields").replaceChildren(first, ...lines, ...rest);
  asked.setHour(now());
  asked.fit(open.fields, kept.minerals);
  tell("wrong", "");
  tell("more-lots", kind.picks && kept.more ? say("moreLots", { count: kept.more }) : "");
  byId("insist-field").hidden = true;
  byId("insist").checked = false;
  said();
  show("movement", "kind-title");
}

// While one writes: what the scales differ by, line by line.
function said() {
  if (!open.road) return tell("told", "");
  try {
    const found = rules.differences(arrivals(open.road), open.road, kept);
    return tell("told", found.map(({ words }) => words).join(" "), found.some(({ stops }) => stops) ? "stop" : "ok");
  } catch {
    return tell("told", ""); // half a figure is nobody's mistake yet
  }
}

const arrivals = ({ lines }) => ({
  items: lines.map((_line, place) => Object.fromEntries(asked.arrivalFields(place).map((field) => [field.path.split(".")[1], asked.figureOf(field, byId(field.path))]))),
});

// The item of what is written, with what is doubtful in it. Throws asked.Wrong.
async function itemNow(at) {
  const { kind, fields, from, road } = open;
  const all = [...fields, ...(road ? road.lines.flatMap((_line, place) => asked.arrivalFields(place)) : [])];
  const values = asked.valuesOf(all, at);
  const taken = kind.picks ? asked.taken(from, kept.minerals) : [];
  taken.forEach(({ lot, quantity }, n) => Object.assign(values, { [`${kind.takes}[${n}].lot`]: lot, [`${kind.takes}[${n}].quantity`]: quantity }));
  if (road) {
    values.dispatch = road.id;
    road.lines.forEach(({ lot }, n) => Object.assign(values, { [`items[${n}].lot`]: lot }));
  }
  const item = await itemOf(kind, values, { id: uuid7(at), party: phone.setting.client.party, minerals: kept.minerals });
  rules.mustStand({ kind, item, values, minerals: kept.minerals, at });
  mustBeRead({ item, values, fields, shapes: kept.shapes });
  if (kind.name === "regroup") await blended(item, kept.minerals[taken[0].mineral].unit);
  weighed(item, asked.spotOf(fields));
  return { item, taken, doubts: rules.doubts({ kind, item, taken, road, kept }) };
}

function refuse(words, box) {
  for (const each of document.querySelectorAll("#movement [aria-invalid]")) each.removeAttribute("aria-invalid");
  tell("wrong", words, "stop");
  box?.closest("details")?.setAttribute("open", "");
  box?.setAttribute("aria-invalid", "true");
  (box ?? byId("wrong")).focus();
}

async function keep(event) {
  event.preventDefault();
  if (!open) return;
  byId("keep").disabled = true;
  try {
    const { item, taken, doubts } = await itemNow(now());
    if (doubts.length && !byId("insist").checked) {
      byId("insist-field").hidden = false;
      refuse(doubts.map(({ words }) => words).join(" "), doubts[0].box);
      return;
    }
    await store(item, taken);
    finish(item, taken);
    await drawQueue();
    follow(item.id);
  } catch (trouble) {
    if (trouble instanceof asked.Wrong) refuse(trouble.message, trouble.box);
    else refuse(say("failed", { why: trouble?.name ?? "?" }));
  } finally {
    byId("keep").disabled = false;
  }
}

async function store(item, taken) {
  const { kind, from } = open;
  const to = item.to ? [item.to.facility, towns.label(item.to.municipality)].filter(Boolean).join(", ") : "";
  const parts = taken.length ? taken : item.quantity ? [item] : open.road.lines.map((line, n) => ({ mineral: line.mineral, quantity: item.items[n].quantity }));
  await phone.store.keep({
    payload: item, captured_at: instant(Date.now()), by: phone.setting.person,
    about: { at: item.occurred_at, quantity: [kind.title, ...parts.map(lineSaid)].join(" · "), ...effects(kind, item, { kept, from, to }) },
  });
}

function finish(item, taken) {
  const { kind, fields, road } = open;
  const came = road ? road.lines.map(({ lot, sent, mineral }, n) => [say("lot", { lot: lot.slice(-6) }), `${sums.spoken(sent)} → ${lineSaid({ quantity: item.items[n].quantity, mineral })}`]) : [];
  const went = taken.map((each) => [say("lot", { lot: each.lot.slice(-6) }), lineSaid(each)]);
  const rows = [[say("rKind"), kind.title], [say("rReporter"), phone.setting.client.name], ...asked.saidOf(fields), ...went, ...came, [say("rId"), item.id]];
  open = null;
  byId("movement").hidden = true;
  receipt.facts(item.id, rows);
}

function again() {
  if (location.hash) location.hash = "";
  else route();
}

function listen() {
  window.addEventListener("hashchange", route);
  byId("movement").addEventListener("submit", keep);
  byId("movement").addEventListener("input", (event) => {
    event.target.removeAttribute("aria-invalid");
    tell("wrong", ""); // what was wrong is being mended
    asked.fit(open.fields, kept.minerals);
    said();
  });
  byId("again").addEventListener("click", again);
}

begin({
  listen, learn, draw,
  branch: () => phone.setting.scales[0]?.branch,
  forget() {
    kept = null;
    open = null;
    for (const list of ["kinds", "load-list", "fields"]) byId(list).replaceChildren();
    for (const place of ["menu", "movement", "loads"]) byId(place).hidden = true;
  },
  // What the hub decided has made lots and loads of what waited.
  async told(states) {
    if (!Object.values(states).some(({ verified }) => verified)) return;
    await learn().catch(() => {});
    kept = (await phone.store.fact("movements")) ?? kept;
  },
});
