// The counter: one flow with signal and without it. What is bought is written on this phone first; then it is sent.

import { instant, uuid7 } from "./chain.js";
import { lettersOf, shut, watch } from "./camera.js";
import * as clock from "./clock.js";
import * as consent from "./consent.js";
import * as form from "./form.js";
import * as keys from "./keys.js";
import * as miner from "./miner.js";
import * as receipt from "./receipt.js";
import { open } from "./store.js";
import * as sums from "./sums.js";
import * as towns from "./towns.js";
import { isLate, sync, waiting } from "./sync.js";
import { Trouble, learn, towns as askTowns } from "./wire.js";
import { base, byId, day, say, tell, today } from "./words.js";

const client = /clientes\/([0-9a-f-]{36})\//.exec(base)[1];
const EVERY = 15000;
const LOOKS = 24;
let store;
let setting = null;
let known = null;
let over = false;

const later = (ms) => new Promise((done) => setTimeout(done, ms));
const now = () => clock.now(known);

function signal(trouble) {
  const said = { undefined: "online", network: "offline", session: "signedOut", revoked: "revoked" }[trouble?.kind] ?? "offline";
  tell("signal", say(said));
  document.documentElement.dataset.signal = said;
}

// Nothing of the client is on this phone any more: there is nothing to buy with, and nothing more is asked.
function gone(words) {
  setting = null;
  over = true;
  form.clear({ scales: [], client: { municipality: "" } });
  miner.forget();
  consent.forget();
  for (const place of ["left", "wrong", "told"]) tell(place, "");
  for (const name of ["purchase", "queue", "receipt"]) byId(name).hidden = true;
  tell("signal", words, "stop");
  document.documentElement.dataset.signal = "forgotten";
  return null;
}

// What the counter knows of the client: by the node where there is signal, else as it was last known.
async function prepare() {
  if (over) return null;
  try {
    const asked = performance.now();
    setting = await learn(base);
    known = clock.compare(setting.now, { asked, answered: performance.now() });
    const { token, ...kept } = setting;
    await store.learn("setting", kept);
    await store.learn("clock", known);
    byId("breaks").hidden = !setting.breaks;
    await learnTowns(setting.towns);
    signal();
  } catch (trouble) {
    if (!(trouble instanceof Trouble)) throw trouble;
    if (trouble.kind === "revoked" && (await store.forget(base))) return gone(say("forgotten"));
    setting = await store.fact("setting");
    known = await store.fact("clock");
    signal(trouble);
  }
  const minutes = Math.round((known?.skew ?? 0) / 60000);
  const off = Math.abs(known?.skew ?? 0) > clock.OFF;
  tell("clock", off ? say("clock", { minutes: Math.abs(minutes), way: say(minutes > 0 ? "ahead" : "behind") }) : "", "wait");
  if (!setting) return tell("signal", say("first"));
  towns.know((await store.fact("towns")) ?? []);
  form.fill(setting);
  return redraw();
}

async function learnTowns(count) {
  if (count !== ((await store.fact("towns")) ?? []).length) await store.learn("towns", await askTowns(base));
}

function redraw() {
  if (!setting) return;
  form.draw(setting, now());
  consent.draw(setting.consent.required);
}

async function drawQueue() {
  const records = await store.records();
  const count = waiting(records).length;
  byId("queue").hidden = records.length === 0;
  byId("queue-said").textContent = count ? say("queue", { count }) : say("queueEmpty");
  const days = setting?.window_days;
  const late = Boolean(days) && records.some((each) => isLate(each, now(), days));
  byId("reason-field").hidden = !late;
  if (late) byId("queue-said").append(` ${say("sentLate", { days })}`);
  byId("send").hidden = count === 0;
  const lines = records.slice(-10).reverse().map(({ about, sent, state, refused }) => {
    const said = refused ?? (sent ? state?.label ?? say("unverified") : say("unverified"));
    const why = state?.now ? `. ${state.now}` : "";
    return Object.assign(document.createElement("li"), { textContent: `${day(about.at)} · ${about.quantity} · ${said}${why}` });
  });
  byId("queue-list").replaceChildren(...lines);
}

// A page that stays open past midnight has yesterday's prices and norms: with signal it asks for today's.
const ofAnotherDay = () => setting !== null && setting.on !== today(now());

async function send() {
  if (over) return null;
  if (ofAnotherDay()) await prepare();
  try {
    const states = await sync(store, base, {
      name: navigator.userAgent.slice(0, 110), branch: form.chosen(setting).scale?.branch, reason: byId("reason").value,
    });
    known = await store.fact("clock");
    signal();
    const shown = states[byId("receipt").dataset.id];
    if (shown) receipt.state(shown);
    return states;
  } catch (trouble) {
    if (!(trouble instanceof Trouble)) throw trouble;
    if (trouble.kind === "forgotten") return gone(trouble.message);
    if (trouble.kind === "revoked" && (await store.forget(base))) return gone(say("forgotten"));
    signal(trouble);
    return null;
  } finally {
    await drawQueue();
  }
}

// Look until the hub decided on this one, soon at first; then the round of every few seconds goes on.
async function follow(id) {
  for (let look = 0; look < LOOKS; look += 1) {
    const states = await send();
    if (!states || states[id]?.verified) return;
    await later(100 + 60 * look);
  }
}

function payloadOf(figures, given) {
  const { mineral, scale, gross, fineness, price, withheld, uncertainty, base: priced } = figures;
  const { code: town } = towns.read();
  const at = now();
  const note = [
    scale && `${say("rScale")}: ${scale.serial}`,
    priced ? `${say("rBase")}: ${priced.cop} COP/${priced.unit}` : mineral.rate && `${say("rBase")}: ${form.baseSaid(figures)}`,
  ].filter(Boolean).join(" · ");
  const evidence = [{ type: "production_declaration", number: byId("declaration").value.trim(), issued_on: today(at) }];
  const told = {
    id: uuid7(at), kind: "subsistence_purchase", occurred_at: instant(at), place: { municipality: scale?.municipality ?? town },
    seller: form.party(), buyer: setting.client.party, origin: { kind: "subsistence", municipality: town },
    mineral: mineral.code, quantity: sums.text(gross, mineral.decimals), unit: mineral.unit, lot: uuid7(at),
    price_cop: sums.text(price, 2), evidence,
    ...(mineral.precious && { fineness: sums.text(fineness, 3, { short: true }), assay: "declared" }),
    ...(uncertainty && { uncertainty }),
    ...(withheld !== null && { royalty_withheld_cop: sums.text(withheld, 2) }),
    ...(note && { note }), ...(given && { consent: given }),
  };
  return told;
}

async function keep(payload, figures) {
  const { mineral } = figures;
  const card = await miner.keyOf(miner.letters());
  const quantity = `${sums.shown(figures.fine, mineral.decimals)} ${mineral.unit} · ${mineral.name}`;
  return store.keep({
    payload, captured_at: instant(Date.now()), by: setting.person,
    about: { at: payload.occurred_at, quantity, card, fine: figures.fine.toString(), group: mineral.group },
  });
}

function refuse(words, field) {
  tell("wrong", words, "stop");
  byId(field ?? "wrong").focus();
}

async function buy(event) {
  event.preventDefault();
  if (!setting) return refuse(say("first"));
  tell("wrong", "");
  const figures = form.figures(setting, now());
  const lack = form.wrong(figures, now());
  if (lack) return refuse(lack[1], lack[0]);
  byId("buy").disabled = true;
  try {
    const given = await consent.take(base, figures);
    const payload = payloadOf(figures, given);
    await keep(payload, figures);
    receipt.show(payload, shownOf(figures, consent.methods()));
    await drawQueue();
    follow(payload.id);
  } catch (trouble) {
    refuse(whyNot(trouble));
  } finally {
    byId("buy").disabled = false;
  }
  return undefined;
}

function whyNot(trouble) {
  if (trouble instanceof consent.Missing) return trouble.message;
  if (!(trouble instanceof Trouble)) return say("failed", { why: trouble?.name ?? "?" });
  if (trouble.kind === "refused") return trouble.message;
  signal(trouble);
  if (trouble.kind !== "network") return say(trouble.kind === "session" ? "signedOut" : "revoked");
  return say(setting.consent.required.length ? "needConsent" : "needSignal");
}

const shownOf = (figures, methods) => {
  const { mineral, scale, fine, price } = figures;
  return {
    buyer: setting.client.name, scale: scale?.serial, methods, mineral, town: towns.label(towns.read().code),
    priced: {
      fine: `${sums.shown(fine, mineral.decimals)} ${mineral.unit}`, price: `$ ${sums.shown(price, 2)}`,
      base: form.baseSaid(figures), withheld: form.withheldSaid(figures),
    },
  };
};

async function scan() {
  const video = byId("viewer");
  if (video.srcObject) {
    byId("scan").textContent = say("scan");
    return shut(video);
  }
  byId("scan").textContent = say("shut");
  try {
    const text = await watch(video);
    if (text) read(text);
  } catch {
    tell("left", say("noCamera"), "stop");
  }
  byId("scan").textContent = say("scan");
  return undefined;
}

function read(text) {
  const token = lettersOf(text);
  if (!token) return tell("left", say("notCard"), "stop");
  byId("card").value = token;
  tell("left", say("read"), "ok");
  return byId("pin").focus();
}

function again() {
  form.clear(setting);
  miner.forget();
  consent.forget();
  for (const place of ["left", "wrong", "told"]) tell(place, "");
  byId("receipt").hidden = true;
  delete byId("receipt").dataset.id;
  byId("purchase").hidden = false;
  redraw();
  byId("scan").focus();
}

async function askCode() {
  const figures = form.figures(setting, now());
  const lack = form.wrong(figures, now());
  if (lack) return refuse(lack[1], lack[0]);
  return consent.askCode(base, figures).catch((trouble) => {
    tell("waiting", "");
    refuse(whyNot(trouble));
  });
}

async function install() {
  await navigator.serviceWorker.register(`${base}worker.js`, { scope: base });
  await navigator.serviceWorker.ready;
  const files = JSON.parse(byId("files").textContent);
  if (document.documentElement.dataset.signal === "online") await (await caches.open("veta-counter")).addAll([location.pathname, ...files]);
  if (over) await store.forget(base); // what was being kept meanwhile goes, too
  document.documentElement.dataset.kept = "yes";
  byId("signal").append(` ${say("keptReady")}`);
}

function listen() {
  byId("purchase").addEventListener("submit", buy);
  byId("purchase").addEventListener("input", () => {
    tell("wrong", ""); // what was wrong is being mended
    redraw();
  });
  byId("municipality").addEventListener("input", towns.suggest);
  byId("scan").addEventListener("click", scan);
  byId("look").addEventListener("click", () => setting && miner.look({ store, base, mineral: form.chosen(setting).mineral }).then(keys.toTheScale));
  byId("pin").addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    byId("look").click();
  });
  keys.goOn(byId("purchase"));
  byId("ask").addEventListener("click", askCode);
  byId("again").addEventListener("click", again);
  byId("print").addEventListener("click", () => window.print());
  byId("send").addEventListener("click", send);
  window.addEventListener("online", () => prepare().then(send));
}

async function round() {
  for (;;) {
    await later(EVERY);
    if (over) return;
    const records = await store.records();
    if (ofAnotherDay() || records.some((each) => !each.sent || (!each.state?.verified && each.state?.state !== "dead"))) await send();
  }
}

store = await open(client);
listen();
await prepare();
await drawQueue();
document.documentElement.dataset.ready = "yes";
// Where a browser keeps nothing (a private window, say), the page still serves with signal.
install().catch(() => {});
if (setting) send();
round();
