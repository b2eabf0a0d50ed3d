// Answers for «/verificar/» without signal: the network first, for three seconds; then what was kept.

const CACHE = "veta-verificar";
const PATIENCE = 3000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function fromNetwork(request) {
  const answered = await Promise.race([
    fetch(request),
    new Promise((_, fail) => setTimeout(() => fail(new Error("slow")), PATIENCE)),
  ]);
  if (answered.ok) {
    const cache = await caches.open(CACHE);
    await cache.put(request, answered.clone());
  }
  return answered;
}

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) return;
  event.respondWith(
    fromNetwork(event.request).catch(async () => (await caches.match(event.request, { ignoreVary: true })) ?? Response.error()),
  );
});
