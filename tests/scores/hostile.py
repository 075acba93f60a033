"""Every hostile file, read by `counterpart read` as a person would: seconds, memory, and how it ended.

.venv/bin/python -m tests.scores.hostile [FOLDER]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

FORMS = Path(__file__).parents[3] / "shared" / "forms"
"""Where the shared forms are, when they are beside the repository."""

SECONDS, MEGABYTES = 5.0, 512.0
"""What each file may take, of the whole command with its start, and of the largest of its processes."""


@dataclass(frozen=True)
class Ended:
    """How the reading of one file ended: seconds of wall and processor time, MiB of the largest process."""

    name: str
    seconds: float
    cpu: float
    megabytes: float
    said: str
    sound: bool


def hostile_files(folder: Path = FORMS / "hostile") -> list[Path]:
    """The hostile files, without the truth that stands beside two of them."""
    return [file for file in sorted(folder.iterdir()) if not file.name.endswith(".truth.json")]


def ended(file: Path) -> Ended:
    """Reads one file in a command of its own; the system tells what it and its workers took."""
    command = [sys.executable, "-m", "engine", "read", "--json", str(file)]
    with tempfile.TemporaryFile() as printed:
        began = time.monotonic()
        started = subprocess.Popen(command, stdout=printed, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(started.pid, 0)
        seconds = time.monotonic() - began
        started.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        written = printed.read()
    cpu, megabytes = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    try:
        (entry,) = json.loads(written)
    except ValueError:
        return Ended(file.name, seconds, cpu, megabytes, f"THE PARENT DIED: {started.returncode}", False)
    refused = entry["refused"]
    said = f"refused: {refused['reason']}" if refused else f"{len(entry['fields'])} fields"
    answered = bool(refused and refused["reason"] and refused["advice"]) or bool(entry["fields"])
    sound = answered and started.returncode in (0, 1) and seconds < SECONDS and megabytes < MEGABYTES
    return Ended(file.name, seconds, cpu, megabytes, said, sound)


def main() -> int:
    """Prints the table; status 1 when a file took too much, or ended without an answer."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FORMS / "hostile"
    if not folder.is_dir():
        print(f"There is no folder {folder}: nothing is measured.")
        return 2
    everything = [ended(file) for file in hostile_files(folder)]
    for one in everything:
        spent = f"{one.seconds:5.2f} s ({one.cpu:5.2f} CPU) {one.megabytes:5.0f} MiB"
        print(f"{'  ' if one.sound else '! '}{one.name[:44]:44} {spent}  {one.said}")
    bad = [one for one in everything if not one.sound]
    print(
        f"{len(everything)} files: {len(everything) - len(bad)} ended within {SECONDS:g} s and {MEGABYTES:g} MiB with "
        f"fields or a cause; slowest {max(e.seconds for e in everything):.2f} s, largest "
        f"{max(e.megabytes for e in everything):.0f} MiB"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
