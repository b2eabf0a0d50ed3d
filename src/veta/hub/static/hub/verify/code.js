// The code of a certificate: base45 of a COSE_Sign1 (EdDSA) over a CBOR map. It refuses what the hub would not write.

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const PREFIX = "VETA1:";
const MOST = 600;
const KINDS = 13;

export class Refused extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

const refuse = (reason) => {
  throw new Refused(reason);
};

export function base45(text) {
  if (text.length % 3 === 1) refuse("shape");
  const bytes = [];
  for (let at = 0; at < text.length; at += 3) {
    const part = [...text.slice(at, at + 3)].map((character) => ALPHABET.indexOf(character));
    if (part.includes(-1)) refuse("shape");
    const number = part.reduce((sum, value, place) => sum + value * 45 ** place, 0);
    if (number > (part.length === 3 ? 0xffff : 0xff)) refuse("shape");
    if (part.length === 3) bytes.push(number >> 8);
    bytes.push(number & 0xff);
  }
  return Uint8Array.from(bytes);
}

// Whole numbers, byte strings, text, arrays, maps and tag 18, each in its shortest form; nothing else of CBOR.
class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  take(length) {
    if (length > this.bytes.length - this.at) refuse("shape");
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  length(low) {
    if (low < 24) return low;
    if (low > 27) refuse("shape");
    const size = 1 << (low - 24);
    const value = this.take(size).reduce((sum, byte) => sum * 256 + byte, 0);
    const least = [24, 256, 65536, 4294967296][low - 24];
    if (value < least || !Number.isSafeInteger(value)) refuse("shape");
    return value;
  }

  value(depth = 0) {
    if (depth > 6) refuse("shape");
    const [first] = this.take(1);
    const low = this.length(first & 31);
    switch (first >> 5) {
      case 0:
        return low;
      case 1:
        return -1 - low;
      case 2:
        return this.take(low);
      case 3:
        return this.text(low);
      case 4:
        if (low > 64) refuse("shape");
        return Array.from({ length: low }, () => this.value(depth + 1));
      case 5:
        return this.map(low, depth);
      case 6:
        return { tag: low, value: this.value(depth + 1) };
      default:
        return refuse("shape");
    }
  }

  text(length) {
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(this.take(length));
    } catch {
      return refuse("shape");
    }
  }

  map(size, depth) {
    if (size > 64) refuse("shape");
    const made = new Map();
    for (let n = 0; n < size; n += 1) {
      const key = this.value(depth + 1);
      if (typeof key !== "number" || made.has(key)) refuse("shape");
      made.set(key, this.value(depth + 1));
    }
    return made;
  }
}

export function cbor(bytes) {
  const reader = new Reader(bytes);
  const value = reader.value();
  if (reader.at !== bytes.length) refuse("shape");
  return value;
}

const head = (major, length) => {
  if (length < 24) return [major << 5 | length];
  return length < 256 ? [major << 5 | 24, length] : [major << 5 | 25, length >> 8, length & 0xff];
};
const framed = (major, bytes) => [...head(major, bytes.length), ...bytes];

function message(text) {
  if (text.length > MOST || !text.startsWith(PREFIX)) refuse("shape");
  const read = cbor(base45(text.slice(PREFIX.length)));
  if (read.tag !== 18 || !Array.isArray(read.value) || read.value.length !== 4) refuse("shape");
  const [guarded, open, payload, signature] = read.value;
  const bytes = [guarded, payload, signature].every((part) => part instanceof Uint8Array);
  if (!bytes || signature.length !== 64 || !(open instanceof Map) || open.size !== 1) refuse("shape");
  const algorithm = cbor(guarded);
  if (!(algorithm instanceof Map) || algorithm.size !== 1 || algorithm.get(1) !== -8) refuse("shape");
  const named = open.get(4);
  if (!(named instanceof Uint8Array)) refuse("shape");
  const words = new TextEncoder().encode("Signature1");
  const signed = Uint8Array.from([
    0x84, ...framed(3, words), ...framed(2, guarded), ...framed(2, []), ...framed(2, payload),
  ]);
  return { key: hex(named), payload, signature, signed };
}

export const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
export const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
export const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

export async function signedBy(key, signature, bytes) {
  const imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  return crypto.subtle.verify({ name: "Ed25519" }, imported, signature, bytes);
}

// The claims of a text that one of the hub's keys (32 bytes, in hexadecimal) signed; Refused "shape", "key" or "claims".
export async function verify(text, keys) {
  const read = message(text);
  for (const key of keys) {
    const raw = unhex(key);
    const name = hex((await sha256(raw)).slice(0, 8));
    if (name === read.key) {
      if (!(await signedBy(raw, read.signature, read.signed))) refuse("key");
      return claims(cbor(read.payload));
    }
  }
  return refuse("key");
}

const NAMES = {
  1: "kind", 2: "number", 3: "issuer", 4: "mineral", 5: "quantity", 6: "fineness", 7: "municipality", 8: "origins",
  9: "digest", 10: "status", 11: "accreditation", 12: "all",
};

function claims(value) {
  const own = value instanceof Map ? value.get(-65537) : null;
  if (!(own instanceof Map) || ![1, 6, 7].every((name) => value.has(name))) refuse("claims");
  const read = { site: value.get(1), issued: value.get(6), token: base32(value.get(7)) };
  for (const [key, found] of own) {
    if (!(key in NAMES)) refuse("claims");
    read[NAMES[key]] = found;
  }
  const origins = Array.isArray(read.origins) ? read.origins : refuse("claims");
  if (!origins.every((row) => Array.isArray(row) && row.length === 3 && row[0] < KINDS)) refuse("claims");
  return read;
}

function base32(bytes) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const groups = bits.padEnd(Math.ceil(bits.length / 5) * 5, "0").match(/.{5}/g);
  return groups.map((group) => letters[parseInt(group, 2)]).join("");
}
