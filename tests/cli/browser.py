"""A headless Chromium, spoken to over a pipe in the DevTools protocol; needs nothing beside Python."""

import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time


def find_browser():
    """Its path, or None. One in a snap sees neither /tmp nor a state folder of ours."""
    for name in (os.environ.get("MLENVCTL_BROWSER"), "chromium", "google-chrome", "google-chrome-stable"):
        path = name and shutil.which(name)
        if path and not os.path.realpath(path).endswith("/snap"):
            return path
    return None


class Browser:
    """One page of a browser; collects what it asks the network for and what it complains about."""

    def __init__(self, path):
        self.profile = tempfile.mkdtemp(prefix="mlenvctl-browser-")
        read_commands, self.commands = os.pipe()
        self.answers, write_answers = os.pipe()
        # The browser reads commands from descriptor 3 and writes answers to 4.
        high = [fcntl.fcntl(each, fcntl.F_DUPFD, 10) for each in (read_commands, write_answers)]
        words = [path, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage",
                 "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
                 "--user-data-dir=" + self.profile, "--remote-debugging-pipe", "about:blank"]
        self.process = subprocess.Popen(words, pass_fds=(3, 4), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL,
                                        preexec_fn=lambda: [os.dup2(each, 3 + i) for i, each in enumerate(high)])
        for each in (read_commands, write_answers, *high):
            os.close(each)
        self.pending = b""
        self.events = []
        self.last = 0
        self.session = None
        self.scripts = True
        pages = [each for each in self.call("Target.getTargets")["targetInfos"] if each["type"] == "page"]
        target = pages[0]["targetId"] if pages else self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")

    def close(self):
        session, self.session = self.session, None
        try:
            if session:
                self.call("Browser.close")
            self.process.wait(10)
        except (OSError, subprocess.TimeoutExpired, RuntimeError):
            self.process.kill()
            self.process.wait()
        os.close(self.commands)
        os.close(self.answers)
        shutil.rmtree(self.profile, ignore_errors=True)  # its processes may still write

    def receive(self, limit):
        end = time.monotonic() + limit
        while b"\0" not in self.pending:
            if not select.select([self.answers], [], [], max(0, end - time.monotonic()))[0]:
                raise RuntimeError("the browser does not answer")
            piece = os.read(self.answers, 1 << 20)
            if not piece:
                raise RuntimeError("the browser has ended")
            self.pending += piece
        message, self.pending = self.pending.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **params):
        self.last += 1
        message = {"id": self.last, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive(60)
            if answer.get("id") == self.last:
                if "error" in answer:
                    raise RuntimeError("{}: {}".format(method, answer["error"]))
                return answer["result"]
            self.events.append(answer)

    def of_events(self, name):
        return [each["params"] for each in self.events if each.get("method") == name]

    def open(self, path, width=1400, height=900, dark=False, scripts=True):
        self.scripts = scripts
        self.call("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call("Page.navigate", url="about:blank")
        self.events = []
        self.call("Page.navigate", url="file://" + path)
        end = time.monotonic() + 30
        while not self.of_events("Page.loadEventFired"):
            if time.monotonic() > end:
                raise RuntimeError("the page does not load")
            self.events.append(self.receive(30))
        self.settle()

    def settle(self):
        """Two frames later all that was asked for is on the screen."""
        if not self.scripts:
            return time.sleep(0.3)  # frames call nobody then
        return self.ask("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")

    def ask(self, expression):
        """The value of a JavaScript expression in the page."""
        result = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError("{}: {}".format(expression, result["exceptionDetails"]))
        return result["result"].get("value")

    def requests(self):
        return [each["request"]["url"] for each in self.of_events("Network.requestWillBeSent")]

    def complaints(self):
        return (self.of_events("Runtime.exceptionThrown") + self.of_events("Log.entryAdded") +
                [each for each in self.of_events("Runtime.consoleAPICalled") if each["type"] in ("error", "warning")])

    def middle(self, selector):
        """Where an element is on the screen, scrolled into sight."""
        return self.ask("(() => {{ const e = document.querySelector({0}); e.scrollIntoView({{block: 'center'}});"
                        "const b = (e.matches('.node') ? e.querySelector('rect') : e).getBoundingClientRect();"
                        "return [b.x + b.width / 2, b.y + b.height / 2]; }})()".format(json.dumps(selector)))

    def mouse(self, kind, x, y, **more):
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def click(self, selector):
        x, y = self.middle(selector)
        self.mouse("mousePressed", x, y, button="left", clickCount=1)
        self.mouse("mouseReleased", x, y, button="left", clickCount=1)
        self.settle()

    def drag(self, selector, right, down):
        x, y = self.middle(selector)
        self.mouse("mousePressed", x, y, button="left", buttons=1, clickCount=1)
        for part in (0.3, 0.7, 1):
            self.mouse("mouseMoved", x + right * part, y + down * part, button="left", buttons=1)
        self.mouse("mouseReleased", x + right, y + down, button="left", clickCount=1)
        self.settle()

    def key(self, name, text=None):
        self.call("Input.dispatchKeyEvent", type="keyDown", key=name, text=text or "")
        self.call("Input.dispatchKeyEvent", type="keyUp", key=name)
        self.settle()

    def write(self, text):
        self.call("Input.insertText", text=text)
        self.settle()
