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
  return answered;
}

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) return;
  if (address.pathname.endsWith("/datos.json")) return;
  event.respondWith(
    fromNetwork(event.request).catch(async () => (await caches.match(event.request, { ignoreVary: true })) ?? Response.error()),
  );
});
