"""The watch run by the operating system: what systemd or Windows' task scheduler is told; and how the watch is doing.

Health is one small file beside the ledger, written anew every few seconds by the watch, and one line of JSON for each
act in a log. Neither holds a name or an answer: files are told of by their hashes, plans by their numbers.
"""

from __future__ import annotations

import datetime as dt
import getpass
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from engine.errors import Declined
from engine.files import write_whole
from engine.settings import now

BEAT = dt.timedelta(seconds=30)
"""How old a heartbeat may be before the watch is taken to have stopped."""

LOG_SIZE = 10_000_000
"""Bytes after which a log is put aside and a new one begun; one old one is kept."""


# ── How it is doing ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Health:
    """The heartbeat and the log of a workspace's watch, in the folder of its ledger."""

    store: Path

    def beat(self, state: str, **more: Any) -> None:
        """Says that the watch lives, and what it is doing: `watching`, `stuck`, `stopped`."""
        said = {"state": state, "at": now().isoformat(), "process": os.getpid(), **more}
        write_whole(self.store / "heartbeat.json", json.dumps(said).encode())

    def look(self) -> dict[str, Any]:
        """The last heartbeat, and whether the watch that made it still watches."""
        try:
            said: dict[str, Any] = json.loads((self.store / "heartbeat.json").read_text("utf-8"))
            age = now() - dt.datetime.fromisoformat(said["at"])
        except (OSError, ValueError, KeyError, TypeError):
            return {"watching": False, "state": "never started", "heartbeat": None}
        watching = said["state"] != "stopped" and dt.timedelta(0) <= age < BEAT
        told = {name: said.get(name, 0) for name in ("waiting", "troubles")}
        return {"watching": watching, "state": said["state"], "heartbeat": said["at"], **told}

    def log(self, act: str, **more: Any) -> None:
        """Appends one act to the log, as one line of JSON."""
        file = self.store / "log.jsonl"
        if file.exists() and file.stat().st_size > LOG_SIZE:
            file.replace(file.with_name("log.old.jsonl"))
        with file.open("a", encoding="utf-8") as log:
            log.write(json.dumps({"at": now().isoformat(timespec="milliseconds"), "act": act, **more}) + "\n")


# ── What the operating system is told ───────────────────────────────────────────────────────────────────────────


def systemd(program: Path, workspace: Path) -> str:
    """A unit that keeps the watch running, starts it again when it fails, and lets it finish the file in hand."""
    return f"""\
[Unit]
Description=Counterpart watches {_plain(workspace.name)}
RequiresMountsFor={_quoted(workspace)}

[Service]
ExecStart={_quoted(program)} -m engine --workspace {_quoted(workspace)} watch
Restart=on-failure
RestartSec=10
KillMode=mixed
TimeoutStopSec=30
NoNewPrivileges=yes
PrivateTmp=yes
UMask=0077

[Install]
WantedBy=default.target
"""


def _plain(words: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in words).replace("%", "%%").replace("\\", "\\\\")


def _quoted(path: Path) -> str:
    """A path as systemd reads it: in quotes, with its own signs doubled."""
    words = str(path).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{words}"'


def windows(program: str, workspace: str, user: str) -> str:
    """A task for Windows' scheduler: from the start of the machine on, without anybody signed in, for ever."""
    arguments = f'-m engine --workspace "{workspace}" watch'
    return f"""\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <Triggers><BootTrigger><Enabled>true</Enabled></BootTrigger></Triggers>
  <Principals><Principal id="Author"><UserId>{escape(user)}</UserId><LogonType>S4U</LogonType></Principal></Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure><Interval>PT1M</Interval><Count>999</Count></RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec><Command>{escape(program)}</Command><Arguments>{escape(arguments)}</Arguments></Exec>
  </Actions>
</Task>
"""


@dataclass(frozen=True, slots=True)
class Install:
    """What installing comes to.

    Attributes:
        file: where the text goes; `text` is what is written there.
        commands: what is run then, in order.
    """

    file: Path
    text: str
    encoding: str
    commands: tuple[tuple[str, ...], ...]


def installing(workspace: Path, store: Path, platform: str, environment: Mapping[str, str]) -> Install:
    """What has to be written and run on a platform (`sys.platform`) for one workspace.

    Raises:
        Declined: on a platform that has neither systemd nor Windows' task scheduler.
    """
    name = (
        "counterpart-" + "".join(c if c.isascii() and c.isalnum() else "-" for c in workspace.name).strip("-").lower()
    )
    if platform == "win32":
        file = store / f"{name}.xml"
        made = windows(sys.executable, str(workspace), getpass.getuser())
        create = ("schtasks", "/Create", "/F", "/TN", name, "/XML", str(file))
        return Install(file, made, "utf-16", (create, ("schtasks", "/Run", "/TN", name)))
    if platform != "linux":
        raise Declined("There is no service to install on this system.", "Start `counterpart watch` in your own way.")
    home = Path(environment.get("XDG_CONFIG_HOME") or Path(environment.get("HOME", "/root")) / ".config")
    file = home / "systemd" / "user" / f"{name}.service"
    user = ("systemctl", "--user")
    commands = ((*user, "daemon-reload"), (*user, "enable", "--now", file.name), ("loginctl", "enable-linger"))
    return Install(file, systemd(Path(sys.executable), workspace), "utf-8", commands)


def install(plan: Install) -> list[str]:
    """Writes the text and runs the commands; tells those that failed or are not there, for a person to run."""
    plan.file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(plan.file, plan.text.encode(plan.encoding))
    left = []
    for command in plan.commands:
        program = shutil.which(command[0])
        done = program and subprocess.run([program, *command[1:]], capture_output=True, check=False).returncode == 0
        if not done:
            left.append(" ".join(command))
    return left
