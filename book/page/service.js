// Keeps the page for use without a network, and isolates it from other pages, so that it may use two threads.
const NAME = "roomsight-{version}", FILES = ["{files}"]; // `make page` writes both

addEventListener("install", event => event.waitUntil(keep()));
addEventListener("activate", event => event.waitUntil(forget().then(() => clients.claim())));
addEventListener("fetch", event => event.respondWith(answer(event.request)));

async function keep() {
  await (await caches.open(NAME)).addAll(FILES);
  await skipWaiting();
}

async function forget() {
  const old = (await caches.keys()).filter(name => name.startsWith("roomsight-") && name !== NAME);
  await Promise.all(old.map(name => caches.delete(name)));
}

async function answer(request) {
  const kept = await caches.match(request, { ignoreSearch: true }), found = kept ?? (await fetch(request));
  const { status, statusText } = found, headers = new Headers(found.headers);
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Embedder-Policy", "require-corp");
  return new Response(found.body, { status, statusText, headers });
}
