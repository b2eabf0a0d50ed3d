// Figures as the desk reads them (`sheets.cells.figure`): what can be read in two ways is refused, for nothing is guessed.

const ONE_POINT = /^[1-9]\d{0,2}\.\d{3}$/;
const PLAIN = /^\d+(\.\d+)?$/;
const COMMA = /^\d+,\d+$/;
const POINTS = /^\d{1,3}(\.\d{3})+(,\d+)?$/;
const COMMAS = /^\d{1,3}(,\d{3})+(\.\d+)?$/;
const LARGEST = 12;

function decimal(bare, money) {
  if (ONE_POINT.test(bare) && money) return bare.replace(".", "");
  if (PLAIN.test(bare)) return bare;
  if (COMMA.test(bare) && !(money && COMMAS.test(bare))) return bare.replace(",", ".");
  if (POINTS.test(bare)) return bare.replaceAll(".", "").replace(",", ".");
  if (COMMAS.test(bare)) return bare.replaceAll(",", "");
  return null;
}

// The hub's decimal text, or the name of the words that say what is wrong with what was written. "" is "".
export function figure(said, { group, decimals }) {
  const money = group === "money";
  const written = said.trim();
  const bare = (money ? written.replace(/^(COP|\$)+\s*|\s*(COP|pesos)$/gi, "") : written).replace(/[\s']/g, "");
  if (!bare) return { text: "" };
  if (ONE_POINT.test(bare) && group === "measure") return { wrong: "twoWays", one: bare.replace(".", ""), other: bare.replace(".", ",") };
  const found = decimal(bare, money);
  if (found === null) return { wrong: "notFigure" };
  const [whole, rest = ""] = found.split(".");
  const [kept, after] = [whole.replace(/^0+(?=\d)/, ""), rest.replace(/0+$/, "")];
  if (after.length > decimals) return { wrong: "tooFine", decimals };
  return kept.length > LARGEST ? { wrong: "tooLarge" } : { text: after ? `${kept}.${after}` : kept };
}
