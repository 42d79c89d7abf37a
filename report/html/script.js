"use strict";
/* Everything can be read without this script: it makes tabs of the runs and lets the memory maps be zoomed. */
(function () {
  const PAGE = 4096;
  const SVG = "http://www.w3.org/2000/svg";

  function element(name, attributes, text) {
    const node = document.createElement(name);
    for (const key of Object.keys(attributes)) node.setAttribute(key, attributes[key]);
    if (text) node.textContent = text;
    return node;
  }

  /* ---- runs as tabs ---- */

  function makeTabs(section) {
    const runs = Array.from(section.querySelectorAll(":scope > .run"));
    if (runs.length < 2) {
      if (runs.length === 1) runs[0].open = true;
      return;
    }
    const list = element("div", { class: "tabs", role: "tablist", "aria-label": "Runs" });
    const wide = window.matchMedia("(min-width: 1000px)");
    const orient = () => list.setAttribute("aria-orientation", wide.matches ? "vertical" : "horizontal");
    const tabs = runs.map((run) => {
      const body = run.querySelector(":scope > .body");
      const tab = element("button", { role: "tab", type: "button", id: body.id + "-tab", "aria-controls": body.id });
      for (const child of run.querySelector(":scope > summary").childNodes) tab.append(child.cloneNode(true));
      body.setAttribute("role", "tabpanel");
      body.setAttribute("aria-labelledby", tab.id);
      body.setAttribute("tabindex", "0");
      list.append(tab);
      return tab;
    });

    function select(index, focus) {
      tabs.forEach((tab, i) => {
        tab.setAttribute("aria-selected", String(i === index));
        tab.setAttribute("tabindex", i === index ? "0" : "-1");
        runs[i].open = i === index;
      });
      if (focus) tabs[index].focus();
      const tab = tabs[index];
      list.scrollLeft = Math.min(Math.max(list.scrollLeft, tab.offsetLeft + tab.offsetWidth - list.clientWidth),
        Math.max(tab.offsetLeft - 8, 0));
      list.scrollTop = Math.min(Math.max(list.scrollTop, tab.offsetTop + tab.offsetHeight + 8 - list.clientHeight),
        Math.max(tab.offsetTop - 8, 0));
    }

    tabs.forEach((tab, index) => {
      tab.addEventListener("click", () => select(index, true));
      tab.addEventListener("keydown", (event) => {
        const last = tabs.length - 1;
        const next = {
          ArrowRight: index === last ? 0 : index + 1, ArrowDown: index === last ? 0 : index + 1,
          ArrowLeft: index === 0 ? last : index - 1, ArrowUp: index === 0 ? last : index - 1,
          Home: 0, End: last,
        }[event.key];
        if (next === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        select(next, true);
      });
    });
    orient();
    wide.addEventListener("change", orient);
    section.insertBefore(list, runs[0]);
    section.classList.add("tabbed");
    select(Math.max(runs.findIndex((run) => run.open), 0), false);
    section.bzcSelect = (run) => select(runs.indexOf(run), false);
  }

  /* ---- memory maps ---- */

  function bytes(pages) {
    const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let value = pages * PAGE, unit = 0;
    while (value >= 1024 && unit + 1 < units.length) { value /= 1024; unit++; }
    return (Math.round(value * 10) / 10) + " " + units[unit];
  }

  function hex(pages) {
    return "0x" + Math.round(pages * PAGE).toString(16);
  }

  function drawTicks(group, lo, hi, width, y) {
    const most = Math.max(2, Math.floor(width / 110));
    let step = 1 / 256;
    while ((hi - lo) / step > most) step *= 2;
    group.replaceChildren();
    for (let at = Math.ceil(lo / step) * step; at <= hi; at += step) {
      const part = (at - lo) / (hi - lo), x = (part * 100).toFixed(3) + "%";
      const line = document.createElementNS(SVG, "line"), text = document.createElementNS(SVG, "text");
      line.setAttribute("x1", x);
      line.setAttribute("x2", x);
      line.setAttribute("y1", "0");
      line.setAttribute("y2", String(y + 4));
      text.setAttribute("x", x);
      text.setAttribute("y", String(y + 17));
      if (part * width < 40) text.setAttribute("class", "first");
      if ((1 - part) * width < 40) text.setAttribute("class", "last");
      text.textContent = hex(at);
      group.append(line, text);
    }
  }

  function makeMap(maps) {
    const views = Array.from(maps.querySelectorAll(".map"));
    const figure = views[0], svg = figure.querySelector("svg");
    const caption = figure.querySelector("figcaption");
    const bars = Array.from(svg.querySelectorAll("svg.bar"));
    const labels = Array.from(svg.querySelectorAll(".bl")).map((text) => ({
      text, from: Number(text.dataset.a), size: Number(text.dataset.z), length: text.textContent.length,
      quiet: "quiet" in text.dataset,
    }));
    const ticks = svg.querySelector(".ticks"), height = Number(svg.getAttribute("height")) - 22;
    const full = { lo: 0, hi: Number(figure.dataset.hi) };
    let lo = Number(figure.dataset.lo), hi = full.hi;

    const controls = element("div", { class: "controls", role: "group", "aria-label": "Zoom of the memory map" });
    const status = element("p", { class: "status", role: "status" });
    const frame = element("div", {
      class: "zoomed", tabindex: "0", role: "group",
      "aria-label": "Memory map: plus and minus zoom, arrow keys move, 0 shows all",
    });

    function show(from, to) {
      const least = 1 / 16, size = Math.min(Math.max(to - from, least), full.hi - full.lo);
      const middle = (from + to) / 2;
      lo = Math.min(Math.max(middle - size / 2, full.lo), full.hi - size);
      hi = lo + size;
      const width = svg.getBoundingClientRect().width || 320;
      for (const bar of bars) bar.setAttribute("viewBox", lo + " 0 " + (hi - lo) + " 1");
      for (const label of labels) {
        const a = Math.max(label.from, lo), b = Math.min(label.from + label.size, hi);
        const fits = !label.quiet && b > a && ((b - a) / (hi - lo)) * width > label.length * 6.4 + 8;
        if (fits) {
          label.text.removeAttribute("display");
          label.text.setAttribute("x", (((a + b) / 2 - lo) / (hi - lo) * 100).toFixed(3) + "%");
        } else {
          label.text.setAttribute("display", "none");
        }
      }
      drawTicks(ticks, lo, hi, width, height);
      figure.dataset.lo = lo;
      figure.dataset.hi = hi;
      status.textContent = "Shown: " + hex(lo) + " to " + hex(hi) + ", " + bytes(hi - lo);
    }
    const zoom = (factor) => { const m = (lo + hi) / 2, s = (hi - lo) * factor / 2; show(m - s, m + s); };
    const move = (part) => { const s = (hi - lo) * part; show(lo + s, hi + s); };
    const all = () => show(full.lo, full.hi);

    function button(text, name, action) {
      const node = element("button", { type: "button" }, text);
      if (name) node.setAttribute("aria-label", name);
      node.addEventListener("click", action);
      controls.append(node);
    }
    button("+", "Zoom in", () => zoom(0.5));
    button("\u2212", "Zoom out", () => zoom(2));
    button("\u2190", "Move to lower addresses", () => move(-0.25));
    button("\u2192", "Move to higher addresses", () => move(0.25));
    views.forEach((view, index) => {
      const from = Number(view.dataset.lo), to = Number(view.dataset.hi);
      const name = view.querySelector("figcaption").textContent;
      button(name[0].toUpperCase() + name.slice(1), "", () => (index === 0 ? all() : show(from, to)));
    });
    const select = element("select", { "aria-label": "Zoom to a block" });
    select.append(element("option", { value: "" }, "Zoom to a block\u2026"));
    labels.forEach((label, index) =>
      select.append(element("option", { value: String(index) }, label.text.textContent + " at " + hex(label.from))));
    select.addEventListener("change", () => {
      const label = labels[Number(select.value)];
      if (select.value === "" || !label) return;
      const margin = Math.max(label.size, 1 / 16);
      show(label.from - margin, label.from + label.size + margin);
    });
    controls.append(select);

    frame.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const action = {
        "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), "0": all, Home: all,
        ArrowLeft: () => move(-0.25), ArrowRight: () => move(0.25),
      }[event.key];
      if (!action) return;
      event.preventDefault();
      action();
    });
    views.slice(1).forEach((view) => { view.hidden = true; });
    caption.hidden = true;
    figure.replaceWith(frame);
    frame.append(figure);
    frame.before(controls);
    frame.after(status, element("p", { class: "keys" }, "Keys in the map: + and \u2212 zoom, \u2190 and \u2192 move, 0 shows all."));
    new ResizeObserver(() => { if (svg.getBoundingClientRect().width > 0) show(lo, hi); }).observe(svg);
    show(lo, hi);
  }

  /* ---- links into what is folded ---- */

  function reveal() {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let node = target; node; node = node.parentElement) {
      if (node.matches(".tabbed > .run")) node.parentElement.bzcSelect(node);
      else if (node.matches("details")) node.open = true;
    }
    target.scrollIntoView();
    target.focus({ preventScroll: true });
  }

  /* On paper nothing can be unfolded. */
  let folded = [];
  window.addEventListener("beforeprint", () => {
    folded = Array.from(document.querySelectorAll("details:not([open]):not(.tabbed > .run):not(.quiet)"))
      .filter((node) => !node.closest(".tabbed > .run:not([open])"));
    folded.forEach((node) => { node.open = true; });
  });
  window.addEventListener("afterprint", () => folded.forEach((node) => { node.open = false; }));

  document.querySelectorAll(".maps").forEach(makeMap);
  document.querySelectorAll(".runs").forEach(makeTabs);
  window.addEventListener("hashchange", reveal);
  reveal();
})();
