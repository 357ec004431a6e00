// Answers for the pages of doors when there is no network. Served at /doors/worker.js, so it reaches no other page.

const CACHE = "doors";
const PATIENCE_MS = 4000;
const GONE = [404, 410];

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function fromCache(request) {
  const cache = await caches.open(CACHE);
  return cache.match(request, { ignoreSearch: true, ignoreVary: true });
}

// A file's address changes with its content: what is kept is never stale.
async function file(request) {
  return (await fromCache(request)) ?? fetch(request);
}

async function forget(request) {
  const cache = await caches.open(CACHE);
  await cache.delete(request, { ignoreSearch: true, ignoreVary: true });
}

async function page(request) {
  const kept = await fromCache(request);
  try {
    const signal = kept ? AbortSignal.timeout(PATIENCE_MS) : undefined;
    const answer = await fetch(request.url, { credentials: "same-origin", redirect: "manual", signal });
    if (GONE.includes(answer.status)) await forget(request);
    return answer;
  } catch (fault) {
    if (kept) return kept;
    throw fault;
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (address.pathname.startsWith("/static/")) event.respondWith(file(request));
  else if (request.mode === "navigate") event.respondWith(page(request));
});
