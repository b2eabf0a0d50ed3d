// The page's words, in its language, and the places where they are put.

export const byId = (id) => document.getElementById(id);
const phrases = byId("words").dataset;
export const base = phrases.base;
export const language = phrases.language.startsWith("en") ? "en" : "es-CO";

export const say = (name, given = {}) => phrases[name].replace(/\{(\w+)\}/g, (whole, key) => given[key] ?? whole);

export function tell(id, words, tone) {
  const place = byId(id);
  place.textContent = words;
  place.hidden = !words;
  if (tone) place.className = `notice ${tone}${place.classList.contains("noprint") ? " noprint" : ""}`;
}

const ZONE = { timeZone: "America/Bogota" };
export const hour = (at) => new Date(at).toLocaleTimeString(language, { ...ZONE, hour: "2-digit", minute: "2-digit" });
export const day = (at) => new Date(at).toLocaleString(language, { ...ZONE, dateStyle: "medium", timeStyle: "short" });
// The calendar day in Bogotá, as the hub reads it.
export const today = (at) => new Intl.DateTimeFormat("en-CA", ZONE).format(new Date(at));
