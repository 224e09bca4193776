// Keeps the page for use without a network, and isolates it from other pages, so that it may use two threads.
const NAME = "roomsight-{version}", FILES = ["{files}"]; // `make page` writes both

addEventListener("install", event => {
  event.waitUntil(caches.open(NAME).then(cache => cache.addAll(FILES)).then(() => skipWaiting()));
});

addEventListener("activate", event => {
  const old = names => names.filter(name => name.startsWith("roomsight-") && name !== NAME);
  event.waitUntil(caches.keys().then(names => Promise.all(old(names).map(name => caches.delete(name)))).then(() => clients.claim()));
});

addEventListener("fetch", event => event.respondWith(answer(event.request)));

async function answer(request) {
  const kept = await caches.match(request, { ignoreSearch: true }), found = kept ?? (await fetch(request));
  const headers = new Headers(found.headers);
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Embedder-Policy", "require-corp");
  return new Response(found.body, { status: found.status, statusText: found.statusText, headers });
}
