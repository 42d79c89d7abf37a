# SPDX-License-Identifier: GPL-2.0-or-later
"""What a page of the HTML report must keep to, as far as its text tells: each check yields sentences about breaches."""

import base64
import functools
import hashlib
import re

import html5lib

HTML = "{http://www.w3.org/1999/xhtml}"
SIZE_LIMIT = 5 << 20


@functools.lru_cache(maxsize=8)
def parse(text):
    """The page as a tree; a sentence instead when it is not valid HTML."""
    try:
        return html5lib.HTMLParser(strict=True, tree=html5lib.getTreeBuilder("etree")).parse(text)
    except html5lib.html5parser.ParseError as error:
        return f"no valid HTML: {error}"


def words(node):
    """The text of a node, blanks folded."""
    return " ".join("".join(node.itertext()).split())


def named(tree, name, css=""):
    """The elements of that name that have the class."""
    return [n for n in tree.iter(HTML + name) if not css or css in n.get("class", "").split()]


def is_valid(text):
    tree = parse(text)
    if isinstance(tree, str):
        yield tree
        return
    ids = [node.get("id") for node in tree.iter() if node.get("id")]
    for name in sorted({i for i in ids if ids.count(i) > 1}):
        yield f"the id {name} is used twice"
    for node in tree.iter():
        for attribute, value in node.attrib.items():
            attribute = str(attribute).rsplit("}", 1)[-1]
            if attribute in ("href", "src", "action", "data", "srcset", "poster"):
                if value.startswith("#"):
                    if value[1:] not in ids:
                        yield f"the link to {value} leads nowhere"
                elif value != "data:,":
                    yield f"{attribute}={value} leads out of the page"
            elif attribute == "style" or attribute.startswith("on"):
                yield f"attribute {attribute}: the page's policy forbids it"
            elif attribute in ("aria-labelledby", "aria-controls") and not set(value.split()) <= set(ids):
                yield f"{attribute}={value} names nothing"
    if re.search(r"@import|url\(", text):
        yield "the style loads something"
    if len(text.encode()) > SIZE_LIMIT:
        yield f"{len(text.encode())} bytes are too many"


def has_policy(text):
    """The Content-Security-Policy allows this style and this script and nothing else."""
    found = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', text)
    policy = dict(part.strip().split(" ", 1) for part in found.group(1).split(";")) if found else {}
    for name in ("default-src", "base-uri", "form-action"):
        if policy.get(name) != "'none'":
            yield f"the policy's {name} is {policy.get(name)}"
    for name in ("style", "script"):
        pieces = re.findall(rf"<{name}>(.*?)</{name}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256("".join(pieces).encode()).digest()).decode()
        if len(pieces) != 1 or policy.get(name + "-src") != f"'sha256-{digest}'":
            yield f"the policy's {name}-src is not the hash of the {name}"


# ---- beside the JSON report of the same run ----


def rows(tree, caption):
    """The rows of the table with that caption, as lists of texts."""
    for table in named(tree, "table"):
        heads = named(table, "caption")
        if heads and words(heads[0]).split(",")[0] == caption:
            return [[words(cell) for cell in row if cell.tag in (HTML + "td", HTML + "th")]
                    for body in named(table, "tbody") for row in named(body, "tr")]
    return []


def agrees_in_run(tree, run, number):
    """One run: stages, base, blocks, registers, boot_params, segments."""
    stages = [(words(named(li, "b", "name")[0]), li.get("data-phys"), li.get("data-mode"))
              for li in named(tree, "li", "stage")]
    if stages != [(s["name"], s["phys"], s["mode"]) for s in run["stages"]]:
        yield f"run {number}: the stages are {stages}"
    for li, stage in zip(named(tree, "li", "stage"), run["stages"]):
        if stage["phys"] not in words(li) or stage["mode"] not in words(li):
            yield f"run {number}: the timeline does not show {stage['phys']}, {stage['mode']}"
    outcome = words(named(tree, "p", "outcome")[0])
    if run["kernel"] and f"base {run['kernel']['base_phys']}" not in outcome:
        yield f"run {number}: the outcome does not tell the base {run['kernel']['base_phys']}"
    if not run["plan"]:
        return
    blocks = [[b["name"], b["phys"], hex(int(b["phys"], 16) + b["size"])] for b in run["plan"]["blocks"]]
    if [row[:3] for row in rows(tree, "Blocks that it placed")] != blocks:
        yield f"run {number}: the loader's blocks differ"
    writes = [[w["field"], w["value"], w["where"]] for w in run["plan"]["writes"]]
    if rows(tree, "Fields that it wrote") != writes:
        yield f"run {number}: the loader's fields differ"
    if run["kernel"]:
        segments = [[str(s["index"]), s["phys"], "yes" if s["matches"] else "no"] for s in run["kernel"]["segments"]]
        if [[r[0], r[1], r[3].split()[-1]] for r in rows(tree, "The kernel's segments")] != segments:
            yield f"run {number}: the kernel's segments differ"
    kept = [[k["name"], k["phys"]] for k in run["kept"]]
    if [row[:2] for row in rows(tree, "The loader's blocks that have to be kept")] != kept:
        yield f"run {number}: the kept blocks differ"
    if run["entry"]:
        yield from agrees_at_entry(tree, run["entry"], run["stages"], number)


def agrees_in_state(tree, run, findings, number):
    """The mark of a run and the end of its timeline: what the rules say of it; not started is unknown at best."""
    order = ["pass", "note", "unknown", "warning", "error"]
    state = max([f["severity"] if f["outcome"] == "fail" else f["outcome"] for f in findings if f["run"] == number
                 and f["outcome"] in ("fail", "unknown")] + ["pass" if run["plan"] else "unknown"], key=order.index)
    marks = [n.get("class") for n in named(named(tree, "summary")[0], "span", "dot")]
    if marks != ["dot " + state]:
        yield f"run {number}: its mark is {marks}, not {state}"
    ends = [n.get("class") for n in named(tree, "li", "end")]
    if len(ends) != 1 or (state == "unknown" and not run["entry"] and ends != ["end doubt"]):
        yield f"run {number}: the timeline ends with {ends}, the run is {state}"


def agrees_at_entry(tree, entry, stages, number):
    stage = next(s["name"] for s in reversed(stages) if s["phys"] == entry["phys"])
    table = rows(tree, f"Registers before the first instruction of {stage}")
    shown = {row[0].split()[0]: row[-2] for row in table}
    for name, value in entry["regs"].items():
        if shown.get(name, "0x0") != value:
            yield f"run {number}: {name} is {shown.get(name)}, not {value}"
    if len(shown) < 20:
        yield f"run {number}: only {len(shown)} registers at the entry"
    if entry["boot_params"]["bytes"]:
        memory = bytes.fromhex(entry["boot_params"]["bytes"])
        fields = {row[1].split()[0]: row for row in rows(tree, "Fields")}
        for name, offset, size in (("cmd_line_ptr", 0x228, 4), ("ramdisk_image", 0x218, 4), ("version", 0x206, 2),
                                   ("type_of_loader", 0x210, 1), ("pref_address", 0x258, 8)):
            value = hex(int.from_bytes(memory[offset:offset + size], "little"))
            # Older protocols do not have each of them.
            if name in fields and (fields[name][0], fields[name][2]) != (f"0x{offset:03x}", value):
                yield f"run {number}: boot_params.{name} is {fields[name]}, not {value}"
        if len(fields) < 15:
            yield f"run {number}: only {len(fields)} fields of boot_params"
        if len(rows(tree, "e820_table")) != memory[0x1e8]:
            yield f"run {number}: e820_table has not {memory[0x1e8]} rows"


def agrees(text, report):
    """The page says what the JSON report of the same run says."""
    tree = parse(text)
    if isinstance(tree, str):
        yield tree
        return
    verdict = words(named(tree, "p", "word")[0])
    if not verdict.endswith(report["verdict"].upper()):
        yield f"the verdict is {verdict}, not {report['verdict']}"
    if report["image"]["path"] not in words(named(tree, "h2")[0]):
        yield "the path is missing"
    if report["image"]["sha256"] not in text:
        yield "the SHA-256 is missing"
    shown = {(li.get("data-rule"), words(named(li, "p", "message")[0])) for li in named(tree, "li", "finding")}
    wanted = {(f["rule"], " ".join(f["message"].split())) for f in report["findings"]
              if f["outcome"] in ("fail", "unknown")}
    if shown != wanted:
        yield f"the findings are {sorted(shown)}, not {sorted(wanted)}"
    for finding in report["findings"]:
        if finding["outcome"] == "fail":
            details = [" ".join(finding[key].split()) for key in ("where", "expected", "actual", "spec") if finding[key]]
            if not any(li.get("data-rule") == finding["rule"] and all(detail in words(li) for detail in details)
                       for li in named(tree, "li", "finding")):
                yield f"{finding['rule']}: not all of {details} is shown"
    counts = words(named(tree, "ul", "counts")[0])
    for outcome, word in (("pass", "checks passed"), ("skip", "skipped")):
        count = sum(f["outcome"] == outcome for f in report["findings"])
        if f"{count:,} {word}" not in counts:
            yield f"the page does not count {count} {word}: {counts}"
    runs = named(tree, "details", "run")
    if len(runs) != len(report["runs"]):
        yield f"{len(runs)} runs, not {len(report['runs'])}"
    for number, (details, run) in enumerate(zip(runs, report["runs"])):
        yield from agrees_in_run(details, run, number)
        yield from agrees_in_state(details, run, report["findings"], number)
