// Figures as whole numbers of their smallest part: what is typed with comma or point, what is shown in Spanish.

// Digits with at most `decimals` after one comma or point; null where it is no such figure.
export function parse(text, decimals) {
  const found = /^(\d{1,12})(?:[.,](\d+))?$/.exec(text.trim());
  if (!found || (found[2]?.length ?? 0) > decimals) return null;
  return BigInt(found[1]) * 10n ** BigInt(decimals) + BigInt((found[2] ?? "").padEnd(decimals, "0") || "0");
}

// Pesos: points are thousands, as people write them; at most two decimals after a comma.
export function pesos(text) {
  const plain = text.trim().replace(/^\$\s*/, "").replace(/\s/g, "");
  return /^\d{1,3}(\.\d{3})+(,\d{1,2})?$/.test(plain) || /^\d+(,\d{1,2})?$/.test(plain) ? parse(plain.replaceAll(".", ""), 2) : null;
}

// The decimal text of the hub's API, with all its decimals; without idle ones where `short`.
export function text(value, decimals, { short = false } = {}) {
  const digits = value.toString().padStart(decimals + 1, "0");
  const whole = decimals ? digits.slice(0, -decimals) : digits;
  const rest = decimals ? digits.slice(-decimals) : "";
  const kept = short ? rest.replace(/0+$/, "") : rest;
  return kept ? `${whole}.${kept}` : whole;
}

export const shown = (value, decimals) => {
  const [whole, rest] = text(value, decimals, { short: true }).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ".");
  return rest ? `${grouped},${rest}` : grouped;
};

// The hub's decimal text as people read it here.
export function spoken(plain) {
  const [whole, rest = ""] = plain.split(".");
  return shown(BigInt(whole + rest), rest.length);
}

// Fine metal of a gross weight: both in their smallest parts, fineness in thousandths of ‰; rounded down, as the hub.
export const fine = (gross, fineness) => (gross * fineness) / 1000000n;

const micros = (plain) => {
  const [whole, rest = ""] = plain.split(".");
  return BigInt(whole + rest.slice(0, 6).padEnd(6, "0"));
};

// The royalty that a buyer withholds, in centavos, rounded up: fine grams × base price × rate.
export function withheld(fineAmount, decimals, base, rate) {
  const scale = 10n ** BigInt(decimals) * 10n ** 12n;
  const exact = fineAmount * micros(base) * micros(rate) * 100n;
  return (exact + scale - 1n) / scale;
}
