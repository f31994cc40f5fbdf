"use strict";
// Everything works without this: it renews what is marked data-live when there is something new, and adds keys.
const live = document.getElementById("live");

function say(text) {
  live.textContent = text;
  live.hidden = !text;
}

async function renew() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
  if (answer.redirected || !answer.ok) return answer.redirected && location.reload();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const ids = from => [...from.querySelectorAll("[data-live]")].map(each => each.id).join();
  if (ids(page) !== ids(document)) return document.getElementById("main").replaceWith(document.adoptNode(page.getElementById("main")));
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = page.getElementById(part.id);
    if (!next || next.innerHTML === part.innerHTML) continue;
    const focused = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    part.replaceWith(document.adoptNode(next));
    next.classList.add("fresh");
    if (focused) next.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
  }
}

function tell() {
  say(live.dataset.new);
  setTimeout(() => { if (live.textContent === live.dataset.new) say(""); }, 4000);
}

function watch() {
  if (!document.querySelector("[data-live], [data-figure]")) return;
  const events = new EventSource("/live");
  const shown = document.querySelector("[data-newest]");
  let place = shown ? Number(shown.dataset.newest) : null, waiting = null;
  events.addEventListener("beat", event => {
    const beat = JSON.parse(event.data);
    if (live.textContent === live.dataset.reconnecting) say("");
    for (const each of document.querySelectorAll("[data-figure]")) {
      const value = beat[each.dataset.figure];
      if (typeof value === "number") each.textContent = value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 1 : 0 });
    }
    document.body.dataset.place = beat.place;
    if (place !== null && place !== beat.place && !waiting) {
      waiting = setTimeout(() => { waiting = null; renew().then(tell, () => { place = NaN; }); }, 300); // NaN: the next beat tries again
    }
    place = beat.place;
  });
  events.addEventListener("error", () => { if (events.readyState !== EventSource.OPEN) say(live.dataset.reconnecting); });
  addEventListener("pagehide", () => events.close());
}

function step(by) {
  const all = [...document.querySelectorAll("[data-entry]")];
  const here = all.indexOf(document.activeElement.closest?.("[data-entry]"));
  all[Math.min(Math.max(here + by, 0), all.length - 1)]?.focus();
}

addEventListener("keydown", event => {
  if (document.body.dataset.keys === "off" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  const go = selector => document.querySelector(selector)?.click();
  const keys = {
    "/": () => document.querySelector("[data-search]")?.focus(),
    "j": () => step(1), "k": () => step(-1),
    "[": () => go("[rel=prev]"), "]": () => go("[rel=next]"),
    "?": () => { const keys = document.querySelector(".keys"); keys.open = !keys.open; keys.scrollIntoView({ block: "end" }); keys.querySelector("summary").focus(); },
  };
  const action = keys[event.key] || (/^[1-9]$/.test(event.key) && document.querySelector(`[data-key="${event.key}"]`) && (() => go(`[data-key="${event.key}"]`)));
  if (action) { event.preventDefault(); action(); }
});

watch();
