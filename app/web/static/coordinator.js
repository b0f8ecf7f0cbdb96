// The board and the rolls: panels, dragging, timers. What looks by itself waits for whoever is at it: live.js.
(() => {
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
