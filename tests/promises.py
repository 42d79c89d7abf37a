# SPDX-License-Identifier: GPL-2.0-or-later
"""Which runs an image must get, worked out without bzcheck: the ways in that its header and its payload promise, and the
load addresses that probe what the protocol says of relocation. Used by the tests that run the whole program.

Sources: boot.rst, Details of Header Fields, 32-bit and 64-bit Boot Protocol; arch/x86/boot/compressed/misc.c.
"""

import struct

import kernel_facts as facts

LOW, HIGH, FOUR_GIB, TWO_MIB = 0x10000, 0x100000, 1 << 32, 2 << 20
KERNEL_64, ABOVE_4G = 1, 2  # xloadflags
PROBES_MAX = 4  # of the image's own check; the last one lies above its limit
CHECK_TEXT = "Destination address too large"  # extract_kernel()


def scenarios(header, kernel):
    """Names, in the order of `bzcheck verify --list-scenarios`. For Linux: a kernel is there."""
    if not header.loaded_high:
        return ["zimage"]
    names = ["bios"]
    if header.version >= 0x202:  # before, the kernel does not take the place of boot_params from ESI
        names.append("entry32")
    if header.xloadflags & KERNEL_64:
        names.append("entry64")
    if header.names_payload and kernel.entry_virt is not None:
        names.append("payload-elf")
        if kernel.pvh_entry is not None:
            names.append("pvh")
    return names


def knows_kaslr(header):
    """choose_random_location() looks for nokaslr (so does the EFI stub, of any kernel) and speaks of it as KASLR."""
    return b"nokaslr" in header.protected_mode and (
        b"KASLR disabled" in header.protected_mode or b"bzcstub1" in header.protected_mode
    )


def number(text):
    return None if text is None else int(text, 16)


def is_of_class(address, shift):
    """A multiple of 2^shift and of nothing more."""
    return address & ((2 << shift) - 1) == 1 << shift


class Found:
    """The runs of a report, to be asked."""

    def __init__(self, report):
        self.runs = report["runs"]

    def of(self, scenario):
        return [run for run in self.runs if run["scenario"] == scenario]

    def kept(self, scenario, expects="kernel"):
        """{(load address, kernel_alignment)} of the runs without KASLR."""
        return {
            (number(run["load_addr"]), number(run["relocation"] and run["relocation"]["kernel_alignment"]))
            for run in self.of(scenario)
            if not run["kaslr"] and run["expects"] == expects
        }


def place_breaches(found, header, names):
    """The usual load address, pref_address, and for the 64-bit entry one above 4 GiB."""
    for name in names:
        places = {place for place, _ in found.kept(name, "running" if name in ("payload-elf", "pvh") else "kernel")}
        wanted = {{"zimage": LOW, "payload-elf": None, "pvh": None}.get(name, HIGH)}
        if header.relocatable and name in ("bios", "entry32", "entry64"):
            wanted |= {max(HIGH, header.pref_address)}
        if not wanted <= places:
            yield f"{name}: no run at {sorted(map(str, wanted - places))}"
        if not header.relocatable and name != "bios" and len(places) != 1:
            yield f"{name}: a kernel that is not relocatable is loaded at {sorted(places)}"
        high = header.relocatable and name == "entry64" and header.xloadflags & ABOVE_4G
        if bool(high) != any(place and FOUR_GIB <= place < 2 * FOUR_GIB for place in places):
            yield f"{name}: {'no' if high else 'a'} run above 4 GiB"


def class_breaches(found, header):
    """Every alignment from min_alignment to kernel_alignment, each with kernel_alignment rewritten and as it is; and
    addresses that no alignment fits."""
    runs = found.kept("bios")
    above = {(place, unit) for place, unit in runs if place > max(HIGH, header.pref_address)}
    highest = header.alignment.bit_length() - 1
    lowest = header.min_alignment if header.version >= 0x20A else highest
    for shift in range(lowest, highest):
        for unit, what in ((1 << shift, "kept"), (header.alignment, "aligned up")):
            if not any(is_of_class(place, shift) and found_unit == unit for place, found_unit in above):
                yield f"no run at a multiple of 2^{shift} that is {what}"
    near = max(HIGH, header.pref_address) + 4 * header.alignment
    if not any(place % header.alignment == 0 and place <= near for place, _ in above):
        yield "no run at a multiple of kernel_alignment above pref_address"
    if not any(place % 4096 for place, _ in above):
        yield "no run at an address that is not page aligned"
    # The decompressor copies itself to the end of init_size bytes from the kernel's place on, its bss behind it.
    size = len(header.protected_mode)
    if size <= header.init_size < 2 * size and not any(place % header.alignment == 0 for place, _ in runs):
        yield "no run at which the copy of the image overlaps the image"
    if lowest > 12 and not any(is_of_class(place, 12) for place, _ in above):
        yield "no run at an address that is only page aligned"


def check_limit(header, kernel):
    """The address that the heap of extract_kernel() must not exceed."""
    if kernel.bits == 64:
        return 0x3FFFFFFFFFFF
    return (-kernel.virt_offset - (128 << 20) - 1) & 0x7FFFFFFF


def check_breaches(found, header, kernel):
    """The highest address that the image's own check accepts, and one step above it. The heap that the check looks at
    lies somewhere in the init_size bytes from the kernel's place on."""
    name = "entry64" if kernel.bits == 64 else "bios"
    there = CHECK_TEXT.encode() in header.protected_mode and header.version >= 0x20A
    there = there and (kernel.bits == 32 or header.xloadflags & (KERNEL_64 | ABOVE_4G) == KERNEL_64 | ABOVE_4G)
    limit, step = check_limit(header, kernel), max(TWO_MIB, header.alignment)
    probes = [run for run in found.runs if run["expects"] == "refusal"]
    if not there:
        if probes:
            yield f"probes of a check that the image does not have: {list(map(facts.name_of, probes))}"
        return
    refused = {number(run["load_addr"]) for run in probes if run["result"] == "halt"}
    accepted = {number(run["load_addr"]) for run in found.of(name) if run["result"] == "entry"}
    if len(refused) != 1 or {run["scenario"] for run in probes} != {name}:
        yield f"not one refused address: {list(map(facts.name_of, probes))}"
        return
    place, top = refused.pop(), max(accepted)
    if place + header.init_size <= limit or top > limit:
        yield f"accepted at {top:#x}, refused at {place:#x}, but the limit is {limit:#x}"
    if place != top + step and (len(probes) < PROBES_MAX or place <= limit):
        yield f"accepted at {top:#x}, refused at {place:#x}: more than one step of {step:#x} between them"
    # The decompressor speaks on the screen that setup found, or on the serial line when it knows earlyprintk.
    says_why = name == "bios" or b"earlyprintk" in header.protected_mode
    for run in probes:
        if run["result"] == "halt" and (run["refusal"] or says_why) and run["refusal"] != CHECK_TEXT:
            yield f"{facts.name_of(run)}: the message is {run['refusal']}"


def fixed_breaches(found, header):
    places = found.kept("bios", "not-moved")
    if not places or any(place in (HIGH, header.pref_address) for place, _ in places):
        yield f"a kernel that is not relocatable was not tried elsewhere: {places}"


def run_set_breaches(report, header, kernel):
    """Whether the runs without options are all that the image promises."""
    found, names = Found(report), scenarios(header, kernel)
    ran = {run["scenario"] for run in report["runs"]}
    if ran != set(names):
        yield f"the scenarios are {sorted(ran)}, expected {names}"
        return
    yield from place_breaches(found, header, names)
    seeds = {(run["scenario"], run["kaslr_seed"]) for run in report["runs"] if run["kaslr"]}
    if seeds != ({("bios", 1)} if knows_kaslr(header) and header.loaded_high else set()):
        yield f"the runs with KASLR are {seeds}"
    if not header.loaded_high:
        return
    if header.relocatable:
        yield from class_breaches(found, header)
        yield from check_breaches(found, header, kernel)
    else:
        yield from fixed_breaches(found, header)


def relocation_breaches(run, header, kernel):
    """requested, kernel_alignment, aligned and final of one run, by boot.rst's formula and by boot_params at entry."""
    where, told = facts.name_of(run), run["relocation"]
    if told is None:
        if run["load_addr"] is not None:
            yield f"{where}: nothing is said of relocation"
        return
    requested, unit, aligned, final = (
        number(told[key]) for key in ("requested", "kernel_alignment", "aligned", "final")
    )
    if requested != number(run["load_addr"]):
        yield f"{where}: requested is {told['requested']}"
    if (unit is None) != (header.version < 0x205):
        yield f"{where}: kernel_alignment is {told['kernel_alignment']}"
    written = [write["value"] for write in run["plan"]["writes"] if write["field"] == "kernel_alignment"]
    if unit is not None and [unit] != (list(map(number, written)) or [header.alignment]):
        yield f"{where}: kernel_alignment is {told['kernel_alignment']}, but the loader wrote {written}"
    known = header.relocatable or header.pref_address
    start = header.runtime_start(requested, header.pref_address, unit) if known else None
    if aligned != start:
        yield f"{where}: aligned is {told['aligned']}, expected {start and hex(start)}"
    if run["result"] != "entry":
        if final is not None:
            yield f"{where}: final is {told['final']}, but the kernel was not reached"
        return
    if final != number(run["kernel"] and run["kernel"]["base_phys"]):
        yield f"{where}: final is {told['final']}"
    if not run["kaslr"] and final != header.runtime_start(requested, kernel.base, unit):
        yield f"{where}: the kernel runs at {told['final']}"
    text = run["entry"]["boot_params"]["bytes"]
    if text and unit is not None and struct.unpack_from("<I", bytes.fromhex(text), 0x230)[0] != unit:
        yield f"{where}: kernel_alignment in boot_params is not {told['kernel_alignment']}"


def places_breaches(report, header, kernel):
    """Where the kernel lies in each run, and what lies there."""
    for run in report["runs"]:
        yield from relocation_breaches(run, header, kernel)
        if run["kernel"]:
            yield from facts.kernel_breaches(run, kernel, header)
        elif run["result"] in ("entry", "running"):
            yield f"{facts.name_of(run)}: nothing is said of the kernel in memory"


def report_breaches(report, header, kernel):
    """All runs of a Linux image without options: which they are, and what came of each."""
    yield from run_set_breaches(report, header, kernel)
    yield from places_breaches(report, header, kernel)
