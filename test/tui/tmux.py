# SPDX-License-Identifier: MIT
"""A program in a real terminal: tmux, which no other test shares."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

PATIENCE = 60  # seconds until what must come is given up


def available():
    return shutil.which("tmux") is not None


class Terminal:
    """A shell in a terminal of that size; the program is what is typed into it."""

    def __init__(self, columns, lines, **environment):
        self.folder = tempfile.TemporaryDirectory(prefix="flowstate-tmux-")
        self.socket = os.path.join(self.folder.name, "socket")
        wanted = {"PATH": os.environ["PATH"], "HOME": self.folder.name, "LANG": "C.UTF-8",
                  "TERM": "xterm-256color", "PS1": "ready> ", **environment}
        wanted = {name: value for name, value in wanted.items() if value is not None}
        self.environment = wanted
        self.tmux("-f", "/dev/null", "new-session", "-d", "-s", "t", "-x", str(columns), "-y",
                  str(lines), "env", "-i", *[f"{name}={value}" for name, value in wanted.items()
                                             if name != "TERM"], "TERM=tmux-256color",
                  "sh", "-i")
        self.tmux("set-option", "-s", "set-clipboard", "on")
        self.wait(lambda screen: "ready>" in screen)

    def tmux(self, *words, check=True):
        run = subprocess.run(["tmux", "-u", "-S", self.socket, *words], env=self.environment,
                             capture_output=True, check=False)
        if check and run.returncode != 0:
            raise AssertionError(f"tmux {words}: {run.stderr.decode(errors='replace')}")
        return run.stdout.decode()

    def screen(self, attributes=False):
        """What the terminal shows, its lines without blanks at their ends."""
        return self.tmux("capture-pane", "-p", "-t", "t", *(["-e"] if attributes else []))

    def wait(self, condition):
        """The first screen for which it holds."""
        end = time.monotonic() + PATIENCE
        while True:
            screen = self.screen()
            if condition(screen):
                return screen
            if time.monotonic() > end:
                raise AssertionError("the terminal never showed it; it shows:\n" + screen)
            time.sleep(0.05)

    def wait_for(self, *texts):
        return self.wait(lambda screen: all(text in screen for text in texts))

    def wait_without(self, text):
        return self.wait(lambda screen: text not in screen)

    def type(self, text):
        self.tmux("send-keys", "-t", "t", "-l", text)

    def press(self, *keys):
        """Keys by their names: Enter, Escape, Up, C-c."""
        self.tmux("send-keys", "-t", "t", *keys)

    def run(self, command):
        self.type(command)
        self.press("Enter")

    def resize(self, columns, lines):
        self.tmux("resize-window", "-t", "t", "-x", str(columns), "-y", str(lines))

    def clipboard(self):
        return self.tmux("show-buffer", check=False)

    def programs(self):
        """Processes that the shell has started and that run."""
        shell = self.tmux("display-message", "-p", "-t", "t", "#{pane_pid}", check=False).strip()
        children = pathlib.Path(f"/proc/{shell}/task/{shell}/children")
        return [int(pid) for pid in children.read_text().split()] if children.exists() else []

    def close(self):
        left = self.programs()
        self.tmux("kill-server", check=False)
        for pid in left:  # a leak checker that starts as the terminal goes may wait forever
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.folder.cleanup()
