// The hour of a purchase is the node's, as last compared: a phone's clock may be wrong, or set back.

let compared = null;

// `server`: its instant, as text; `asked`, `answered`: this page's own steady clock around the question.
export function compare(server, { asked, answered }) {
  const steady = (asked + answered) / 2;
  const at = Date.parse(server);
  compared = { at, steady, skew: Date.now() - (at + performance.now() - steady) };
  return { skew: compared.skew, at: Date.now() };
}

// Now, by the node's clock. Before it was compared in this page, by the difference that was known (`known.skew`, ms).
// The page's steady clock stands still while a phone sleeps: where the phone's own has gone on further, it is right.
export function now(known) {
  if (!compared) return Date.now() - (known?.skew ?? 0);
  return Math.max(compared.at + performance.now() - compared.steady, Date.now() - compared.skew);
}

export const OFF = 60000;
