# SPDX-License-Identifier: GPL-2.0-or-later
"""What a page of the HTML report must keep to in a browser: each check yields sentences about breaches."""

from browser import Picture

OPEN_ALL = "document.querySelectorAll('details:not(.run)').forEach(d => { d.open = true; })"

# Every element with text of its own, and the colour behind it: of the nearest ancestors that are not transparent.
CONTRAST = """(() => {
  const parse = (text) => {
    const part = (text.match(/[0-9.]+/g) || []).map(Number);
    return text.startsWith("rgb") ? [part[0], part[1], part[2], part.length > 3 ? part[3] : 1] : [0, 0, 0, 0];
  };
  const light = (c) => c.slice(0, 3).map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const c = parse(getComputedStyle(node).backgroundColor);
      if (c[3] === 1) return c;
    }
    return [255, 255, 255, 1];
  };
  const seen = {};
  let count = 0;
  for (const node of document.querySelectorAll("body *")) {
    if (!Array.from(node.childNodes).some((n) => n.nodeType === 3 && n.data.trim())) continue;
    if (["SCRIPT", "STYLE", "OPTION"].includes(node.tagName) || !node.checkVisibility()) continue;
    if (node.closest("svg")) continue;
    const style = getComputedStyle(node);
    count++;
    const r = ratio(parse(style.color), behind(node));
    if (r < 4.5) seen[node.tagName + "." + node.className + " " + style.color] = r.toFixed(2);
  }
  /* Names on the bars of a map and on the nodes of a graph: against every fill that they may lie on. */
  const text = document.querySelector(".map .bl, .graph .node-name");
  if (text) {
    const ink = parse(getComputedStyle(text).fill);
    for (let i = 0; i <= 10; i++) {
      const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      rect.setAttribute("class", "w" + i);
      text.parentNode.append(rect);
      const r = ratio(ink, parse(getComputedStyle(rect).fill));
      rect.remove();
      count++;
      if (r < 4.5) seen["name on w" + i] = r.toFixed(2);
    }
  }
  return {seen, count};
})()"""


def is_quiet(browser, path):
    """No message of an error, nothing fetched but the page."""
    browser.open(path)
    for event in browser.events:
        params = event["params"]
        if event["method"] == "Runtime.exceptionThrown":
            yield f"exception: {params['exceptionDetails']['text']}"
        elif event["method"] == "Runtime.consoleAPICalled":
            yield f"console: {params['args']}"
        elif event["method"] == "Log.entryAdded":
            yield f"log: {params['entry']['text']}"
        elif event["method"] == "Network.requestWillBeSent":
            url = params["request"]["url"]
            if not url.startswith("data:") and not url.endswith(path.rsplit("/", 1)[-1]):
                yield f"request: {url}"


def fits_a_phone(browser, path):
    browser.open(path, 360, 740)
    for state in ("as it opens", "unfolded"):
        width = browser.evaluate("document.documentElement.scrollWidth")
        if width > 360:
            yield f"{state} the page is {width} pixels wide on a phone"
        wide = browser.evaluate("Array.from(document.querySelectorAll('main *')).filter(n => { const r = "
                                "n.getBoundingClientRect(); return r.width > 0 && r.right > 361 && !n.closest("
                                "'.scroll, pre, .tabs, svg'); }).map(n => n.tagName + '.' + n.className).slice(0, 5)")
        if wide:
            yield f"{state} these stick out on a phone: {wide}"
        browser.evaluate(OPEN_ALL)


def has_names(browser, path):
    """Every picture has a name that a screen reader finds."""
    browser.open(path)
    browser.evaluate(OPEN_ALL)
    nameless = browser.evaluate("Array.from(document.querySelectorAll('svg, [role=img]')).filter(n => "
                                "!n.closest('[aria-hidden=true]') && !n.parentElement.closest('[role=img]') && "
                                "!(n.getAttribute('role') === 'img' && n.getAttribute('aria-label'))).length")
    if nameless:
        yield f"{nameless} pictures have no name"
    nodes = browser.command("Accessibility.getFullAXTree")["nodes"]
    pictures = [n for n in nodes if n.get("role", {}).get("value") in ("image", "img", "graphics-document")]
    pictures = [n for n in pictures if not n.get("ignored")]
    if len(pictures) < 2:
        yield f"a screen reader finds {len(pictures)} pictures"
    for node in pictures:
        if not node.get("name", {}).get("value", "").strip():
            yield "a screen reader finds a picture without a name"
    for role in ("button", "tab", "link", "combobox"):
        for node in nodes:
            if node.get("role", {}).get("value") == role and not node.get("name", {}).get("value", "").strip():
                yield f"a {role} has no name"


def has_contrast(browser, path):
    backgrounds = {}
    for dark in (False, True):
        browser.open(path, dark=dark)
        browser.evaluate(OPEN_ALL)
        result = browser.evaluate(CONTRAST)
        for name, ratio in sorted(result["seen"].items()):
            yield f"{'dark' if dark else 'light'}: contrast of {name} is {ratio}"
        if result["count"] < 100:
            yield f"only {result['count']} texts were looked at"
        backgrounds[dark] = browser.evaluate("getComputedStyle(document.body).backgroundColor")
    if backgrounds[False] == backgrounds[True]:
        yield "dark mode has the same background"


def has_tabs(browser, path):
    """Runs are tabs that the keyboard moves (WAI-ARIA Authoring Practices, Tabs Pattern)."""
    state = ("(() => { const t = Array.from(document.querySelectorAll('[role=tab]')); const s = t.findIndex(n => "
             "n.getAttribute('aria-selected') === 'true'); return [s, t.indexOf(document.activeElement), t.length, "
             "t.filter(n => n.tabIndex === 0).length, Array.from(document.querySelectorAll('[role=tabpanel]'))"
             ".filter(n => n.checkVisibility()).map(n => n.getAttribute('aria-labelledby') === t[s].id)"
             ".join()]; })()")
    browser.open(path)
    browser.evaluate("document.querySelector('[role=tab][aria-selected=true]').focus()")
    selected, focus, count, stops, shown = browser.evaluate(state)
    if (focus, stops, shown) != (selected, 1, "true"):
        yield f"tab {selected} is selected, {focus} has the focus, {stops} are stops, panels shown: {shown}"
    for key, wanted in (("Home", 0), ("ArrowDown", 1), ("ArrowRight", 2), ("ArrowUp", 1), ("ArrowLeft", 0),
                        ("ArrowLeft", count - 1), ("ArrowRight", 0), ("End", count - 1)):
        browser.press(key)
        now = browser.evaluate(state)
        if now != [wanted, wanted, count, 1, "true"]:
            yield f"after {key} the tabs are {now}, not at {wanted} of {count}"
    browser.press("Tab")
    if browser.evaluate("document.activeElement.getAttribute('role')") != "tabpanel":
        yield "Tab does not lead from the tab to its panel"
    if browser.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "none":
        yield "the focus cannot be seen"


def lists_runs_on_a_phone(browser, path):
    """More than 6 runs stand below each other, and the one that is shown can be seen."""
    browser.open(path, 360, 740, True)
    for which in ("last", "first"):
        # As a link in a finding does.
        browser.evaluate(f"location.hash = document.querySelector('[role=tab]:{which}-child').getAttribute('aria-controls')")
        browser.settle()
        count, wide, high, inside = browser.evaluate(
            "(() => { const t = document.querySelector('[role=tab][aria-selected=true]'), l = t.parentElement, a = "
            "t.getBoundingClientRect(), b = "
            "l.getBoundingClientRect(); return [l.children.length, l.scrollWidth - l.clientWidth, b.height, "
            "a.top >= b.top - 1 && a.bottom <= b.bottom + 1 && a.left >= b.left - 1 && a.right <= b.right + 1]; })()")
        if not inside:
            yield f"the {which} run is shown, but its tab cannot be seen"
        if count > 6 and wide > 0:
            yield f"{count} tabs stand in a strip, {wide} pixels of which cannot be seen"
        if high > 444:
            yield f"the {count} tabs are {high} of 740 pixels high"


def is_doubtful(browser, path):
    """A run that was not started comes first and is as yellow as the verdict, by day and by night."""
    for dark in (False, True):
        browser.open(path, 1280, 900, dark)
        colours = browser.evaluate(
            "['.verdict .word', '[role=tab][aria-selected=true] .dot', '.run[open] .timeline .end b'].map(s => { const n "
            "= document.querySelector(s); return n && getComputedStyle(n).color; })")
        if len(set(colours)) != 1 or not colours[0]:
            yield f"verdict, mark and end are {colours}"


def zooms(browser, path):
    state = ("(() => { const f = document.activeElement.querySelector('.map'); return [Number(f.dataset.lo), "
             "Number(f.dataset.hi), f.querySelector('svg.bar').getAttribute('viewBox')]; })()")
    browser.open(path)
    if not browser.evaluate("(() => { const z = Array.from(document.querySelectorAll('.zoomed')).find(n => "
                            "n.checkVisibility()); if (z) z.focus(); return Boolean(z); })()"):
        yield "no memory map takes the focus"
        return
    low, high, _ = browser.evaluate(state)
    middle, size = (low + high) / 2, high - low
    for key, wanted in (("+", (middle - size / 4, middle + size / 4)),
                        ("ArrowRight", (middle - size / 8, middle + size * 3 / 8)),
                        ("ArrowLeft", (middle - size / 4, middle + size / 4)),
                        ("-", (low, high)), ("+", (middle - size / 4, middle + size / 4)), ("0", (low, high))):
        browser.press(key)
        start, end, box = browser.evaluate(state)
        if (start, end) != wanted:
            yield f"after {key} the map shows pages {start} to {end}, not {wanted}"
        if [float(n) for n in box.split()] != [start, 0, end - start, 1]:
            yield f"after {key} the bars show {box}"
    browser.evaluate("(() => { const s = document.activeElement.parentElement.querySelector('select'); "
                     "s.value = Array.from(s.options).find(o => o.text.startsWith('protected-mode part')).value; "
                     "s.dispatchEvent(new Event('change')); })()")
    start, end, _ = browser.evaluate(state)
    if not low <= start < end <= high or end - start > size / 2:
        yield f"zooming to a block shows pages {start} to {end}"


def works_without_script(browser, path, report):
    browser.allow_script(False)
    try:
        browser.open(path, 1280, 1400)
        runs, maps, shown = browser.evaluate(
            "[Array.from(document.querySelectorAll('.run > summary')).filter(n => n.checkVisibility()).length, "
            "Array.from(document.querySelectorAll('.map')).filter(n => n.checkVisibility()).length, "
            "Array.from(document.querySelectorAll('.run')).findIndex(n => n.open)]")
        if runs != len(report["runs"]):
            yield f"without a script {runs} runs can be unfolded"
        if maps != 3:
            yield f"without a script {maps} maps are shown"
        for number in range(1, maps + 1):
            for breach in map_is_to_scale(browser, f".run[open] .map:nth-of-type({number})", report["runs"][shown]):
                yield f"without a script, map {number}, {breach}"
    finally:
        browser.allow_script(True)


def opens_rule_pages(browser, path):
    """A finding's link unfolds the page of its rule."""
    browser.open(path)
    links = browser.evaluate("Array.from(new Set(Array.from(document.querySelectorAll('.finding .more a')).map(a => "
                             "a.getAttribute('href'))))")
    for link in links:
        shown = browser.evaluate(f"(async () => {{ const a = document.querySelector('.more a[href=\"{link}\"]'); "
                                 f"const t = document.querySelector('{link}'); const before = t.checkVisibility(); "
                                 "a.click(); await new Promise(d => setTimeout(d, 100)); "
                                 "return [before, t.checkVisibility(), t.textContent.length]; })()")
        if shown[0] or not shown[1] or shown[2] < 200:
            yield f"the link {link} to a rule's page shows {shown}"


# ---- pixels ----


def luminance(colour):
    parts = [v / 255 for v in colour]
    parts = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return sum(v * weight for v, weight in zip(parts, (0.2126, 0.7152, 0.0722)))


def colour_of(text):
    """(red, green, blue) of "rgb(1, 2, 3)"."""
    return tuple(int(part) for part in text[text.index("(") + 1:text.index(")")].split(",")[:3])


def is_drawn(browser, path):
    """Screenshots: the page is not blank, the verdict's colour is where it belongs, dark is dark."""
    back = {}
    for dark in (False, True):
        browser.open(path, dark=dark)
        picture = Picture(browser.screenshot(full=False))
        colours = {picture.at(x, y) for y in range(0, picture.height, 3) for x in range(0, picture.width, 3)}
        if len(colours) < 20:
            yield f"the page has only {len(colours)} colours"
        box, css = browser.evaluate("(() => { const v = document.querySelector('.verdict'), r = "
                                    "v.getBoundingClientRect(); return [[r.x, r.y, r.width, r.height], "
                                    "getComputedStyle(v).backgroundColor]; })()")
        wanted = colour_of(css)
        hits = sum(picture.at(x, y) == wanted
                   for y in range(int(box[1]) + 4, int(box[1] + box[3]) - 4, 4)
                   for x in range(int(box[0]) + 8, int(box[0] + box[2]) - 8, 4))
        total = len(range(int(box[1]) + 4, int(box[1] + box[3]) - 4, 4)) * \
            len(range(int(box[0]) + 8, int(box[0] + box[2]) - 8, 4))
        if hits < total * 0.6:
            yield f"the verdict's colour fills {hits} of {total} points of its box"
        back[dark] = luminance(picture.at(3, picture.height - 3))
    if not (back[False] > 0.8 and back[True] < 0.05):
        yield f"the background's luminance is {back[False]:.2f}, in dark mode {back[True]:.2f}"


def edges(picture, y, left, right, ground):
    """[first, last + 1) of the pixels of a line that are not of the ground's colour."""
    found, start = [], None
    for x in range(left, right):
        if picture.at(x, y) != ground:
            start = x if start is None else start
        elif start is not None:
            found.append((start, x))
            start = None
    return found + ([(start, right)] if start is not None else [])


def misplaced(seen, expect):
    """Whether spans of pixels are drawn where none is expected, or the other way around, by more than an outline."""
    near = all(any(e[0] - 3 <= s[0] and s[1] <= e[1] + 3 for e in united(expect)) for s in seen)
    full = all(any(s[0] - 2 <= (e[0] + e[1]) / 2 <= s[1] + 2 and s[0] <= e[0] + 3 and e[1] - 3 <= s[1] for s in seen)
               for e in expect)
    return not (near and full)


def united(spans):
    """Spans whose outlines may touch as one."""
    result = []
    for start, end in sorted(spans):
        if result and start - result[-1][1] <= 5:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


FILLS = """[0, 1, 2].map((number) => {
  const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  rect.setAttribute("class", "w" + number);
  document.querySelector(".map svg").append(rect);
  const fill = getComputedStyle(rect).fill;
  rect.remove();
  return fill;
})"""


def map_is_to_scale(browser, figure, run):
    """One map: what the loader placed and the kernel's segments lie where their addresses demand."""
    browser.evaluate(f"document.querySelector('{figure}').scrollIntoView()")
    blocks = [(int(b["phys"], 16), b["size"]) for b in run["plan"]["blocks"] if b["size"]]
    segments = [(int(s["phys"], 16), s["memsz"]) for s in run["kernel"]["segments"]] if run["kernel"] else []
    low, high = browser.evaluate(f"(() => {{ const f = document.querySelector('{figure}'); return "
                                 "[f.dataset.lo, f.dataset.hi].map(n => Number(n) * 4096); })()")
    bars = browser.evaluate(f"Array.from(document.querySelectorAll('{figure} .bg')).map(n => {{ const r = "
                            "n.getBoundingClientRect(); return [r.x, r.y, r.width, r.height, "
                            "getComputedStyle(n).fill]; })")
    captions = browser.evaluate(f"Array.from(document.querySelectorAll('{figure} .cap')).map(n => n.textContent)")
    fills = [colour_of(css) for css in browser.evaluate(FILLS)]
    picture = Picture(browser.screenshot(full=False))
    for caption, (x, y, width, height, css) in zip(captions, bars):
        wanted = blocks if "placed" in caption else segments if "lies" in caption else None
        if wanted is None:
            continue
        expect = []
        for phys, size in wanted:
            start, end = max(phys, low), min(phys + size, high)
            if start <= end:  # also what touches the view: its outline is seen
                expect.append((x + (start - low) / (high - low) * width, x + (end - low) / (high - low) * width))
        # Near the lower edge, where no name is drawn; the room's dashes run along the edge itself.
        line = int(y + height - 4)
        seen = edges(picture, line, int(x), int(x + width), colour_of(css))
        if "room" in caption:
            seen = [s for s in seen if any(s[0] < e[1] + 3 and s[1] > e[0] - 3 for e in expect)]
        if misplaced(seen, expect):
            yield f"{caption}: drawn at {seen}, not at {[(round(a, 1), round(b, 1)) for a, b in expect]}"
        for start, end in expect:
            if end - start > 12 and picture.at((start + end) / 2, line) not in fills:
                yield f"{caption}: {picture.at((start + end) / 2, line)} at {start:.0f} is no writer's colour"


def is_to_scale(browser, path, report):
    """The map of the run that is shown, in each of its views."""
    browser.open(path, 1280, 1400)
    shown = browser.evaluate("Number(document.querySelector('[role=tab][aria-selected=true]').id.match(/r([0-9]+)/)[1])")
    for view in ("All that is used", "Around the kernel", "The first megabyte"):
        browser.evaluate("Array.from(document.querySelectorAll('.run[open] .controls button')).find(b => "
                         f"b.textContent === '{view}').click()")
        for breach in map_is_to_scale(browser, ".run[open] .zoomed .map", report["runs"][shown]):
            yield f"run {shown}, {view}, {breach}"
