// The counter: one flow with signal and without it. What is bought is written on this phone first; then it is sent.

import { instant, uuid7 } from "./chain.js";
import { lettersOf, shut, watch } from "./camera.js";
import * as consent from "./consent.js";
import * as form from "./form.js";
import * as keys from "./keys.js";
import * as miner from "./miner.js";
import { begin, drawQueue, follow, now, phone, signal } from "./phone.js";
import * as receipt from "./receipt.js";
import * as sums from "./sums.js";
import * as towns from "./towns.js";
import { Trouble } from "./wire.js";
import { base, byId, say, tell, today } from "./words.js";

function redraw() {
  if (!phone.setting) return;
  form.draw(phone.setting, now());
  consent.draw(phone.setting.consent.required);
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
    seller: form.party(), buyer: phone.setting.client.party, origin: { kind: "subsistence", municipality: town },
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
  return phone.store.keep({
    payload, captured_at: instant(Date.now()), by: phone.setting.person,
    about: {
      at: payload.occurred_at, quantity, card, fine: figures.fine.toString(), group: mineral.group,
      made: [{ lot: payload.lot, mineral: mineral.code, amount: figures.fine.toString() }],
    },
  });
}

function refuse(words, field) {
  tell("wrong", words, "stop");
  byId(field ?? "wrong").focus();
}

async function buy(event) {
  event.preventDefault();
  if (!phone.setting) return refuse(say("first"));
  tell("wrong", "");
  const figures = form.figures(phone.setting, now());
  const lack = form.wrong(figures, now(), phone.setting.documents);
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
  if (trouble.kind === "busy") return say("busyNow");
  if (trouble.kind !== "network") return say(trouble.kind === "session" ? "signedOut" : "revoked");
  return say(phone.setting.consent.required.length ? "needConsent" : "needSignal");
}

const shownOf = (figures, methods) => {
  const { mineral, scale, fine, price } = figures;
  return {
    buyer: phone.setting.client.name, scale: scale?.serial, methods, mineral, town: towns.label(towns.read().code),
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
  form.clear(phone.setting);
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
  const figures = form.figures(phone.setting, now());
  const lack = form.wrong(figures, now(), phone.setting.documents);
  if (lack) return refuse(lack[1], lack[0]);
  return consent.askCode(base, figures).catch((trouble) => {
    tell("waiting", "");
    refuse(whyNot(trouble));
  });
}

function listen() {
  byId("purchase").addEventListener("submit", buy);
  byId("purchase").addEventListener("input", () => {
    tell("wrong", ""); // what was wrong is being mended
    redraw();
  });
  byId("municipality").addEventListener("input", () => towns.suggest());
  byId("scan").addEventListener("click", scan);
  byId("look").addEventListener("click", () => phone.setting && miner.look({ store: phone.store, base, mineral: form.chosen(phone.setting).mineral }).then(keys.toTheScale));
  byId("pin").addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    byId("look").click();
  });
  keys.goOn(byId("purchase"));
  byId("ask").addEventListener("click", askCode);
  byId("again").addEventListener("click", again);
}

begin({
  listen,
  branch: () => form.chosen(phone.setting).scale?.branch,
  draw() {
    form.fill(phone.setting);
    redraw();
  },
  forget() {
    form.clear({ scales: [], client: { municipality: "" } });
    miner.forget();
    consent.forget();
    for (const place of ["left", "wrong", "told"]) tell(place, "");
    byId("purchase").hidden = true;
  },
});
