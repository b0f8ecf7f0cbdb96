// Keeps today's roll on this device as it is shown, so that it opens while the server is away (worker.js opens it).
// Until when is the server's word; signing out clears it (care.js). Phone numbers, the drawer and the panel are never kept.
(() => {
  if (!("serviceWorker" in navigator) || !("caches" in window)) return;  // no secure origin: nothing is kept
  const CACHE = "carematch-roll", SHELL = "carematch-shell", WORKER = "/coordinator/worker.js";
  const GUARDS = ["content-security-policy", "x-content-type-options", "x-frame-options", "referrer-policy", "permissions-policy"];
  const roll = () => document.getElementById("roll");
  let guards = null;

  const copyPage = () => {
    const page = document.documentElement.cloneNode(true);
    page.querySelectorAll("#panel, #message, [id^='contacts-']").forEach((one) => one.replaceChildren());
    page.querySelectorAll("#queue, #kept, #news").forEach((one) => { one.hidden = true; });
    page.querySelectorAll("details").forEach((one) => one.removeAttribute("open"));
    page.querySelectorAll("[class*='htmx-'], .waiting, .dragging, .over").forEach((one) => {
      one.classList.remove("waiting", "dragging", "over", ...[...one.classList].filter((name) => name.startsWith("htmx-") && name !== "htmx-indicator"));
    });
    page.querySelector("#roll").dataset.keptAt = new Date().toISOString();
    return `<!doctype html>${page.outerHTML}`;
  };

  const keepShell = async () => {
    const wanted = [...document.querySelectorAll("script[src], link[rel='stylesheet'], link[rel='icon'], img[src]")].map((one) => one.src || one.href);
    const shell = await caches.open(SHELL);
    const known = (await shell.keys()).map((one) => one.url);
    await Promise.all(known.filter((url) => !wanted.includes(url)).map((url) => shell.delete(url)));
    await shell.addAll([...new Set(wanted)].filter((url) => !known.includes(url)));
  };

  const keep = async () => {
    const shown = roll();
    if (!shown || shown.dataset.keptAt || shown.querySelector(".waiting")) return;  // only what the server has said
    const cache = await caches.open(CACHE), seconds = Number(shown.dataset.keepSeconds);
    if (!(seconds > 0)) return;
    if (guards === null) {
      const reply = await fetch(WORKER);
      guards = GUARDS.map((name) => [name, reply.headers.get(name)]).filter(([, value]) => value);
      await keepShell();
    }
    const about = { "Content-Type": "text/html; charset=utf-8", "X-Keep-Until": String(Date.now() + seconds * 1000), "X-On": shown.dataset.on, "X-Name": encodeURIComponent(shown.dataset.name) };
    await cache.put(location.pathname, new Response(copyPage(), { headers: { ...Object.fromEntries(guards), ...about } }));
  };

  // What is shown comes from this device until the server answers once.
  const sayKept = () => {
    const at = roll()?.dataset.keptAt, place = document.getElementById("kept");
    if (!at || !place) return;
    place.textContent = place.dataset.text.replace("{at}", new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" }));
    place.hidden = false;
  };
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.successful || !event.detail.elt.matches?.("[data-live]")) return;
    delete event.detail.elt.dataset.keptAt;
    document.getElementById("kept").hidden = true;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "roll" || event.detail.target?.id === "roll") keep().catch(() => {});  // a full disk is no reason to stop anybody
  });
  document.addEventListener("DOMContentLoaded", () => {
    sayKept();
    navigator.serviceWorker.register(WORKER, { scope: "/coordinator" }).then(keep).catch(() => {});
  });
})();
