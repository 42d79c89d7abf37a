# SPDX-License-Identifier: GPL-2.0-or-later
"""What there is at the kernel's first instruction, as bzcheck reports it and as QEMU shows it, in one form: a dict whose
keys name what is compared. docs/qemu-agreement.md says in words what this file does.
"""

import hashlib
import json
import os
import subprocess
import tempfile
from dataclasses import dataclass

import boot_params
from machine import started

LOAD_ADDR = 0x100000  # where QEMU's loader puts the protected-mode part of every bzImage, and its 32-bit entry
CMDLINE = "nokaslr"
STOPS_MAX = 8
CR0_PE, EFER_LMA, ACCESS_L, ACCESS_DB = 1 << 0, 1 << 10, 1 << 13, 1 << 14


@dataclass(frozen=True)
class Platform:
    """The same CPU for both."""

    profile: str  # bzcheck's name
    program: str
    cpu: str  # QEMU's


# QEMU's basic models, made equal to the profiles of emu/cpuid.c in what software can see of them: vendor, signature,
# leaves, no local APIC. What TCG does not have (VME) stays away.
PLATFORMS = (
    Platform(
        "x86-64",
        "qemu-system-x86_64",
        "qemu64,vendor=GenuineIntel,family=6,model=15,stepping=11,level=2,xlevel=0x80000008,-apic,-svm,-hypervisor",
    ),
    Platform("i686", "qemu-system-i386", "pentium3,stepping=10,level=2,-apic,-hypervisor"),
)


@dataclass(frozen=True)
class Allowed:
    """A difference between the two machines that is no fault."""

    bzcheck: bytes | None  # the value there, None: any
    qemu: bytes | None
    seen_in: str  # an image in which the two differ
    reason: str


# All that may differ. Everything else must be equal.
ALLOWED = {
    "boot_params.hdr.type_of_loader": Allowed(
        b"\xff",
        b"\xb0",
        "vmlinuz-amd64",
        "who loaded the kernel: QEMU has the number 0xB0 (boot.rst, type_of_loader), bzcheck has none",
    ),
    "boot_params.hdr.heap_end_ptr": Allowed(
        (0xE000 - 0x200).to_bytes(2, "little"),
        (0x10000 - 0x200).to_bytes(2, "little"),
        "vmlinuz-amd64",
        "QEMU gives setup all of its segment, bzcheck what boot.rst, Sample Boot Configuration, gives it",
    ),
    "boot_params.hdr.cmd_line_ptr": Allowed(
        (0x1E000).to_bytes(4, "little"),
        (0x20000).to_bytes(4, "little"),
        "vmlinuz-amd64",
        "the place of the command line is the loader's choice; the text there is compared",
    ),
    "boot_params.acpi_rsdp_addr": Allowed(
        bytes(8),
        None,
        "vmlinuz-amd64",
        "QEMU's PC has ACPI tables, for which the decompressor looks; bzcheck's PC has none",
    ),
    "boot_params.apm_bios_info": Allowed(
        None,
        None,
        "vmlinuz-686",
        "SeaBIOS answers INT 15h AH=53h (APM), bzcheck's BIOS has no APM: setup leaves there what it finds",
    ),
    # What only old kernels ask for.
    "boot_params.sys_desc_table": Allowed(
        None,
        None,
        "p211-linux-3.7.10-i386.bzImage",
        "INT 15h AH=C0h: submodel and revision of the BIOS are 1 and 0 in bzcheck, 0 and 1 in SeaBIOS",
    ),
    "boot_params.hdr.boot_flag": Allowed(
        b"\x55\0",
        b"\x55\xaa",
        "p203-linux-2.4.18.bzImage",
        "setup then kept at 0x1ff whether there is a PS/2 mouse: QEMU's PC has one, bzcheck's has none",
    ),
    "boot_params.hd0_info": Allowed(
        bytes(16),
        None,
        "p203-linux-2.4.18.bzImage",
        "setup then copied the bytes to which vector 41h points; without a disk these are any in SeaBIOS",
    ),
    "boot_params.edid_info": Allowed(
        b"\x13" * 128,
        b"\xff" * 128,
        "p203-linux-2.6.12.bzImage",
        "INT 10h AX=4F15h: QEMU's VGA without EDID gives bytes FFh, bzcheck's VGA has no VBE and leaves setup's 13h",
    ),
}


class StateError(Exception):
    """There is nothing to compare; the text says why, in one line."""


def memory_map(platform, image):
    """[(start, size, type)]: what SeaBIOS of this QEMU tells of this PC, read at the 32-bit entry, before the image's
    decompressor has run. Both machines shall have the same memory. The image is a 32-bit one."""
    with started(platform.program, platform.cpu, image, CMDLINE) as machine:
        machine.run_to(LOAD_ADDR)
        return boot_params.e820(machine.memory(machine.registers()["rsi"], boot_params.SIZE))


def bzcheck_run(bzcheck, platform, image, ranges, verdict="pass"):
    """The one run of bzcheck's report of the image in a PC with this memory."""
    lines = [f"{start:#x} {start + size - 1:#x} {kind}\n" for start, size, kind in ranges]
    with tempfile.NamedTemporaryFile("w") as file:
        file.writelines(lines)
        file.flush()
        options = ["--scenario", "bios", "--load-addr", hex(LOAD_ADDR), "--cmdline", CMDLINE, "--cpu", platform.profile]
        done = subprocess.run(
            [bzcheck, "verify", *options, "--memory-map", file.name, "--json", "-", str(image)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=300,
            check=False,
        )
    if done.returncode not in (0, 1):
        raise StateError(f"bzcheck's exit status is {done.returncode}: {done.stderr.decode(errors='replace')}")
    report = json.loads(done.stdout)
    runs = report["runs"]
    if report["verdict"] != verdict:
        raise StateError(f"bzcheck's verdict is {report['verdict']}: {done.stderr.decode(errors='replace')}")
    if len(runs) != 1 or not runs[0]["kernel"] or not runs[0]["entry"]["boot_params"]["bytes"]:
        raise StateError(f"bzcheck has compared no kernel in memory, or made {len(runs)} runs instead of one")
    return runs[0]


def _mode(state):
    """As bzcheck names it (docs/report-format.md, stages[])."""
    access = state["cs.access"]
    width = "32" if access & ACCESS_DB else "16"
    if not state["cr0"] & CR0_PE:
        return "real"
    if not state.get("efer", 0) & EFER_LMA:
        return f"protected-{width}"
    return "long" if access & ACCESS_L else f"compatibility-{width}"


def _with_boot_params(state, phys, data):
    state["boot_params at"] = phys
    state.update({f"boot_params.{name}": value for name, value in boot_params.fields(data).items()})
    return state


def kernel_in_memory(run):
    return {f"PT_LOAD {segment['index']}": segment["sha256"] for segment in run["kernel"]["segments"]}


def state_of_bzcheck(run):
    entry = run["entry"]
    state = {name: int(value, 16) for name, value in entry["regs"].items()}
    for name, descriptor in entry["descriptors"].items():
        state.update({f"{name}.{key}": int(value, 16) for key, value in descriptor.items()})
    state["mode"] = entry["mode"]
    if entry["mode"] != "long":  # QEMU does not show them then
        for name in (f"r{number}" for number in range(8, 16)):
            del state[name]
    state["command line"] = run["cmdline"].encode()
    state |= kernel_in_memory(run)
    phys = int(entry["boot_params"]["phys"], 16)
    return _with_boot_params(state, phys, bytes.fromhex(entry["boot_params"]["bytes"]))


def state_of_qemu(machine, run):
    """The same of QEMU. From bzcheck's run comes only which memory is looked at."""
    state = machine.registers()
    for name, (selector, base, limit, access) in machine.segments().items():
        state |= {name: selector, f"{name}.base": base, f"{name}.limit": limit, f"{name}.access": access}
    state["mode"] = _mode(state)
    for segment in run["kernel"]["segments"]:
        data = machine.memory(int(segment["phys"], 16), segment["filesz"])
        state[f"PT_LOAD {segment['index']}"] = hashlib.sha256(data).hexdigest()
    data = machine.memory(state["rsi"], boot_params.SIZE)
    pointer = int.from_bytes(boot_params.fields(data)["hdr.cmd_line_ptr"], "little")
    state["command line"] = machine.string(pointer)
    return _with_boot_params(state, state["rsi"], data)


def qemu_state(platform, image, run, cmdline=CMDLINE):
    """QEMU's state at the place where bzcheck's run found the kernel's entry.

    Another program may have been executed there before: a kernel linked to 1 MiB unpacks itself over the decompressor.
    So a stop where memory does not hold the kernel counts only when no other one follows.
    """
    entry = run["entry"]
    linear = int(entry["descriptors"]["cs"]["base"], 16) + int(entry["regs"]["rip"], 16)
    expected = kernel_in_memory(run)
    with started(platform.program, platform.cpu, image, cmdline) as machine:
        machine.run_to(linear)
        state = state_of_qemu(machine, run)
        for _ in range(STOPS_MAX):
            if expected.items() <= state.items() or not machine.run_to_again(linear):
                break
            state = state_of_qemu(machine, run)
    return state


def shown(value):
    if isinstance(value, bytes):
        return value.hex() if len(value) <= 32 else f"{value[:32].hex()}..."
    return hex(value) if isinstance(value, int) else str(value)


def compare(bzcheck, qemu):
    """(breaches, keys of the allowed differences) between two states."""
    breaches, used = [], []
    for key in sorted(bzcheck.keys() | qemu.keys()):
        if key not in bzcheck or key not in qemu:
            breaches.append(f"{key}: only {'bzcheck' if key in bzcheck else 'QEMU'} has it")
            continue
        if bzcheck[key] == qemu[key]:
            continue
        allowed = ALLOWED.get(key)
        if allowed and allowed.bzcheck in (None, bzcheck[key]) and allowed.qemu in (None, qemu[key]):
            used.append(key)
        else:
            breaches.append(f"{key}: bzcheck has {shown(bzcheck[key])}, QEMU {shown(qemu[key])}")
    return breaches, used


def dead_entries(used):
    """Keys of ALLOWED that do not differ where they should be seen. used: image's name -> keys that were needed."""
    return [key for key, allowed in ALLOWED.items() if allowed.seen_in in used and key not in used[allowed.seen_in]]


def missing_programs():
    folders = os.get_exec_path()
    return [p.program for p in PLATFORMS if not any(os.access(os.path.join(f, p.program), os.X_OK) for f in folders)]
