"""Documents into files of the outbox: each replaced in one step, never over somebody's work.

The ledger remembers what was written where. A file that no longer holds what was written has been changed by a
person, and is taken in before it is replaced. A file that is open in another program is left alone, and the new one
put beside it.
"""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from engine.errors import WrongUse
from engine.files import open_elsewhere, read_regular, write_whole
from engine.model import Output, digest

Known = Callable[[str], Output | None]
"""What we last wrote at a path."""


def made_folder(folder: Path) -> Path:
    """A folder that somebody named to write into, made where it is not there.

    Raises:
        WrongUse: when a file of that name is there, or no folder may be made there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise WrongUse(f"{folder} is a file, not a folder.", "Name a folder.") from error
    except OSError as error:
        raise WrongUse(f"The folder {folder} cannot be made: {error.strerror}.", "Name another.") from error
    return folder


def look(outbox: Path, path: str) -> tuple[int, int] | None:
    """The size in bytes and the time in nanoseconds of a file of ours; None when no such file is there."""
    try:
        found = (outbox / path).lstat()
    except OSError:
        return None
    return (found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None


def holds(outbox: Path, path: str, known: Known) -> bool | None:
    """Whether a file of ours still holds what was written, or was changed; None = somebody has it open just now."""
    file, ours = outbox / path, known(path)
    if ours is None or open_elsewhere(file):
        return None
    try:
        return digest(read_regular(file)) == ours.sha256
    except OSError:
        return None


def beside(path: str) -> str:
    """Where a document is put whose own place is taken: `NAME (new).pdf`."""
    file = PurePosixPath(path)
    return str(file.with_name(f"{file.stem} (new){file.suffix}"))


def put(outbox: Path, path: str, content: bytes, known: Known) -> str | None:
    """Writes a document at a path of the outbox; tells the path it was written at, None when it stood there already.

    A file there that is not ours, was changed, or is open in another program is not touched: the new one is put
    beside it, as `NAME (new).pdf`.
    """
    file, ours = outbox / path, known(path)
    sha256 = digest(content)
    if file.exists():
        there = digest(file.read_bytes())
        if there == sha256:
            return None if ours and ours.sha256 == sha256 else path
        if ours is None or ours.sha256 != there or open_elsewhere(file):
            return put(outbox, beside(path), content, known)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, content)
    return path


def move(old: Path, new: Path) -> bool:
    """Moves everything in a folder to another one; tells whether nothing of it is left behind.

    Nothing is moved while somebody has one of the files open, and nothing is replaced.
    """
    if not old.is_dir():
        return True
    files = sorted(old.iterdir())
    if any(open_elsewhere(file) or (new / file.name).exists() for file in files):
        return False
    new.mkdir(parents=True, exist_ok=True)
    for file in files:
        file.rename(new / file.name)
    old.rmdir()
    return True


def remove(outbox: Path, ours: Output) -> bool:
    """Removes a file of ours, if it still holds what was written and nobody has it open."""
    file = outbox / ours.path
    if not file.is_file() or open_elsewhere(file) or digest(file.read_bytes()) != ours.sha256:
        return not file.exists()
    file.unlink()
    return True
