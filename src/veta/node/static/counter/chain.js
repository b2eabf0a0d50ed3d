// Ids and the chain of a device's records, as the node writes them: RFC 9562, RFC 8785, SHA-256.

export const FIRST = "0".repeat(64);

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export function uuid7(at = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let place = 0; place < 6; place += 1) bytes[place] = Math.floor(at / 256 ** (5 - place)) & 0xff;
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// An instant as Python writes it in UTC, so that both sides hash the same text.
export function instant(at) {
  const text = new Date(at).toISOString();
  const parts = text.slice(20, 23);
  return `${text.slice(0, 19)}${parts === "000" ? "" : `.${parts}000`}+00:00`;
}

// Text as the node and the hub read it: composed (NFC), whatever a keyboard or a paste gave.
export function composed(value) {
  if (typeof value === "string") return value.normalize("NFC");
  if (Array.isArray(value)) return value.map(composed);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, composed(each)]));
}

// RFC 8785 of text, whole numbers, lists and objects.
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

export const sha256 = async (text) => hex(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));

// Who captured it is covered, too; what a phone kept before that was so goes on as it was chained.
export const digest = ({ id, device, sequence, operation, payload, captured_at, previous, by }) =>
  sha256(canonical({ id, device, sequence, operation, payload, captured_at, previous, ...(by && { by }) }));
