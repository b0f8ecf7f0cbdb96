// Small helpers for every page: a refused request becomes a sentence, never a silent nothing.
(() => {
  const tell = (text, good) => {
    const place = document.getElementById("message");
    place.className = good ? "good" : "";
    place.textContent = text;
  };
  // Faults of a form by the names that its fields have on the screen; nothing where one of them has no field there.
  const sayFields = (sender, faults) => {
    const form = sender.matches?.("form") ? sender : sender.closest?.("form");
    const said = (faults || []).map((fault) => {
      const field = form?.elements[fault.path[fault.path.length - 1]];
      const label = field?.labels?.[0]?.firstChild?.textContent.trim() || field?.getAttribute?.("aria-label");
      return label ? `${label}: ${fault.detail}` : "";
    });
    return said.length && said.every(Boolean) ? said.join(" ") : "";
  };
  // A conflict that comes as HTML is the answer itself: what happened, and the next best, in place.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const reply = event.detail.xhr;
    const isHtml = (reply.getResponseHeader("content-type") || "").startsWith("text/html");
    if (isHtml && reply.status >= 400 && reply.status < 500) { event.detail.shouldSwap = true; event.detail.isError = false; }
  });
  document.addEventListener("htmx:responseError", (event) => {
    const reply = event.detail.xhr;
    if (reply.status === 401) { location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`); return; }
    let text = reply.responseText;
    try {
      const problem = JSON.parse(reply.responseText);
      text = sayFields(event.detail.elt, problem.faults) || problem.detail || text;
    } catch (_) { /* not a problem document */ }
    if (reply.status >= 500) text += ` (${reply.getResponseHeader("X-Request-Mark") || reply.status})`;
    tell(text, false);
    document.getElementById("message").scrollIntoView({ block: "nearest" });
  });
  document.addEventListener("htmx:sendError", () => {
    tell(document.documentElement.lang === "en"
      ? "The server cannot be reached; nothing was changed. Try again in a moment."
      : "连不上服务器，没有做任何更改。请稍后再试。", false);
  });
  document.addEventListener("care:told", (event) => tell(event.detail.value, true));

  // What a roll has kept on this device goes with who signs out, and is gone where one signs in (worker.js checks the time).
  const forget = () => { if ("caches" in window) ["carematch-roll", "carematch-shell"].forEach((name) => caches.delete(name)); };
  if (location.pathname === "/login") forget();
  document.addEventListener("htmx:beforeRequest", (event) => { if (event.detail.pathInfo.requestPath === "/logout") forget(); });
})();
