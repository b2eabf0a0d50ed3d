// Speaking to the node: what failed for want of signal, of a session or of a right is told apart.

export class Trouble extends Error {
  constructor(kind, message = "", codes = []) {
    super(message);
    this.kind = kind; // "network", "busy", "session", "revoked", "refused", or "forgotten": told so, it kept nothing
    this.codes = codes;
  }
}

const PATIENCE = 10000;
let token = "";

async function call(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { ...options, credentials: "same-origin", redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    throw new Trouble("network");
  }
  if (answer.type === "opaqueredirect") throw new Trouble("session");
  // That access ended is the node's own word: a proxy before it answers 404 and 403, too, and the phone must not forget.
  if (answer.headers.has("Veta-Revoked")) throw new Trouble("revoked");
  // A form may be refused for its token.
  if (answer.status === 403 && options.method === "POST") throw new Trouble("form");
  if ([403, 404].includes(answer.status)) throw new Trouble("network");
  if (answer.status === 429) throw new Trouble("busy");
  const said = await answer.json().catch(() => null);
  if (said === null) throw new Trouble("network");
  if (answer.ok) return said;
  throw new Trouble(answer.status >= 500 ? "network" : "refused", said.message ?? "", said.codes ?? []);
}

export async function learn(base) {
  const said = await call(`${base}datos.json`);
  token = said.token;
  return said;
}

// The municipalities, asked for only where the node has more of them than this phone keeps.
export const towns = async (base) => (await call(`${base}datos.json?lugares`)).towns;

// The forms of every other movement, and the client's lots and loads on the road.
export const movements = (base) => call(`${base}movimientos/datos.json`);

// The form's token lives in the page's data; a session that began anew has another.
export async function ask(base, what, body) {
  if (!token) await learn(base);
  const send = () => call(`${base}${what}`, {
    method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json", "X-CSRFToken": token },
  });
  try {
    return await send();
  } catch (trouble) {
    if (trouble.kind !== "form") throw trouble;
    await learn(base);
    return send().catch((again) => {
      throw again.kind === "form" ? new Trouble("network") : again;
    });
  }
}
