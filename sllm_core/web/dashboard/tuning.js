"use strict";
(() => {
  const shown = document.querySelector("[data-run]");
  if (!shown) return;
  const list = shown.querySelector(".steps-of");
  const names = shown.querySelector(".step-names").content;

  const named = (name) => names.querySelector(`[data-name="${CSS.escape(name)}"]`)?.textContent ?? name;

  const made = (step) => {
    const item = document.createElement("li");
    item.dataset.step = step.name;
    item.append(...["b", "progress", "span"].map((name) => document.createElement(name)));
    item.children[0].textContent = named(step.name);
    item.children[1].setAttribute("aria-label", named(step.name));
    item.children[2].className = "soft";
    item.children[2].append(document.createElement("span"), " ", document.createElement("span"));
    item.children[2].firstChild.lang = "en";
    list.append(item);
    return item;
  };

  const show = (step, place) => {
    const item = list.children[place] ?? made(step);
    const bar = item.querySelector("progress");
    item.className = `step ${step.ended ? "over" : "at-work"}`;
    bar.max = step.total || 1;
    if (step.ended) bar.value = bar.max;
    else if (step.total) bar.value = step.done;
    else bar.removeAttribute("value");
    const [detail, left] = item.children[2].children;
    detail.textContent = step.detail;
    left.textContent = step.remaining ? list.dataset.left.replace("{}", Math.ceil(step.remaining)) : "";
  };

  const events = new EventSource(`/fine-tune/${encodeURIComponent(shown.dataset.run)}/events`);
  events.addEventListener("step", (event) => JSON.parse(event.data).steps.forEach(show));
  events.addEventListener("end", () => {
    events.close();
    location.reload();
  });
  addEventListener("pagehide", () => events.close());
})();
