// The counter without signal: the network first, for three seconds; then what was kept. What is asked of the node by
// its scripts is theirs to keep.

const CACHE = "veta-counter";
const PATIENCE = 3000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function fromNetwork(request) {
  const answered = await Promise.race([
    fetch(request),
    new Promise((_, fail) => setTimeout(() => fail(new Error("slow")), PATIENCE)),
  ]);
  if (answered.ok && !answered.redirected) {
    const cache = await caches.open(CACHE);
    await cache.put(request, answered.clone());
  } else if (answered.status >= 500) throw new Error("down");
  // Who may no longer see it gets the page that was kept: it asks by itself, and forgets.
  else if (request.mode === "navigate" && [403, 404].includes(answered.status)) throw Object.assign(new Error("revoked"), { answered });
  return answered;
}

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) return;
  if (address.pathname.endsWith("/datos.json")) return;
  event.respondWith(
    fromNetwork(event.request).catch(async (failed) => (await caches.match(event.request, { ignoreVary: true })) ?? failed.answered ?? Response.error()),
  );
});
