# SPDX-License-Identifier: GPL-2.0-or-later
"""Headless Chromium, driven over a pipe by the Chrome DevTools Protocol; and its screenshots as pixels.

Source: chromedevtools.github.io/devtools-protocol; W3C, "Portable Network Graphics (PNG) Specification".
"""

import base64
import json
import os
import select
import shutil
import struct
import subprocess
import tempfile
import time
import zlib

TIME_LIMIT = 60  # seconds for one answer


def find():
    """The path of a Chromium, or None."""
    return shutil.which("chromium")


class Browser:
    """One page of one Chromium without network. Use it in a `with`."""

    def __init__(self, program):
        self.folder = tempfile.TemporaryDirectory(prefix="bzcheck-html-")
        to_browser, self.writer = os.pipe()
        self.reader, from_browser = os.pipe()
        # The browser reads commands from descriptor 3 and writes answers to descriptor 4.
        command = 'exec 3<&"$1" 4>&"$2"; shift 2; exec "$@"'
        self.process = subprocess.Popen(
            ["bash", "-c", command, "bash", str(to_browser), str(from_browser), program]
            + ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]
            + ["--remote-debugging-pipe", "--no-first-run", "--force-color-profile=srgb"]
            + ["--disable-background-networking", "--disable-component-update", "--user-data-dir=" + self.folder.name]
            + ["about:blank"],
            pass_fds=(to_browser, from_browser), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.number, self.rest, self.events, self.session, self.script = 0, b"", [], None, True
        targets = self.command("Target.getTargets")["targetInfos"]
        target = next(t for t in targets if t["type"] == "page")["targetId"]
        self.session = self.command("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.command(domain + ".enable")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.session = None
        try:
            self.command("Browser.close")
        except OSError:
            pass
        os.close(self.writer)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.reader)
        self.folder.cleanup()

    def _message(self):
        """The next message of the browser."""
        limit = time.monotonic() + TIME_LIMIT
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.reader], [], [], max(limit - time.monotonic(), 0))
            piece = os.read(self.reader, 1 << 20) if ready else b""
            if not piece:
                raise OSError("Chromium does not answer" if not ready else "Chromium has ended")
            self.rest += piece
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def command(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.writer, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._message()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise OSError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            if "method" in answer:
                self.events.append(answer)

    def open(self, path, width=1280, height=900, dark=False):
        """Loads a file in a window of that size; events of before are forgotten."""
        phone = width < 600
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        motion = {"name": "prefers-reduced-motion", "value": "reduce"}
        self.command("Emulation.setEmulatedMedia", features=[scheme, motion])
        self.events.clear()
        self.command("Page.navigate", url="file://" + os.path.abspath(path))
        while not any(e["method"] == "Page.loadEventFired" for e in self.events):
            answer = self._message()
            if "method" in answer:
                self.events.append(answer)
        self.settle()

    def settle(self):
        """Waits until what was asked for is drawn."""
        if self.script:
            self.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def allow_script(self, script):
        """Whether pages opened from now on may run scripts."""
        self.command("Emulation.setScriptExecutionDisabled", value=not script)
        self.script = script

    def evaluate(self, expression):
        """The value of a JavaScript expression (of a promise: what it brings)."""
        answer = self.command("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise OSError(f"{expression[:200]}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def press(self, key, code=0):
        """Presses a key: by its name ("ArrowRight") or its character."""
        text = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
        codes = {"Tab": 9, "Enter": 13, "End": 35, "Home": 36, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39,
                 "ArrowDown": 40}
        number = code or codes.get(key, ord(key[0]))
        self.command("Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=number, **text)
        self.command("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=number)
        self.settle()

    def screenshot(self, full=True):
        """The bytes of a PNG: of the whole page, or of what the window shows."""
        clip = {}
        if full:
            size = self.command("Page.getLayoutMetrics")["cssContentSize"]
            clip = {"clip": {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 16000), "scale": 1},
                    "captureBeyondViewport": True}
        return base64.b64decode(self.command("Page.captureScreenshot", format="png", **clip)["data"])


class Picture:
    """Pixels of a PNG with 8 bits a sample, RGB or RGBA, not interlaced: what Chromium writes."""

    def __init__(self, png):
        assert png[:8] == b"\x89PNG\r\n\x1a\n", "no PNG"
        at, data = 8, b""
        while at < len(png):
            length, kind = struct.unpack(">I4s", png[at:at + 8])
            if kind == b"IHDR":
                self.width, self.height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", png[at + 8:at + 21])
                assert depth == 8 and colour in (2, 6) and interlace == 0, "unexpected kind of PNG"
                self.samples = 3 if colour == 2 else 4
            elif kind == b"IDAT":
                data += png[at + 8:at + 8 + length]
            at += 12 + length
        self.rows = self._unfilter(zlib.decompress(data))

    def _unfilter(self, data):
        step, size = self.samples, self.width * self.samples
        rows, above = [], bytearray(size)
        for y in range(self.height):
            kind = data[y * (size + 1)]
            row = bytearray(data[y * (size + 1) + 1:(y + 1) * (size + 1)])
            if kind == 1:
                for i in range(step, size):
                    row[i] = (row[i] + row[i - step]) & 255
            elif kind == 2:
                row = bytearray((a + b) & 255 for a, b in zip(row, above))
            elif kind == 3:
                for i in range(size):
                    left = row[i - step] if i >= step else 0
                    row[i] = (row[i] + (left + above[i]) // 2) & 255
            elif kind == 4:
                for i in range(size):
                    left, corner = (row[i - step], above[i - step]) if i >= step else (0, 0)
                    guess = left + above[i] - corner
                    a, b, c = abs(guess - left), abs(guess - above[i]), abs(guess - corner)
                    row[i] = (row[i] + (left if a <= b and a <= c else above[i] if b <= c else corner)) & 255
            rows.append(row)
            above = row
        return rows

    def at(self, x, y):
        """(red, green, blue) of a pixel."""
        return tuple(self.rows[int(y)][int(x) * self.samples:int(x) * self.samples + 3])
