// The roll: a tap is a tick with an id and a time of its own, kept on this device until the server has it.
// What is kept holds row numbers, a mark, a time and whose tap it was; no name, nothing about health. On a shared tablet
// nobody's taps are sent under another's name: they wait until the one who made them signs in again.
(() => {
  const KEY = "carematch-roll";
  const read = () => { try { return JSON.parse(localStorage.getItem(KEY)) || []; } catch (_) { return []; } };
  const write = (ticks) => localStorage.setItem(KEY, JSON.stringify(ticks));
  const makeId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const roll = () => document.getElementById("roll");
  const me = () => document.getElementById("queue")?.dataset.by;
  const isMine = (tick) => !tick.by || tick.by === me();
  let sending = false;

  const say = (name, values) => {
    const place = document.getElementById("queue");
    if (!place) return;
    place.hidden = !name;
    if (name) place.textContent = Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), place.dataset[name]);
  };

  const show = (tick) => {
    const row = document.getElementById(`c-${tick.slot_id}-${tick.person_id}`);
    if (!row) return;
    row.className = `child waiting is-${tick.mark === "absent" ? "away" : tick.mark}`;
    row.querySelector(".said").textContent = roll().getAttribute(`data-said-${tick.mark}`);
  };

  const sayOthers = () => { const n = read().filter((tick) => !isMine(tick)).length; say(n ? "others" : "", { n }); };

  const send = async () => {
    const ticks = read().filter(isMine).slice(0, 100);
    if (sending) return;
    if (!ticks.length) { if (read().length) sayOthers(); return; }
    sending = true;
    let reply = null;
    try {
      const headers = JSON.parse(document.body.getAttribute("hx-headers"));
      reply = await fetch("/api/roll/ticks", {
        method: "POST", credentials: "same-origin",
        headers: { ...headers, "Content-Type": "application/json", "Accept-Language": document.documentElement.lang },
        // With our clock as it stands: the server sets right what a tablet with a wrong one says.
        body: JSON.stringify({ sent_at: new Date().toISOString(), ticks: ticks.map(({ by, ...tick }) => tick) }),
      });
    } catch (_) { reply = null; }
    sending = false;
    if (reply?.ok) {
      const told = (await reply.json()).ticks;
      const done = new Set(told.map((one) => one.tick_id));
      write(read().filter((tick) => !done.has(tick.tick_id)));
      document.querySelectorAll(".child.waiting").forEach((one) => one.classList.remove("waiting"));
      read().forEach(show);
      const refused = told.find((one) => one.code);
      if (refused) say("refused", { why: refused.detail }); else sayOthers();
      if (read().some(isMine)) send(); else if (roll()) htmx.trigger(roll(), "care:ticked");
      return;
    }
    if (reply && reply.status === 422) {  // no server will ever take these: keep the rest going
      const sent = new Set(ticks.map((tick) => tick.tick_id));
      write(read().filter((tick) => !sent.has(tick.tick_id)));
    }
    say(reply?.status === 401 || reply?.status === 403 ? "signedOut" : "waiting", { n: read().filter(isMine).length });
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-mark]");
    if (!button) return;
    const now = new Date().toISOString();
    const made = JSON.parse(button.dataset.ticks).map(([slot, person, to]) => {
      const tick = { tick_id: makeId(), slot_id: slot, person_id: person, mark: button.dataset.mark, marked_at: now, by: me() };
      if (to) tick.handed_to_id = to;
      return tick;
    });
    write([...read(), ...made]);
    made.forEach(show);
    send();
  });
  document.addEventListener("htmx:afterSwap", () => read().forEach(show));
  window.addEventListener("online", send);
  setInterval(send, 5000);
  document.addEventListener("DOMContentLoaded", () => { read().forEach(show); send(); });
})();
