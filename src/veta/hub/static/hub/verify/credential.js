// A status list as the hub signed it: Data Integrity with eddsa-jcs-2022 (W3C), Bitstring Status List (W3C).

import { hex, sha256, signedBy, unhex } from "./code.js";

const DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const MOST_DIGITS = 128;
const MOST_BYTES = 4 * 2 ** 20;
const KIND = { type: "DataIntegrityProof", cryptosuite: "eddsa-jcs-2022", proofPurpose: "assertionMethod" };
const ED25519 = "ed01";

// RFC 8785 of what a credential holds: members in the order of their UTF-16 units, no blanks.
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

// The bytes of a multibase base58btc text; null where it is none.
export function unbase58(text) {
  if (typeof text !== "string" || text[0] !== "z" || text.length > MOST_DIGITS) return null;
  let number = 0n;
  for (const digit of text.slice(1)) {
    const value = DIGITS.indexOf(digit);
    if (value < 0) return null;
    number = number * 58n + BigInt(value);
  }
  const digits = number ? number.toString(16) : "";
  const zeros = text.slice(1).match(/^1*/)[0].length;
  return Uint8Array.from([...new Uint8Array(zeros), ...unhex(digits.padStart(digits.length + (digits.length % 2), "0"))]);
}

const named = (key) => (text) => {
  const bytes = unbase58(text);
  return bytes !== null && hex(bytes) === ED25519 + key;
};

// Whether the key (32 bytes, in hexadecimal) made the one proof that the document carries.
export async function proved(document, key) {
  const { proof, ...bare } = document;
  const { proofValue, ...options } = proof ?? {};
  if (Object.entries(KIND).some(([name, value]) => options[name] !== value)) return false;
  if ("@context" in options && canonical(options["@context"]) !== canonical(bare["@context"])) return false;
  const method = String(options.verificationMethod).match(/^did:key:(\w+)#(\w+)$/);
  const signature = unbase58(proofValue);
  if (!method || !method.slice(1).every(named(key)) || signature?.length !== 64) return false;
  const bytes = (value) => new TextEncoder().encode(canonical(value));
  const parts = [await sha256(bytes(options)), await sha256(bytes(bare))];
  return signedBy(unhex(key), signature, Uint8Array.from(parts.flatMap((part) => [...part])));
}

// A list and the instant it is true of; null where none of the keys signed it, or it is of another purpose or site.
export async function opened(credential, { site, purpose, keys }) {
  const subject = credential?.credentialSubject;
  if (credential?.id !== `${site}/v/estado/${purpose}` || subject?.statusPurpose !== purpose) return null;
  let signed = false;
  for (const key of keys) signed ||= await proved(credential, key);
  const at = Date.parse(credential.validFrom);
  const list = subject.encodedList;
  if (!signed || Number.isNaN(at) || typeof list !== "string" || list[0] !== "u") return null;
  const text = list.slice(1).replaceAll("-", "+").replaceAll("_", "/");
  const bytes = await unpacked(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));
  return bytes === null ? null : { at, bytes };
}

// One entry of a list, most significant bit first; null where it does not reach that far.
export function valueAt(list, index, bits) {
  if (!Number.isSafeInteger(index) || index < 0 || (index + 1) * bits > list.bytes.length * 8) return null;
  let value = 0;
  for (let at = index * bits; at < (index + 1) * bits; at += 1) {
    value = value * 2 + (list.bytes[at >> 3] >> (7 - at % 8) & 1);
  }
  return value;
}

async function unpacked(packed) {
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip")).getReader();
  const parts = [];
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    length += part.value.length;
    if (length > MOST_BYTES) {
      await reader.cancel();
      return null;
    }
    parts.push(part.value);
  }
  const string = new Uint8Array(length);
  parts.reduce((at, part) => (string.set(part, at), at + part.length), 0);
  return string;
}
