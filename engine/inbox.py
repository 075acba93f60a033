"""A folder into submissions, each exactly once: finds the files that have come to rest, and moves taken ones out.

A file is taken when its size and times have not moved for a while and it is complete: a PDF has its end, a zip its
directory. It makes no difference whether it was there when the program started, or what its times say: only what was
seen here counts. Everything else waits, and is told of with the reason.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.files import being_written, open_elsewhere, read_regular, readable, shortened
from engine.model import digest

DEPTH = 32
"""How many folders deep the inbox is looked through."""

LEAVING = ".leaving"
"""What ends the hidden name of a file that is on its way out."""

Look = tuple[int, int, int, int]
"""A file at one look: its bytes, when they changed, when anything about it changed (nanoseconds), and which it is."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that lies in the inbox."""

    path: Path
    look: Look
    online_only: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """How a file looked, and since when it has looked so: seconds since 1970 by the clock of this machine."""

    look: Look
    since: float


@dataclass(frozen=True, slots=True)
class Rest:
    """How long files must have been still.

    Attributes:
        seconds: before a file is taken.
        folders: the same for folders of the inbox that want longer, by their paths in it.
        patience: how long a file that is not complete is waited for; then the reader says what is wrong with it.
    """

    seconds: float
    folders: Mapping[str, float]
    patience: float

    def of(self, folder: Path) -> float:
        """The seconds for a folder of the inbox: its own, else those of the nearest one around it."""
        around = (str(f.as_posix()) for f in (folder, *folder.parents))
        return next((self.folders[name] for name in around if name in self.folders), self.seconds)


# ── What lies there ─────────────────────────────────────────────────────────────────────────────────────────────

_IGNORED = re.compile(
    r"(?is) ~\$.* | \..* | ~wr[dl].* | ~syncthing~.* | desktop\.ini | thumbs\.db"
    r"| .*\.(tmp|part|partial|filepart|crdownload|opdownload|download|lock)",
    re.VERBOSE,
)
"""Names of no document: owner files, hidden files, and what programs write to while a file is still coming."""

_PLACEHOLDER = re.compile(r"(?is).*\.(nextcloud|owncloud|icloud|cloud|cloudf)")
"""Names under which a sync program keeps the place of a file that is still elsewhere."""

_RECALL = 0x1000 | 0x40000 | 0x400000
"""Windows: offline, recall on open, recall on reading."""

_DATALESS = 0x40000000
"""macOS: the bytes are elsewhere."""


def look(inbox: Path, troubles: list[str] | None = None) -> Iterator[Arrived]:
    """The regular files in the inbox and its folders; links, devices and what is no document are passed over.

    Args:
        troubles: gets a sentence for every folder that cannot be looked into.
    """
    told: list[str] = [] if troubles is None else troubles
    yield from _look(inbox, DEPTH, told)


def _look(folder: Path, depth: int, troubles: list[str]) -> Iterator[Arrived]:
    try:
        entries = sorted(os.scandir(folder), key=lambda e: e.name)
    except OSError as error:
        troubles.append(f"The folder {readable(str(folder))} cannot be looked into: {error.strerror}.")
        return
    for entry in entries:
        if _IGNORED.fullmatch(entry.name):
            continue
        try:
            found = entry.stat(follow_symlinks=False)
        except OSError:
            continue  # It has just gone, or its share has: the next look will tell.
        if stat.S_ISREG(found.st_mode):
            seen = (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
            yield Arrived(Path(entry.path), seen, _is_online_only(entry.name, found))
        elif stat.S_ISDIR(found.st_mode) and depth > 1:
            yield from _look(Path(entry.path), depth - 1, troubles)
        elif stat.S_ISDIR(found.st_mode):
            troubles.append(f"The folder {readable(entry.path)} lies too deep in the inbox to be looked into.")


def _is_online_only(name: str, found: os.stat_result) -> bool:
    return bool(
        _PLACEHOLDER.fullmatch(name)
        or getattr(found, "st_file_attributes", 0) & _RECALL
        or getattr(found, "st_flags", 0) & _DATALESS
    )


# ── What has come to rest ───────────────────────────────────────────────────────────────────────────────────────


def observed(found: list[Arrived], before: Mapping[Path, Seen], now: float) -> dict[Path, Seen]:
    """Since when each file has looked as it does. A clock that was set back starts the waiting again."""
    seen: dict[Path, Seen] = {}
    for arrived in found:
        old = before.get(arrived.path)
        same = old is not None and old.look == arrived.look and old.since <= now
        seen[arrived.path] = old if same and old else Seen(arrived.look, now)
    return seen


def waits(arrived: Arrived, still: float, rest: Rest, inbox: Path) -> str:
    """Why a file is not taken yet, in words; "" = it is at rest.

    Args:
        still: seconds for which the file has not changed.
    """
    if arrived.online_only:
        return "it is only online; open it once, or have it kept on this machine"
    if still < rest.of(arrived.path.parent.relative_to(inbox)):
        return "it is arriving"
    if open_elsewhere(arrived.path):
        return "it is open in Word or LibreOffice"
    try:
        if being_written(arrived.path):
            return "another program is writing it"
        if still < rest.patience and not complete(arrived.path):
            return "its end has not arrived"
    except OSError as error:
        return f"it cannot be opened: {error.strerror}"
    return ""


def oldest_first(arrived: Arrived) -> tuple[int, str]:
    """The order in which what waits together is taken in: by modification time, then by name."""
    return arrived.look[1], arrived.path.name


SHORTEST = 8
"""Bytes below which nothing can be told of a file, so that it has hardly arrived."""

_ENDS = ((b"{\\rtf", b"}"), (b"\x89PNG", b"IEND\xaeB`\x82"), (b"\xff\xd8\xff", b"\xff\xd9"))
"""How files of some kinds begin and end."""


def complete(path: Path) -> bool:
    """Whether a file has the end that its kind must have: a file allocated in full and filled later has none yet.

    Raises:
        OSError: when it cannot be opened.
    """
    with path.open("rb") as file:
        start = file.read(1024)
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 66_000))
        end = file.read()
    if b"%PDF-" in start:
        return b"%%EOF" in end[-2048:]
    if start.startswith(b"PK\x03\x04"):
        return _has_directory(end)
    return len(start) >= SHORTEST and all(end.rstrip(b"\0\r\n ").endswith(e) for s, e in _ENDS if start.startswith(s))


def _has_directory(end: bytes) -> bool:
    """Whether a zip's closing record stands there with as long a comment as it says."""
    at = end.rfind(b"PK\x05\x06")
    return at >= 0 and len(end) >= at + 22 + int.from_bytes(end[at + 20 : at + 22], "little")


# ── Kept from one start to the next ─────────────────────────────────────────────────────────────────────────────


def kept(seen: Mapping[Path, Seen]) -> str:
    """What was seen, as text that `recalled` reads."""
    return json.dumps({os.fsdecode(path): [s.look, s.since] for path, s in seen.items()})


def recalled(text: str) -> dict[Path, Seen]:
    """What was seen before the program was started; damaged text means nothing was, and waiting starts anew."""
    try:
        return {Path(path): Seen((*map(int, look),), float(since)) for path, (look, since) in json.loads(text).items()}  # type: ignore[arg-type]
    except (ValueError, TypeError, AttributeError):
        return {}


# ── On the way out ──────────────────────────────────────────────────────────────────────────────────────────────


def move_out(path: Path, sha256: str) -> bool:
    """Takes a file whose bytes are archived out of the inbox; False when somebody has changed it meanwhile.

    It is renamed beside itself first, under a hidden name, and looked at there: whoever writes by name no longer
    finds it, and whoever still has it open is seen.

    Raises:
        OSError: when the folder lets nothing be taken out.
    """
    aside = path.with_name(f".{shortened(path.name[::-1], 200)[::-1]}{LEAVING}")
    try:
        path.rename(aside)
    except FileNotFoundError:
        return True
    try:
        taken = not being_written(aside) and digest(read_regular(aside)) == sha256
    except OSError:
        put_back(aside, path)
        raise
    if taken:
        aside.chmod(stat.S_IRUSR | stat.S_IWUSR)  # Windows removes no file that is read-only.
        aside.unlink()
    else:
        put_back(aside, path)
    return taken


def put_back(aside: Path, path: Path) -> None:
    """Gives a file its name again, or the next free one where somebody has taken that: nothing is written over."""
    for number in range(1, 1000):
        place = path if number == 1 else path.with_name(f"{path.stem} ({number}){path.suffix}")
        try:
            os.link(aside, place, follow_symlinks=False)
        except FileExistsError:
            continue
        except (OSError, NotImplementedError):  # This disk gives no file two names.
            if os.path.lexists(place):
                continue
            aside.rename(place)
            return
        aside.unlink()
        return
    raise FileExistsError(f"There are too many files called {path.name}.")


def come_back(inbox: Path) -> int:
    """Gives every file that a crash caught on its way out its name again; taking it in once more changes nothing."""
    count = 0
    for where, _, names in os.walk(inbox):
        for name in names:
            if name.startswith(".") and name.endswith(LEAVING):
                put_back(Path(where, name), Path(where, name[1 : -len(LEAVING)]))
                count += 1
    return count
