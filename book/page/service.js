// Keeps the page for use without a network, and isolates it from other pages, so that it may use two threads.
const FILES = ["{files}"]; // written by `make page`; version {version}: where that changes, all are fetched anew

addEventListener("install", event => event.waitUntil(keep().then(skipWaiting)));
addEventListener("activate", event => event.waitUntil(clients.claim()));
addEventListener("fetch", event => event.respondWith(answer(event.request)));

async function keep() {
  const kept = await caches.open("roomsight");
  await kept.addAll(FILES.map(name => new Request(name, { cache: "reload" })));
}

async function answer(request) {
  const kept = await caches.match(request, { ignoreSearch: true }), found = kept ?? (await fetch(request));
  const { status, statusText } = found, headers = new Headers(found.headers);
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Embedder-Policy", "require-corp");
  return new Response(found.body, { status, statusText, headers });
}
