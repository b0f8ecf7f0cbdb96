// The desk: arrow keys through the found people.
(() => {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const rows = [...document.querySelectorAll("#found a.result")];
    const at = rows.indexOf(document.activeElement);
    if (!rows.length || (at < 0 && document.activeElement?.id !== "text")) return;
    event.preventDefault();
    const next = at + (event.key === "ArrowDown" ? 1 : -1);
    if (next < 0) document.getElementById("text").focus(); else rows[Math.min(next, rows.length - 1)].focus();
  });
})();
