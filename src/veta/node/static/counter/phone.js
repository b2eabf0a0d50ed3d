// What each page of the phone does: learn from the node, keep what it said, send what waits, and say how that stands.

import * as clock from "./clock.js";
import * as receipt from "./receipt.js";
import { open, waits } from "./store.js";
import * as towns from "./towns.js";
import { isLate, sync, unsettled, waiting } from "./sync.js";
import { Trouble, learn, towns as askTowns } from "./wire.js";
import { base, byId, day, say, tell, today } from "./words.js";

const client = /clientes\/([0-9a-f-]{36})\//.exec(base)[1];
const EVERY = 15000;
const LOOKS = 24;
// `store`: what this phone keeps; `setting`: what it knows of the client, null before it ever had signal.
export const phone = { store: null, setting: null, known: null };
// The page that stands here: `learn` asks what it needs besides, `draw` shows what is known, `branch` is where it is,
// `listen` its own buttons, `told` what it does once the hub decided something, `forget` empties what it shows.
let page = null;
let over = false;
// The node's last word in this page: that access ended; and what the next round asks again for by itself.
let refused = false;
const asksAgain = () => refused || (phone.setting && document.documentElement.dataset.signal === "busy");

const later = (ms) => new Promise((done) => setTimeout(done, ms));
export const now = () => clock.now(phone.known);

export function signal(trouble) {
  const said = { undefined: "online", network: "offline", busy: "busy", session: "signedOut", revoked: "revoked" }[trouble?.kind] ?? "offline";
  tell("signal", say(said));
  document.documentElement.dataset.signal = said;
}

// Whether the phone forgot: at the node's second word that access ended, for which each contact counts once.
async function forgot(trouble) {
  if (trouble && trouble.kind !== "revoked") return false;
  refused = Boolean(trouble);
  return phone.store.revoked(refused, base);
}

// Nothing of the client is on this phone any more: there is nothing to capture with, and nothing more is asked.
function gone(words) {
  phone.setting = null;
  over = true;
  page.forget();
  for (const name of ["queue", "receipt"]) byId(name).hidden = true;
  tell("signal", words, "stop");
  document.documentElement.dataset.signal = "forgotten";
  return null;
}

// What the page knows of the client: by the node where there is signal, else as it was last known.
async function prepare() {
  const { store } = phone;
  if (over) return null;
  try {
    const asked = performance.now();
    phone.setting = await learn(base);
    phone.known = clock.compare(phone.setting.now, { asked, answered: performance.now() });
    const { token, ...kept } = phone.setting;
    await store.learn("setting", kept);
    await store.learn("clock", phone.known);
    byId("breaks").hidden = !phone.setting.breaks;
    await learnTowns(phone.setting.towns);
    await page.learn?.();
    await forgot();
    signal();
  } catch (trouble) {
    if (!(trouble instanceof Trouble)) throw trouble;
    if (await forgot(trouble)) return gone(say("forgotten"));
    phone.setting = await store.fact("setting");
    phone.known = await store.fact("clock");
    signal(trouble);
  }
  const skew = phone.known?.skew ?? 0;
  const minutes = Math.round(skew / 60000);
  const off = Math.abs(skew) > clock.OFF;
  tell("clock", off ? say("clock", { minutes: Math.abs(minutes), way: say(minutes > 0 ? "ahead" : "behind") }) : "", "wait");
  if (!phone.setting) return tell("signal", say("first"));
  towns.know((await store.fact("towns")) ?? []);
  return page.draw();
}

async function learnTowns(count) {
  if (count !== ((await phone.store.fact("towns")) ?? []).length) await phone.store.learn("towns", await askTowns(base));
}

export async function drawQueue() {
  const records = await phone.store.records();
  const count = waiting(records).length;
  byId("queue").hidden = records.length === 0;
  byId("queue-said").textContent = count ? say("queue", { count }) : say("queueEmpty");
  const days = phone.setting?.window_days;
  const late = Boolean(days) && records.some((each) => isLate(each, now(), days));
  byId("reason-field").hidden = !late;
  if (late) byId("queue-said").append(` ${say("sentLate", { days })}`);
  byId("send").hidden = count === 0;
  const lines = records.filter((each, place) => isStuck(each) || place >= records.length - 10).reverse().map(lineOf);
  byId("queue-list").replaceChildren(...lines);
}

const isStuck = (record) => waits(record) && record.refused;

// How one stands. What the node refuses can be put aside here.
function lineOf(record) {
  const { about, sent, state, refused, aside } = record;
  const said = aside ? `${say("wasAside")} ${refused}` : refused ?? (sent ? state?.label ?? say("unverified") : say("unverified"));
  const why = state?.now ? `. ${state.now}` : "";
  const line = Object.assign(document.createElement("li"), { textContent: `${day(about.at)} · ${about.quantity} · ${said}${why} ` });
  if (!isStuck(record)) return line;
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button quiet", textContent: say("aside") });
  button.setAttribute("aria-label", `${say("aside")}: ${about.quantity}`);
  button.addEventListener("click", () => putAside(record));
  line.append(button);
  return line;
}

async function putAside({ id, about }) {
  if (!window.confirm(say("asideSure", { what: about.quantity }))) return;
  await phone.store.putAside(id);
  await send(); // a phone that is to forget may do it now
  byId("queue-title").focus();
}

// A page that stays open past midnight has yesterday's prices and norms: with signal it asks for today's.
const ofAnotherDay = () => Boolean(phone.setting) && phone.setting.on !== today(now());

export async function send() {
  if (over) return null;
  if (ofAnotherDay()) {
    await prepare();
    if (over || refused) return null;
  }
  try {
    const states = await sync(phone.store, base, {
      name: navigator.userAgent.slice(0, 110), branch: phone.setting ? page.branch() : undefined, reason: byId("reason").value,
    });
    phone.known = await phone.store.fact("clock");
    await forgot();
    signal();
    const shown = states[byId("receipt").dataset.id];
    if (shown) receipt.state(shown);
    await page.told?.(states);
    return states;
  } catch (trouble) {
    if (!(trouble instanceof Trouble)) throw trouble;
    if (trouble.kind === "forgotten") return gone(trouble.message);
    if (await forgot(trouble)) return gone(say("forgotten"));
    signal(trouble);
    return null;
  } finally {
    await drawQueue();
  }
}

// Look until the hub decided on this one, soon at first; then the round of every few seconds goes on.
export async function follow(id) {
  for (let look = 0; look < LOOKS; look += 1) {
    const states = await send();
    if (!states || states[id]?.verified) return;
    await later(100 + 60 * look);
  }
}

// Send, and look in the same way until the hub decided on all that was sent, or somebody has to do something about it.
async function settle() {
  for (let look = 0; look < LOOKS; look += 1) {
    const states = await send();
    if (!states || Object.values(states).every(({ verified, state }) => verified || ["held", "dead"].includes(state))) return;
    await later(100 + 60 * look);
  }
}

async function round() {
  for (;;) {
    await later(EVERY);
    if (over) return;
    try {
      const records = await phone.store.records();
      const due = records.some((each) => waits(each) || unsettled(each));
      if (asksAgain() || ofAnotherDay() || due) await send();
    } catch {
      // What failed here may not fail the next time: the rounds go on.
    }
  }
}

async function install() {
  await navigator.serviceWorker.register(`${base}worker.js`, { scope: base });
  await navigator.serviceWorker.ready;
  const files = JSON.parse(byId("files").textContent);
  if (document.documentElement.dataset.signal === "online") await (await caches.open("veta-counter")).addAll([location.pathname, ...files]);
  if (over) await phone.store.forget(base); // what was being kept meanwhile goes, too
  document.documentElement.dataset.kept = "yes";
  byId("signal").append(` ${say("keptReady")}`);
}

export async function begin(given) {
  page = given;
  phone.store = await open(client);
  page.listen();
  byId("print").addEventListener("click", () => window.print());
  byId("send").addEventListener("click", settle);
  window.addEventListener("online", () => prepare().then(() => refused || settle()));
  await prepare();
  await drawQueue();
  document.documentElement.dataset.ready = "yes";
  // Where a browser keeps nothing (a private window, say), the page still serves with signal.
  install().catch(() => {});
  if (phone.setting && !refused) settle();
  round();
}
