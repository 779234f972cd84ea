# SPDX-License-Identifier: MIT
"""Chromium without a window, driven over its DevTools protocol through a pair of pipes.

The browser gets a profile of its own and may use no network. A page keeps what the browser had to
complain about: messages on the console, errors of scripts, requests for anything but the page.
"""

import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import tempfile
import time

PATIENCE = 120  # seconds for an answer of the browser; far more than it ever takes
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-extensions", "--disable-dev-shm-usage", "--force-color-profile=srgb",
         "--remote-debugging-pipe"]
KEYS = {"Enter": (13, "\r"), "Tab": (9, ""), "Space": (32, " "), "Escape": (27, "")}


def find():
    """The browser's path, or None."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium")


class Browser:
    def __init__(self, executable):
        self.profile = tempfile.TemporaryDirectory(prefix="flowstate-chromium-",
                                                   ignore_cleanup_errors=True)
        reads, self.commands = os.pipe()
        self.answers, writes = os.pipe()
        # The browser reads file descriptor 3 and writes 4; the shell puts them there.
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", f'exec "$0" "$@" 3<&{reads} 4>&{writes}', executable, *FLAGS,
             f"--user-data-dir={self.profile.name}"],
            pass_fds=(reads, writes), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": self.profile.name})
        os.close(reads)
        os.close(writes)
        self.number = 0
        self.pending = b""
        self.pages = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        os.close(self.commands)
        os.close(self.answers)
        self.profile.cleanup()

    def receive(self, deadline):
        """The next message; what is left of it stays for the next call."""
        while b"\0" not in self.pending:
            ready, _, _ = select.select([self.answers], [], [], max(0, deadline - time.monotonic()))
            octets = os.read(self.answers, 1 << 20) if ready else b""
            if not octets:
                raise RuntimeError("the browser does not answer")
            self.pending += octets
        text, self.pending = self.pending.split(b"\0", 1)
        return json.loads(text)

    def handle(self, message):
        page = self.pages.get(message.get("sessionId"))
        if page and "method" in message:
            page.event(message["method"], message["params"])

    def call(self, method, session=None, **parameters):
        self.number += 1
        number = self.number
        command = {"id": number, "method": method, "params": parameters}
        if session:
            command["sessionId"] = session
        octets = json.dumps(command).encode() + b"\0"
        while octets:
            octets = octets[os.write(self.commands, octets):]
        deadline = time.monotonic() + PATIENCE
        while True:
            message = self.receive(deadline)
            if message.get("id") != number:
                self.handle(message)
            elif "error" in message:
                raise RuntimeError(f"{method}: {message['error']['message']}")
            else:
                return message["result"]

    def open(self, file, **settings):
        return Page(self, file, **settings)


class Page:
    def __init__(self, browser, file, width=1280, height=900, scheme="light", scripts=True):
        self.browser = browser
        self.url = pathlib.Path(file).resolve().as_uri()
        self.complaints = []
        self.loaded = False
        self.scripts = scripts
        self.target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=self.target,
                                    flatten=True)["sessionId"]
        browser.pages[self.session] = self
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.resize(width, height)
        self.media(scheme)
        self.call("Page.navigate", url=self.url)
        deadline = time.monotonic() + PATIENCE
        while not self.loaded:
            browser.handle(browser.receive(deadline))

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def event(self, method, parameters):
        if method == "Page.loadEventFired":
            self.loaded = True
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(parameters["exceptionDetails"])
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append(parameters["args"])
        elif method == "Log.entryAdded":
            self.complaints.append(parameters["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            url = parameters["request"]["url"].split("#")[0]
            if url != self.url:
                self.complaints.append(f"request: {url}")

    def close(self):
        self.browser.call("Target.closeTarget", targetId=self.target)
        del self.browser.pages[self.session]

    # ------------------------------------------------------------------------------ how it looks

    def resize(self, width, height=900):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)

    def media(self, scheme="light", media="", forced="none"):
        self.call("Emulation.setEmulatedMedia", media=media, features=[
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "forced-colors", "value": forced}])

    def screenshot(self, path, selector="html"):
        """Of one element, the whole page if none is named; the window becomes as high as it is."""
        width = self.evaluate("innerWidth")
        self.resize(width, self.evaluate("document.documentElement.scrollHeight"))
        box = self.run("""(selector) => {
            const box = document.querySelector(selector).getBoundingClientRect();
            return {x: box.x, y: box.y, width: box.width, height: box.height};
        }""", selector)
        picture = self.call("Page.captureScreenshot", clip={**box, "scale": 1})
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture["data"]))

    def pdf(self):
        return base64.b64decode(self.call("Page.printToPDF", preferCSSPageSize=True)["data"])

    def accessibility(self):
        """What a screen reader gets: nodes as the protocol describes them."""
        return self.call("Accessibility.getFullAXTree")["nodes"]

    # ------------------------------------------------------------------------------ what it does

    def evaluate(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                           awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def run(self, function, *arguments):
        """Call a function of the page's scripts, or one that was evaluated before."""
        return self.evaluate(f"({function})({', '.join(map(json.dumps, arguments))})")

    def visible(self, selector):
        return self.evaluate(f"document.querySelector({json.dumps(selector)}).checkVisibility()")

    def text(self, selector):
        return self.evaluate(f"document.querySelector({json.dumps(selector)}).textContent")

    def click(self, selector):
        """With the mouse, on what is there to be seen."""
        box = self.run("""(selector) => {
            const element = document.querySelector(selector);
            element.scrollIntoView({block: "center", behavior: "instant"});
            const box = element.getClientRects()[0];
            return {x: box.left + Math.min(box.width / 2, 20), y: box.top + box.height / 2};
        }""", selector)
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **box)
        self.settle()

    def press(self, key):
        code, text = KEYS[key]
        shared = {"key": text if key == "Space" else key, "code": key,
                  "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **shared)
        self.call("Input.dispatchKeyEvent", type="keyUp", **shared)

    def settle(self):
        """Until what was asked of the page, a jump to a link for one, has happened."""
        if self.scripts:
            self.evaluate("""new Promise((done) => requestAnimationFrame(() =>
                requestAnimationFrame(() => setTimeout(done))))""")

    def focus(self, selector):
        self.evaluate(f"document.querySelector({json.dumps(selector)}).focus()")

    def fill(self, selector, text):
        """Type over what a field holds."""
        self.focus(selector)
        self.evaluate("document.activeElement.select()")
        if text:
            self.call("Input.insertText", text=text)
        else:
            self.evaluate('document.execCommand("delete")')

    def choose(self, selector, value):
        self.run("""(selector, value) => {
            const list = document.querySelector(selector);
            list.value = value;
            list.dispatchEvent(new Event("input", {bubbles: true}));
        }""", selector, value)
