// Says a process's yield while one writes. It shows; the hub decides. Figures here are approximate.
const data = JSON.parse(document.getElementById("recetas").textContent);
const form = document.getElementById("captura");
const told = document.getElementById("rendimiento");

const fraction = (text) => { const [over, under] = text.split("/"); return Number(over) / Number(under || 1); };
const figure = (text) => {
  const said = (text || "").trim();
  return said && /^[\d.]*,?\d+$|^\d+\.\d+$/.test(said) ? Number(said.includes(",") ? said.replaceAll(".", "").replace(",", ".") : said) : null;
};
// In grams of metal where the recipe counts metal, else in the mineral's own unit.
const content = (mineral, quantity, fineness, grade, metal) => {
  if (!metal) return quantity;
  if (mineral.precious) return fineness === null ? quantity : quantity * fineness / 1000;
  if (!mineral.graded || !grade) return null;
  const tonnes = mineral.unit === "t" ? quantity : quantity / 1000;
  return mineral.grade === "g/t" ? tonnes * grade : tonnes * 1e6 * grade / 100;
};
const value = (name) => form.elements[name] ? form.elements[name].value : "";

function taken(metal) {
  let sum = 0;
  for (const [key, lot] of Object.entries(data.lots)) {
    const typed = figure(value(`cuanto-${key}`));
    if (typed === null && !form.elements[`toma-${key}`]?.checked) continue;
    const held = content(data.minerals[lot.mineral], typed ?? Number(lot.left), null, figure(lot.grade), metal);
    if (held === null) return null;
    sum += held;
  }
  return sum || null;
}

function gained(recipe) {
  let sum = 0;
  for (let n = 0; form.elements[`outputs[${n}].mineral`]; n++) {
    const path = `outputs[${n}]`, code = value(`${path}.mineral`), quantity = figure(value(`${path}.quantity`));
    if (!code || quantity === null) continue;
    const mineral = data.minerals[code], fineness = figure(value(`${path}.fineness`));
    if (!recipe.outputs.includes(code) || (mineral.precious && fineness === null)) return null;
    const held = content(mineral, quantity, fineness, figure(value(`${path}.grade`)), recipe.metal);
    if (held === null) return null;
    sum += held;
  }
  return sum || null;
}

function say() {
  const recipe = data.recipes[value("recipe")];
  if (!recipe) { told.hidden = true; return; }
  const into = taken(recipe.metal), out = gained(recipe);
  told.hidden = false;
  if (into === null || out === null) { told.className = "notice"; told.textContent = data.words.unknown; return; }
  const share = out / into, least = fraction(recipe.least), most = fraction(recipe.most);
  const shown = (part) => (100 * part).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
  told.className = `notice ${share > most ? "stop" : share < least ? "wait" : "ok"}`;
  told.textContent = `${data.words.yield}: ${shown(share)} % (${data.words.admits} ${shown(least)} % ${data.words.to} ${shown(most)} %)`;
}

form.addEventListener("input", say);
form.addEventListener("change", say);
say();
