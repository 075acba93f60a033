"""A folder into submissions, each exactly once: finds the files that have come to rest, and moves taken ones out.

A file is taken when its size and time have not moved for a while and it is complete: a PDF has its end, a zip its
directory. Owner files of Word and LibreOffice are ignored, and a file beside its owner file is still open.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.files import open_elsewhere
from engine.model import digest

DEPTH = 4
"""How many folders deep the inbox is looked through."""

Look = tuple[int, int]
"""A file's size in bytes and modification time in nanoseconds at one look."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that lies in the inbox."""

    path: Path
    look: Look


def ignored(name: str) -> bool:
    """Whether a name is that of no document: owner, temporary and hidden files."""
    lower = name.lower()
    if lower in ("desktop.ini", "thumbs.db"):
        return True
    return lower.startswith(("~$", ".", "~wrd")) or lower.endswith((".tmp", ".part", ".crdownload", ".lock"))


def look(inbox: Path, depth: int = DEPTH) -> Iterator[Arrived]:
    """The regular files in the inbox and its folders; links, devices and owner files are passed over."""
    if not inbox.is_dir():
        return
    for entry in sorted(os.scandir(inbox), key=lambda e: e.name):
        if ignored(entry.name):
            continue
        try:
            found = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue
        if stat.S_ISREG(found.st_mode):
            yield Arrived(Path(entry.path), (found.st_size, found.st_mtime_ns))
        elif stat.S_ISDIR(found.st_mode) and depth > 1:
            yield from look(Path(entry.path), depth - 1)


def settled(inbox: Path, before: Mapping[Path, Look]) -> list[Arrived]:
    """The files at rest: unchanged since the look before, complete and not open, the oldest first."""
    ready = [a for a in look(inbox) if before.get(a.path) == a.look and complete(a.path) and not open_elsewhere(a.path)]
    return sorted(ready, key=lambda a: (a.look[1], a.path.name))


def complete(path: Path) -> bool:
    """Whether a PDF has its end mark and a zip its directory; anything else is complete as it is.

    A file that stays incomplete for a minute is given up waiting for: the reader will say what is wrong with it.
    """
    try:
        with path.open("rb") as file:
            start = file.read(8)
            file.seek(max(0, path.stat().st_size - 66_000))
            end = file.read()
        aged = time.time() - path.stat().st_mtime > 60
    except OSError:
        return False
    if start.startswith(b"%PDF"):
        return aged or b"%%EOF" in end[-2048:]
    if start.startswith(b"PK\x03\x04"):
        return aged or b"PK\x05\x06" in end
    return True


def move_out(path: Path, sha256: str, leaving: Path) -> bool:
    """Takes a file whose bytes are archived out of the inbox; False when somebody has changed it meanwhile.

    It is renamed into a folder of ours first, and looked at there, so that no bytes can slip in between.
    """
    leaving.mkdir(parents=True, exist_ok=True)
    aside = leaving / f"{digest(str(path))[:16]}-{path.name[-60:]}"
    try:
        path.replace(aside)
    except FileNotFoundError:
        return True
    if digest(aside.read_bytes()) == sha256:
        aside.unlink()
        return True
    aside.replace(path)
    return False
