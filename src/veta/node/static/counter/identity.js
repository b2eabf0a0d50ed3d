// Numbers of documents as the hub reads them (`kernel.identity`): one that cannot be of its type is told at once.

const SENT = /^[0-9A-Za-z.\- ]{3,20}$/;
const WEIGHTS = [3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71];

// The check digit of a NIT: module 11, as the DIAN has it.
function checkOf(number) {
  const sum = [...number].reverse().reduce((all, digit, place) => all + Number(digit) * WEIGHTS[place], 0) % 11;
  return String(sum < 2 ? sum : 11 - sum);
}

// What is said of a number that cannot be of its type; null of one that can. `told`: patterns and words, by the node.
export function wrongNumber({ type, number: said }, told) {
  if (!told?.numbers[type]) return null; // kept before the node told them
  const [pattern, words] = told.numbers[type];
  if (!SENT.test(said)) return words;
  const bare = said.replace(/[. ]/g, "").toUpperCase();
  const [, joined, check] = (type === "NIT" && /^(\d+)-(\d)$/.exec(bare)) || [];
  const number = type === "PA" ? bare.replaceAll("-", "") : (joined ?? bare).replace(/^0+/, "");
  if (!new RegExp(`^(?:${pattern})$`).test(number)) return words;
  return check !== undefined && check !== checkOf(number) ? told.check : null;
}
