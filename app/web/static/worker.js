// Opens today's kept roll while the server is away. The server is always asked first; kept.js keeps, this file only reads.
const CACHE = "carematch-roll", SHELL = "carematch-shell", PATIENCE = 8000;
const AWAY = [502, 503, 504];

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const list = async () => {
  const cache = await caches.open(CACHE), found = [];
  for (const request of await cache.keys()) {
    const reply = await cache.match(request);
    if (Number(reply?.headers.get("X-Keep-Until")) > Date.now()) found.push({ path: new URL(request.url).pathname, reply });
    else await cache.delete(request);
  }
  return found;
};

const escape = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

// No roll of that address is kept: say so, and name those that are. Both languages, since nobody can be asked.
const tell = async (kept) => {
  const styles = (await (await caches.open(SHELL)).keys()).map((one) => new URL(one.url).pathname).filter((path) => path.endsWith("/care.css"));
  const rows = kept.map((one) => `<li><a class="button" href="${escape(one.path)}">${escape(decodeURIComponent(one.reply.headers.get("X-Name") || ""))}</a></li>`);
  const page = `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>CareMatch</title>${styles.map((path) => `<link rel="stylesheet" href="${escape(path)}">`).join("")}</head>
<body><main><section class="card banner warn"><h1>连不上服务器</h1><p class="lead">${kept.length ? "今天打开过的点名册仍可使用：" : "本机没有保存点名册，请使用纸质点名册。"}</p>
<p lang="en">The server cannot be reached. ${kept.length ? "Rolls opened today still work:" : "No roll is kept on this device; use the paper one."}</p><ul class="tiles">${rows.join("")}</ul></section></main></body></html>`;
  return new Response(page, { status: 503, headers: { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'" } });
};

const openPage = async (request, url) => {
  const kept = await list();
  const own = kept.find((one) => one.path === url.pathname && ["", `?on=${one.reply.headers.get("X-On")}`].includes(url.search));
  const asked = fetch(request).catch(() => null);
  // A server that hangs is waited for only where there is nothing to show instead.
  const late = own ? [new Promise((done) => { setTimeout(done, PATIENCE, null); })] : [];
  const reply = await Promise.race([asked, ...late]);
  if (reply && !AWAY.includes(reply.status)) return reply;
  if (own) return own.reply;
  return reply || tell(kept);
};

self.addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(openPage(request, url));
  else if (url.pathname.startsWith("/assets/")) event.respondWith(caches.match(request, { cacheName: SHELL }).then((kept) => kept || fetch(request)));
});
