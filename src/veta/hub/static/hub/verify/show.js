// What a verified code says, as the page shows it. Text is only ever set as text.

const PLACES = { 1: 0, 10: 1, 100: 2, 1000: 3, 10000: 4, 100000: 5, 1000000: 6 };

function figure(amount, factor, language) {
  const decimals = PLACES[factor] ?? 0;
  const digits = String(amount).padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const rest = digits.slice(digits.length - decimals).replace(/0+$/, "");
  const [thousand, point] = language === "en" ? [",", "."] : [".", ","];
  return whole.replace(/\B(?=(\d{3})+$)/g, thousand) + (rest ? point + rest : "");
}

const made = (name, text, ...classes) => {
  const element = document.createElement(name);
  element.textContent = text;
  element.classList.add(...classes);
  return element;
};

const place = (value) => (typeof value === "number" ? String(value).padStart(5, "0") : value);

export function facts(claims, words, phrases, language) {
  const [mineral, factor, unit] = words.minerals[claims.mineral] ?? [claims.mineral, 1, ""];
  const rows = [
    [phrases.issuer, claims.issuer],
    [phrases.mineral, mineral],
    [phrases.quantity, `${figure(claims.quantity, factor, language)} ${unit}`],
    claims.fineness ? [phrases.fineness, `${figure(claims.fineness, 1000, language)} ‰`] : null,
    [phrases.issued, new Date(claims.issued * 1000).toLocaleDateString(language, { timeZone: "America/Bogota" })],
    claims.municipality ? [phrases.municipality, place(claims.municipality)] : null,
    [phrases.accreditation, words.accreditations[claims.accreditation] ?? ""],
  ];
  const list = document.createElement("dl");
  list.className = "facts";
  for (const row of rows.filter(Boolean)) list.append(made("dt", row[0]), made("dd", row[1]));
  return list;
}

export function origins(claims, words, phrases, language) {
  const all = document.createElement("section");
  all.append(made("h3", `${phrases.origins} (${claims.origins.length} ${phrases.all} ${claims.all})`));
  const list = document.createElement("ul");
  for (const [kind, where, share] of claims.origins) {
    list.append(made("li", `${words.origins[kind]}, ${place(where)}: ${figure(share, 10, language)} %`));
  }
  all.append(list);
  return all;
}

export function answer(target, { state, title, notes, parts }) {
  const heading = made("h2", title);
  const box = made("p", "", "state", state);
  box.append(made("strong", notes[0]), document.createTextNode(notes[1] ?? ""));
  target.replaceChildren(heading, box, ...notes.slice(2).map((note) => made("p", note)), ...parts);
  target.hidden = false;
  target.focus();
}

export function link(text, address) {
  const line = document.createElement("p");
  const anchor = made("a", text);
  anchor.href = address;
  line.append(anchor);
  return line;
}
