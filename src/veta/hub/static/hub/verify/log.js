// Recomputes, in the visitor's browser, that a certificate's words are a leaf of the log, and the log's root from it.

import { hex, sha256, signedBy, unhex } from "./code.js";

const told = (id) => JSON.parse(document.getElementById(id).textContent);
const bytesOf = (text) => new TextEncoder().encode(text);
const joined = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));
const unbase64 = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

// Leaf = SHA-256("veta-leaf-v1" ‖ salt ‖ {item, request_digest, signature, verdict}).
const leafOf = (log) =>
  sha256(joined(
    bytesOf("veta-leaf-v1"), unhex(log.salt),
    bytesOf(`{"item":${log.item},"request_digest":"${log.request_digest}","signature":"${log.signature}",` +
      `"verdict":${log.verdict}}`),
  ));

// RFC 9162 §2.1.3.2.
async function rootFrom(leaf, index, size, path) {
  let [node, at, last] = [await sha256(joined([0], leaf)), index, size - 1];
  for (const sibling of path) {
    if (last === 0) return null;
    if (at % 2 === 1 || at === last) {
      node = await sha256(joined([1], sibling, node));
      while (at % 2 === 0 && at !== 0) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    } else {
      node = await sha256(joined([1], node, sibling));
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 ? node : null;
}

// C2SP signed-note: the text, a blank line, and a line «— name base64(4 bytes of key id ‖ signature)» for each signer.
async function noteSigned(note, keys) {
  const [text, signatures] = note.split("\n\n");
  for (const key of keys) {
    const [name, , ...encoded] = key.split("+");
    const raw = unbase64(encoded.join("+"));
    for (const line of signatures.split("\n")) {
      const [, who, signed] = line.split(" ");
      if (who === name && raw[0] === 1) {
        const bytes = unbase64(signed);
        if (await signedBy(raw.slice(1), bytes.slice(4), bytesOf(`${text}\n`))) return true;
      }
    }
  }
  return false;
}

async function main() {
  const log = told("hoja");
  if (!log.published) return;
  const words = told("hoja-palabras");
  const place = document.getElementById("registro");
  const root = await rootFrom(await leafOf(log), log.index, log.size, log.path.map(unhex));
  const [, size, stated] = log.checkpoint.split("\n");
  const same = root !== null && Number(size) === log.size && hex(root) === hex(unbase64(stated));
  let signed = null;
  try {
    signed = same && (await noteSigned(log.checkpoint, log.keys));
  } catch {
    signed = null;
  }
  const said = !same || signed === false ? words.bad : signed ? words.good : words.unsigned;
  place.textContent = said.replace("{index}", log.index).replace("{size}", log.size);
  place.dataset.checked = same && signed ? "yes" : "no";
}

main();
