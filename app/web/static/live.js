// Parts that look at the server again by themselves (`data-live`): one guard for every page that has one.
// What somebody has begun to fill in is never replaced by such a look, and looking is not using: it ends no idle time.
(() => {
  const FIELDS = "input, select, textarea";
  const listFields = (root) => [...root.querySelectorAll(FIELDS)].filter((one) => one.type !== "hidden");
  const isChanged = (field) => {
    if (field.matches("select")) {
      const options = [...field.options], said = options.some((one) => one.defaultSelected);
      return options.some((one, at) => one.selected !== (said || field.multiple ? one.defaultSelected : at === 0));
    }
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    return field.value !== field.defaultValue;
  };
  const hasBegun = (live) => listFields(live).some((one) => isChanged(one) || one === document.activeElement)
    || live.querySelector(".child details[open]") !== null;
  // A finger or a mouse button that is down, a drag, a tick or an act on its way: over in a moment, and lost by a swap.
  const isAtIt = (live) => live.matches(":active") || live.querySelector(".dragging, .waiting, .htmx-request") !== null;

  // Of a part that was left as it is: the address that asks for what is newer still, so that no look brings the same again.
  const passedOver = new WeakMap();
  let isForced = false;
  const news = () => document.getElementById("news");
  const findLook = (detail) => {
    const live = detail.elt ?? detail.requestConfig?.elt;
    const verb = detail.verb ?? detail.requestConfig?.verb;
    return verb === "get" && live?.matches?.("[data-live]") ? live : null;
  };

  document.addEventListener("htmx:configRequest", (event) => {
    const live = findLook(event.detail);
    if (!live) return;
    event.detail.headers["X-Look"] = "1";
    if (!isForced && passedOver.has(live) && hasBegun(live)) event.detail.path = passedOver.get(live);
  });

  // Decided when the answer is there: it may have been on its way when somebody began.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const live = findLook({ ...event.detail.requestConfig });
    if (!live || isForced || !event.detail.shouldSwap) return;
    const begun = hasBegun(live);
    if (!begun && !isAtIt(live)) return;
    event.detail.shouldSwap = false;
    if (!begun) return;
    const shown = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html").getElementById(live.id);
    if (shown) passedOver.set(live, shown.getAttribute("hx-get"));
    news().hidden = false;
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const live = findLook({ ...event.detail.requestConfig });
    if (live && event.detail.xhr.status === 204 && !hasBegun(live)) news().hidden = true;  // the change was taken back
  });

  // An act replaces the part, too: what was begun in its other forms, or in the form that was refused, is put back.
  const nameOf = (field) => JSON.stringify([field.form?.getAttribute("hx-post"), field.name, ["checkbox", "radio"].includes(field.type) ? field.value : ""]);
  let kept = new Map();
  document.addEventListener("htmx:beforeSwap", (event) => {
    const detail = event.detail, live = detail.target?.matches?.("[data-live]") ? detail.target : null;
    kept = new Map();
    if (!live || isForced || !detail.shouldSwap) return;
    const sent = detail.requestConfig?.elt;  // a form, or a button that sends no form
    listFields(live).filter((one) => one.form && isChanged(one) && (one.form !== sent || detail.xhr.status >= 400))
      .forEach((one) => kept.set(nameOf(one), one.matches("select") ? [...one.selectedOptions].map((each) => each.value) : [one.value, one.checked]));
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const live = document.getElementById(event.detail.target?.id);
    if (!live?.matches("[data-live]")) return;
    news().hidden = true;
    listFields(live).filter((one) => one.form && kept.has(nameOf(one))).forEach((one) => {
      const was = kept.get(nameOf(one));
      if (one.matches("select")) [...one.options].forEach((each) => { each.selected = was.includes(each.value); });
      else [one.value, one.checked] = was;
      one.closest("details")?.setAttribute("open", "");
    });
    kept = new Map();
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("#news button")) return;
    const live = document.querySelector("[data-live]");
    const whole = live.getAttribute("hx-get").replace(/([?&]stamp=)[^&]*/, "$1");  // without what is known the answer is all of it
    isForced = true;
    htmx.ajax("GET", whole, { source: live, target: live, swap: "outerHTML" }).finally(() => { isForced = false; });
  });

  // Looking in vain is no news: what matters is said by whoever sends something.
  document.addEventListener("htmx:sendError", (event) => {
    if (event.detail.elt.matches?.("[data-live]")) event.stopPropagation();
  }, true);
})();
