# SPDX-License-Identifier: GPL-2.0-or-later
"""A PC of QEMU that is stopped at an address, for looking at its registers and memory."""

import contextlib
import json
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools" / "qemu"))
from gdb_client import GdbClient, GdbError  # noqa: E402

TIMEOUT = 120  # seconds until a breakpoint is reached; a kernel needs 0.3 to 4
AGAIN_SECONDS = 10  # until it is reached once more
REALMODE_ENTRY = 0x10200, 0x90200  # where QEMU's loader enters setup: linear address, for protocol 2.02 and before
BDA_CURSOR = 0x450  # column and row on page 0

# No disk, no network, and a plain VGA, as in bzcheck's PC. A display that says what it is (edid) is left out: which
# one QEMU plays is not what is compared.
OPTIONS = ["-machine", "pc", "-accel", "tcg", "-m", "512", "-nodefaults", "-no-reboot", "-display", "none"]
OPTIONS += ["-device", "VGA,edid=off", "-S", "-chardev", "socket,id=gdb,fd={gdb}", "-gdb", "chardev:gdb"]
OPTIONS += ["-chardev", "socket,id=qmp,fd={qmp}", "-mon", "chardev=qmp,mode=control"]


class QemuError(Exception):
    """QEMU did not come to where it should stop, in one line."""


class Qmp:
    """A client of QEMU's machine protocol (QEMU documentation, "QEMU Machine Protocol Specification")."""

    def __init__(self, connection):
        self.stream = connection.makefile("rwb", buffering=0)
        self.read()  # the greeting
        self.ask("qmp_capabilities")

    def read(self):
        line = self.stream.readline()
        if not line:
            raise EOFError
        return json.loads(line)

    def ask(self, command, **arguments):
        self.stream.write(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        answer = self.read()
        while "event" in answer:
            answer = self.read()
        if "return" not in answer:
            raise QemuError(f"{command}: {answer['error']['desc']}")
        return answer["return"]


class Machine:
    """QEMU, stopped; made by started()."""

    def __init__(self, qmp, gdb, folder):
        self.qmp = qmp
        self.gdb = gdb
        self.dump = Path(folder, "memory")
        self.text = None  # of the monitor, where QEMU last stopped

    def _go_on(self):
        stop = self.gdb.ask("c")
        if not stop.startswith("T05"):
            raise QemuError(f"QEMU stopped with {stop}, not at a breakpoint")
        self.text = self.qmp.ask("human-monitor-command", **{"command-line": "info registers"})

    def run_to(self, *linear):
        """Goes on until the instruction at one of these linear addresses is the next."""
        self.gdb.deadline = time.monotonic() + TIMEOUT
        for address in linear:
            # The software kind (Z0) might be patched into memory that is yet to be written.
            self.gdb.demand(f"Z1,{address:x},1")
        self._go_on()
        for address in linear:
            self.gdb.demand(f"z1,{address:x},1")

    def run_to_again(self, linear):
        """The same once more from there; false when that does not happen (then the guest runs: nothing may be asked)."""
        try:
            self.gdb.deadline = time.monotonic() + AGAIN_SECONDS
            self.gdb.ask("s")
            self.gdb.demand(f"Z1,{linear:x},1")
            self._go_on()
            self.gdb.demand(f"z1,{linear:x},1")
        except GdbError:
            return False
        return True

    def memory(self, phys, size):
        """Bytes at a physical address."""
        self.qmp.ask("pmemsave", val=phys, size=size, filename=str(self.dump))
        return self.dump.read_bytes()

    def string(self, phys, limit=4096):
        return self.memory(phys, limit).split(b"\0")[0]

    def registers(self):
        """Those that QEMU shows in the mode that it is in, named as in 64-bit mode: 8 or 16 general ones, and rip,
        rflags, cr0, cr3, cr4 and efer."""
        found = {}
        for name, value in re.findall(r"\b([A-Z][A-Z0-9]+) ?=([0-9a-f]+)\b", self.text):
            name = {"EFL": "rflags", "RFL": "rflags"}.get(name, re.sub("^E(?=..$)", "R", name).lower())
            if re.fullmatch(r"r[a-z]{2}|r\d+|rflags|cr[034]|efer", name):
                found[name] = int(value, 16)
        return found

    def segments(self):
        """cs and so on: (selector, base, limit, access), access as in bits 40 to 55 of a descriptor."""
        found = {}
        row = r"^(CS|DS|ES|SS|FS|GS) =([0-9a-f]{4}) ([0-9a-f]+) ([0-9a-f]{8}) ([0-9a-f]{8})"
        for name, *values in re.findall(row, self.text, re.MULTILINE):
            selector, base, limit, flags = (int(value, 16) for value in values)
            # The last word is the upper half of the descriptor, in which limit and base stand, too.
            found[name.lower()] = (selector, base, limit, flags >> 8 & 0xF0FF)
        return found


@contextlib.contextmanager
def started(program, cpu, image, cmdline):
    """The Machine before the first instruction of setup, where QEMU's own loader (-kernel) has jumped to.

    The BIOS has printed its name by then: the cursor is put back to where a BIOS that is silent leaves it.
    """
    ours, theirs = zip(socket.socketpair(), socket.socketpair())
    with contextlib.ExitStack() as stack:
        for connection in ours:
            stack.enter_context(connection)
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        errors = stack.enter_context(tempfile.TemporaryFile())
        options = [word.format(gdb=theirs[0].fileno(), qmp=theirs[1].fileno()) for word in OPTIONS]
        process = subprocess.Popen(
            [program, *options, "-cpu", cpu, "-kernel", str(image), "-append", cmdline],
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            pass_fds=[connection.fileno() for connection in theirs],
        )
        for connection in theirs:
            connection.close()
        try:
            gdb = GdbClient(ours[0].fileno(), ours[0].fileno(), 0)
            machine = Machine(Qmp(ours[1]), gdb, folder)
            machine.run_to(*REALMODE_ENTRY)
            gdb.demand(f"M{BDA_CURSOR:x},2:0000")
            yield machine
        except (EOFError, OSError, GdbError) as error:
            errors.seek(0)
            text = errors.read().decode(errors="replace").strip().replace("\n", "; ")
            raise QemuError(f"QEMU ended, or did not come to a stop: {error} {text}") from None
        finally:
            process.kill()
            process.wait()
