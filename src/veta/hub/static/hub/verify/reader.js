// «Verificar un certificado»: reads a QR by camera, picture or text, and checks it here, with or without network.

import { Refused, verify } from "./code.js";
import { opened, valueAt } from "./credential.js";
import { TRIES, picture } from "../../site/picture.js";
import { answer, facts, link, origins } from "./show.js";

const CACHE = "veta-verificar";
const DATA = "/verificar/datos.json";
const byId = (id) => document.getElementById(id);
const told = (id) => JSON.parse(byId(id).textContent);
const files = told("archivos");
const language = document.documentElement.lang.startsWith("en") ? "en" : "es-CO";
const words = told("palabras")[language === "en" ? "en" : "es"];
const phrases = byId("frases").dataset;
const target = byId("respuesta");
let data = null;

async function install() {
  await navigator.serviceWorker.register("/verificar/worker.js", { scope: "/verificar/" });
  await navigator.serviceWorker.ready;
  if (navigator.onLine) await (await caches.open(CACHE)).addAll([location.pathname, ...files]);
}

async function prepare() {
  data = await (await fetch(DATA)).json();
  await (await caches.open(CACHE)).put(DATA, new Response(JSON.stringify(data)));
}

async function known() {
  if (!data) data = (await (await (await caches.open(CACHE)).match(DATA))?.json()) ?? null;
  return data;
}

const ORIGIN = 1;
const DAY = 24 * 3600 * 1000;

// Both lists, if the hub signed them; opened once for what the page has.
const lists = new WeakMap();

function listsOf(trusted) {
  const open = (purpose) => {
    const told = { site: trusted.site, purpose, keys: trusted.hub.map((key) => key.public_key) };
    // A list that does not unpack is as good as none.
    return opened(trusted.status?.[purpose], told).catch(() => null);
  };
  if (!lists.has(trusted)) lists.set(trusted, Promise.all([open("revocation"), open("message")]));
  return lists.get(trusted);
}

// How it stands by the lists that the hub signed: the colour, what they say, and how old they are.
async function stateOf(claims, trusted) {
  const unknown = { state: "used", note: phrases.unknown, age: null };
  const [revocation, message] = await listsOf(trusted);
  if (!revocation || !message) return unknown;
  const [ended, used] = [valueAt(revocation, claims.status, 1), valueAt(message, claims.status, 2)];
  const age = ageOf(Math.min(revocation.at, message.at));
  if (ended === 1) return { state: "withdrawn", note: phrases.ended, age };
  // Only a certificate of origin is used up; the other documents stand until they are withdrawn.
  const free = claims.kind === ORIGIN ? phrases.unused : phrases.standing;
  const [state, note] = [["valid", free], ["used", phrases.partly], ["used", phrases.used]][used] ?? [];
  if (ended === null || !state) return unknown;
  return { state: age.old ? "used" : state, note, age };
}

function ageOf(at) {
  const [since, date] = [Math.max(0, Date.now() - at), new Date(at).toLocaleString(language)];
  const [count, unit] = since < 3600e3 ? [since / 60e3, "minute"] : since < DAY ? [since / 3600e3, "hour"] : [since / DAY, "day"];
  const ago = new Intl.RelativeTimeFormat(language).format(-Math.floor(count), unit);
  return { old: since > DAY, text: `${phrases.dated} ${date} (${ago}).` };
}

async function check(text) {
  const trusted = await known();
  if (!trusted) return answer(target, { state: "used", title: phrases.nodata, notes: [phrases.nodata], parts: [] });
  try {
    const claims = await verify(text.trim(), trusted.hub.map((key) => key.public_key));
    const { state, note, age } = await stateOf(claims, trusted);
    const number = `${words.prefixes[claims.kind]}-${String(claims.number).padStart(6, "0")}`;
    const dated = age ? [age.text, ...(age.old ? [phrases.old] : [])] : [];
    return answer(target, {
      state,
      title: `${words.kinds[claims.kind]} ${number}`,
      notes: [phrases.authentic, note, ...dated, phrases.offline, phrases.compare],
      parts: [
        facts(claims, words, phrases, language), origins(claims, words, phrases, language),
        link(phrases.open, `/v/${claims.token}`),
      ],
    });
  } catch (fault) {
    const why = !(fault instanceof Refused) ? phrases.nocrypto : fault.reason === "key" ? phrases.stranger : phrases.bad;
    return answer(target, { state: "withdrawn", title: phrases.bad, notes: [why], parts: [] });
  }
}

let decoder = null;
const PHOTOGRAPH = { effort: Infinity, timeLimit: 2000 };

async function codeIn(source, width, height, tries, effort) {
  decoder ??= (await import(files.find((name) => name.includes("/qr/decode.")))).default;
  for (const shape of tries) {
    try {
      return decoder(picture(source, width, height, shape), effort);
    } catch {
      // In this size and turn it shows none; in the next it may.
    }
  }
  return null;
}

async function readPicture(file) {
  const image = await createImageBitmap(file, { imageOrientation: "from-image" });
  const text = await codeIn(image, image.width, image.height, TRIES, PHOTOGRAPH);
  image.close();
  if (text) await check(text);
  else answer(target, { state: "used", title: phrases.unread, notes: [phrases.unread], parts: [] });
}

// As sharp as the camera gives: left to itself, a browser takes 640 by 480.
const CAMERA = { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } };

function shut(video) {
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
  video.hidden = true;
  byId("camara").textContent = phrases.camera;
}

async function watch() {
  const video = byId("visor");
  if (video.srcObject) return shut(video);
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: CAMERA });
  } catch {
    return answer(target, { state: "used", title: phrases.nocamera, notes: [phrases.nocamera], parts: [] });
  }
  byId("camara").textContent = phrases.shut;
  target.hidden = true;
  video.hidden = false;
  await video.play();
  let text = null;
  for (let seen = 0; !text && video.srcObject; seen += 1) {
    await new Promise((done) => setTimeout(done, 100));
    // Every other frame as it stands, the others in another size, turn or sharpness.
    const shape = TRIES[seen % 2 ? ((seen + 1) / 2) % TRIES.length : 0];
    if (video.srcObject) text = await codeIn(video, video.videoWidth, video.videoHeight, [shape], {});
  }
  if (video.srcObject) shut(video);
  return text ? check(text) : null;
}

byId("foto").addEventListener("change", (event) => event.target.files[0] && readPicture(event.target.files[0]));
byId("camara").addEventListener("click", watch);
byId("leer").addEventListener("submit", (event) => {
  event.preventDefault();
  check(byId("texto").value);
});
async function tell() {
  const trusted = await known();
  if (trusted) listsOf(trusted);
  const at = Date.parse(trusted?.status?.revocation?.validFrom ?? trusted?.at);
  byId("datos").textContent = trusted ? ageOf(at).text : phrases.nodata;
  document.documentElement.dataset.ready = "yes";
}

// Where a browser keeps nothing (a private window, say), the page still serves with signal.
const prepared = prepare().catch(() => {}).then(tell);
Promise.all([prepared, install()]).then(() => {
  if (data) byId("datos").append(` ${phrases.kept}`);
  document.documentElement.dataset.kept = "yes";
}).catch(() => {});
