// «Verificar un certificado»: reads a QR by camera, picture or text, and checks it here, with or without network.

import { Refused, entry, verify } from "./code.js";
import { answer, facts, link, origins } from "./show.js";

const CACHE = "veta-verificar";
const DATA = "/verificar/datos.json";
const LARGEST = 1600;
const byId = (id) => document.getElementById(id);
const told = (id) => JSON.parse(byId(id).textContent);
const files = told("archivos");
const language = document.documentElement.lang.startsWith("en") ? "en" : "es-CO";
const words = told("palabras")[language === "en" ? "en" : "es"];
const phrases = byId("frases").dataset;
const target = byId("respuesta");
let data = null;

async function prepare() {
  if ("serviceWorker" in navigator) {
    await navigator.serviceWorker.register("/verificar/worker.js", { scope: "/verificar/" });
    await navigator.serviceWorker.ready;
    if (navigator.onLine) await (await caches.open(CACHE)).addAll([location.pathname, ...files]).catch(() => {});
  }
  data = await (await fetch(DATA)).json();
  await (await caches.open(CACHE)).put(DATA, new Response(JSON.stringify(data)));
}

async function known() {
  if (data) return data;
  const kept = await (await caches.open(CACHE)).match(DATA);
  return kept ? kept.json() : null;
}

async function stateOf(claims, lists) {
  try {
    const ended = await entry(lists.revocation.credentialSubject.encodedList, claims.status, 1);
    const used = await entry(lists.message.credentialSubject.encodedList, claims.status, 2);
    if (ended === null) return ["used", phrases.unknown];
    if (ended) return ["withdrawn", phrases.ended];
    return [["valid", phrases.unused], ["used", phrases.partly], ["used", phrases.used]][used];
  } catch {
    return ["used", phrases.unknown];
  }
}

async function check(text) {
  const trusted = await known();
  if (!trusted) return answer(target, { state: "used", title: phrases.nodata, notes: [phrases.nodata], parts: [] });
  try {
    const claims = await verify(text.trim(), trusted.hub.map((key) => key.public_key));
    const [state, note] = await stateOf(claims, trusted.status);
    const number = `${words.prefixes[claims.kind]}-${String(claims.number).padStart(6, "0")}`;
    const date = new Date(trusted.at).toLocaleString(language);
    return answer(target, {
      state,
      title: `${words.kinds[claims.kind]} ${number}`,
      notes: [phrases.authentic, note, `${phrases.offline} (${date})`, phrases.compare],
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

// Sizes and turns to try a picture in: a reader that misses a code as it stands often finds it turned.
const TRIES = [[1, 0], [1, 45], [1, -20], [1, 160], [1, 20], [0.6, 0], [0.6, 45], [1.5, 0], [0.4, 0], [1, 70]];

function picture(source, width, height, [scale, degrees]) {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const fit = Math.min(1, LARGEST / Math.max(width, height)) * scale;
  const [wide, high] = [Math.max(1, Math.round(width * fit)), Math.max(1, Math.round(height * fit))];
  canvas.width = degrees ? Math.max(wide, high) : wide;
  canvas.height = degrees ? Math.max(wide, high) : high;
  context.fillStyle = "#ccc";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate((degrees * Math.PI) / 180);
  context.drawImage(source, -wide / 2, -high / 2, wide, high);
  return context.getImageData(0, 0, canvas.width, canvas.height);
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

async function watch() {
  const video = byId("visor");
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    return answer(target, { state: "used", title: phrases.nocamera, notes: [phrases.nocamera], parts: [] });
  }
  video.hidden = false;
  await video.play();
  let text = null;
  while (!text && video.srcObject) {
    await new Promise((done) => setTimeout(done, 150));
    text = await codeIn(video, video.videoWidth, video.videoHeight, TRIES.slice(0, 1), {});
  }
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
  video.hidden = true;
  return text ? check(text) : null;
}

byId("foto").addEventListener("change", (event) => event.target.files[0] && readPicture(event.target.files[0]));
byId("camara").addEventListener("click", watch);
byId("leer").addEventListener("submit", (event) => {
  event.preventDefault();
  check(byId("texto").value);
});
prepare().catch(() => {}).finally(async () => {
  const trusted = await known();
  byId("datos").textContent = trusted
    ? `${phrases.dated} ${new Date(trusted.at).toLocaleString(language)}.`
    : phrases.nodata;
  document.documentElement.dataset.ready = "yes";
});
