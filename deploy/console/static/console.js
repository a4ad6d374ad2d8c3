// What a page without a script cannot do: completion, dragging over the histogram, keys, live figures. Nothing depends on it.
"use strict";

const wait = (run, ms) => { let timer; return (...given) => { clearTimeout(timer); timer = setTimeout(() => run(...given), ms); }; };

function completion(input, list) {
  let asked = 0, chosen = -1;
  const options = () => [...list.children];
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  const show = (open) => { list.hidden = !open; input.setAttribute("aria-expanded", String(open)); if (!open) choose(-1); };
  const choose = (at) => {
    chosen = at;
    options().forEach((option, i) => option.setAttribute("aria-selected", String(i === at)));
    if (at >= 0) { input.setAttribute("aria-activedescendant", options()[at].id); options()[at].scrollIntoView({ block: "nearest" }); }
    else input.removeAttribute("aria-activedescendant");
  };
  const take = (option) => { location.href = "/story/" + encodeURIComponent(option.dataset.id); };
  const ask = wait(async () => {
    const turn = ++asked, typed = input.value.trim();
    if (typed.length < 2) { show(false); return; }
    const answer = await fetch("/api/complete?q=" + encodeURIComponent(typed)).catch(() => null);
    if (!answer || !answer.ok || turn !== asked) return;
    const found = await answer.json();
    list.replaceChildren(...found.map(({ id, title }, i) => {
      const option = document.createElement("li");
      Object.assign(option, { id: "completion-" + i, textContent: title, dir: "auto" });
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.id = id;
      option.addEventListener("mousedown", (event) => { event.preventDefault(); take(option); });
      return option;
    }));
    chosen = -1;
    show(found.length > 0 && document.activeElement === input);
  }, 120);
  show(false);
  input.addEventListener("input", ask);
  input.addEventListener("blur", () => show(false));
  input.addEventListener("keydown", (event) => {
    const count = options().length;
    if (event.key === "Escape" && !list.hidden) { show(false); event.preventDefault(); }
    else if (event.key === "Enter" && chosen >= 0) { event.preventDefault(); take(options()[chosen]); }
    else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count) {
      event.preventDefault();
      if (list.hidden) show(true);
      choose(event.key === "ArrowDown" ? (chosen + 1) % count : (chosen - 1 + count) % count);
    }
  });
}

function histogram(box, form) {
  const rects = [...box.querySelectorAll("rect")];
  const place = (x) => { const all = box.querySelector("svg").getBoundingClientRect(); return Math.max(0, Math.min(rects.length - 1, Math.floor((x - all.left) / all.width * rects.length))); };
  let from = null;
  const paint = (to) => rects.forEach((rect, i) => rect.classList.toggle("chosen", i >= Math.min(from, to) && i <= Math.max(from, to)));
  box.addEventListener("pointerdown", (event) => { from = place(event.clientX); box.setPointerCapture(event.pointerId); paint(from); });
  box.addEventListener("pointermove", (event) => { if (from !== null) paint(place(event.clientX)); });
  box.addEventListener("pointerup", (event) => {
    if (from === null) return;
    const to = place(event.clientX);
    form.elements.since.value = rects[Math.min(from, to)].dataset.first;
    form.elements.until.value = rects[Math.max(from, to)].dataset.last;
    from = null;
    form.requestSubmit();
  });
  document.querySelectorAll(".script-only").forEach((element) => { element.hidden = false; });
}

// A form's address says only what is chosen: no empty fields, no defaults.
function tidy(form) {
  form.addEventListener("submit", () => {
    const usual = { order: "relevance", size: "10" };
    for (const field of form.elements) if (field.name && field.name !== "q" && (field.value === "" || usual[field.name] === field.value)) field.disabled = true;
    setTimeout(() => { for (const field of form.elements) field.disabled = false; });
  });
}

function keys(input) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    if (event.key === "/" && input) { event.preventDefault(); input.focus(); input.select(); return; }
    if (event.key !== "j" && event.key !== "k") return;
    const links = [...document.querySelectorAll("main .headline a")];
    const at = links.indexOf(document.activeElement);
    const next = links[event.key === "j" ? at + 1 : Math.max(0, at - 1)];
    if (next) next.focus();
  });
}

// The server renders each figure in the reader's own words and digits; here they are only put where they belong.
function live(page) {
  const stream = new EventSource("/pipeline/live");
  const state = page.querySelector("#live-state");
  const lost = (is) => { state.classList.toggle("stale", is); state.querySelector("span:last-child").textContent = is ? state.dataset.stale : state.dataset.now; };
  stream.addEventListener("flow", (event) => {
    lost(false);
    for (const [name, text] of Object.entries(JSON.parse(event.data))) {
      const element = page.querySelector(`[data-live="${CSS.escape(name)}"]`);
      if (element && element.textContent !== text) element.textContent = text;
    }
  });
  stream.addEventListener("error", () => lost(true));
  const charts = page.querySelector("#charts");
  const renew = async () => {
    const answer = document.hidden ? null : await fetch("/pipeline/charts").catch(() => null);
    if (answer && answer.ok) charts.replaceChildren(document.createRange().createContextualFragment(await answer.text()));
  };
  setInterval(renew, 10000);
  addEventListener("pagehide", () => stream.close());
}

const input = document.getElementById("q"), list = document.getElementById("completions"), form = document.getElementById("search");
if (input && list) completion(input, list);
if (form) tidy(form);
const box = document.getElementById("histogram");
if (box && form) histogram(box, form);
keys(input);
const page = document.getElementById("pipeline");
if (page) live(page);
