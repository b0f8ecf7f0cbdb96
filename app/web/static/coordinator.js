// The board and the rolls: polling that waits while somebody is in the middle of something, dragging, timers.
(() => {
  const isBusy = (live) => live.querySelector(".child details[open]") !== null
    || (live.contains(document.activeElement) && document.activeElement.matches("input, select, textarea"))
    || live.matches(":active")  // a finger or a mouse button is down: between press and release a tap or a drag would be lost
    || live.querySelector(".dragging, .waiting") !== null;
  // A part that is replaced under somebody's hands loses what was typed: the next look comes four seconds later.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const live = event.detail.elt;
    if (live.matches?.("[data-live]") && event.detail.requestConfig.verb === "get" && isBusy(live)) event.preventDefault();
  });
  // The same for an answer that was on its way when somebody began.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const live = event.detail.requestConfig?.elt;
    if (live?.matches?.("[data-live]") && event.detail.requestConfig.verb === "get" && isBusy(live)) event.detail.shouldSwap = false;
  });
  // Looking in vain is no news: what matters is said by whoever sends something.
  document.addEventListener("htmx:sendError", (event) => {
    if (event.detail.elt.matches?.("[data-live]")) event.stopPropagation();
  }, true);
  document.addEventListener("click", (event) => {
    const close = event.target.closest?.("[data-close]");
    if (close) document.querySelector(close.dataset.close).replaceChildren();
  });

  document.addEventListener("dragstart", (event) => {
    const child = event.target.closest?.("[data-placement]");
    if (!child) return;
    event.dataTransfer.setData("text/plain", child.dataset.placement);
    event.dataTransfer.effectAllowed = "move";
    child.classList.add("dragging");
  });
  document.addEventListener("dragend", () => {
    document.querySelectorAll(".dragging, .over").forEach((one) => one.classList.remove("dragging", "over"));
  });
  document.addEventListener("dragover", (event) => {
    const drop = event.target.closest?.("[data-drop]");
    document.querySelectorAll(".over").forEach((one) => { if (one !== drop) one.classList.remove("over"); });
    if (!drop || !document.querySelector(".dragging")) return;
    event.preventDefault();
    drop.classList.add("over");
  });
  document.addEventListener("drop", (event) => {
    const drop = event.target.closest?.("[data-drop]");
    const placement = event.dataTransfer.getData("text/plain");
    if (!drop || !/^\d+$/.test(placement)) return;
    event.preventDefault();
    htmx.ajax("GET", `/coordinator/placements/${placement}/move?drop=${encodeURIComponent(drop.dataset.drop)}`, { target: "#panel", swap: "innerHTML" });
  });

  const tell = () => document.querySelectorAll(".timer[data-since]").forEach((one) => {
    const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(one.dataset.since)) / 60000));
    one.textContent = one.dataset.text.replace("{n}", minutes);
  });
  document.addEventListener("htmx:load", tell);
  document.addEventListener("DOMContentLoaded", tell);
  setInterval(tell, 20000);
})();
