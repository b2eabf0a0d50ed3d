// The hour of a purchase is the node's, as last compared: a phone's clock may be wrong, or set back.

let compared = null;

// `server`: its instant, as text; `asked`, `answered`: this page's own steady clock around the question.
export function compare(server, { asked, answered }) {
  const steady = (asked + answered) / 2;
  compared = { at: Date.parse(server), steady };
  return { skew: Date.now() - (compared.at + performance.now() - steady), at: Date.now() };
}

// Now, by the node's clock. Before it was compared in this page, by the difference that was known (`known.skew`, ms).
export function now(known) {
  return compared ? compared.at + performance.now() - compared.steady : Date.now() - (known?.skew ?? 0);
}

export const OFF = 60000;
