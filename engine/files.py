"""The disk's own manners: writing a file in one step, names that every system takes, files open elsewhere."""

from __future__ import annotations

import errno
import os
import re
import signal
import stat
import unicodedata
from collections.abc import Iterator
from pathlib import Path

LONGEST = 160
"""Bytes of a file name that we make, UTF-8; systems take 255, and hidden names and endings want room."""

PART = ".part"


def write_whole(place: Path, content: bytes) -> None:
    """Writes a file in one step, safely on disk when it returns: a reader sees the old bytes or the new, never a part.

    The bytes are written to a hidden file beside it first, named `.NAME.part`; one that a crash leaves is swept up by
    `sweep`.
    """
    part = place.with_name(f".{shortened(place.name, LONGEST)}{PART}")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(place)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    sync_folder(place.parent)


def sync_folder(folder: Path) -> None:
    """Has what was renamed into or out of a folder safely on disk; Windows does that by itself."""
    if hasattr(os, "O_DIRECTORY"):
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def sweep(folder: Path) -> int:
    """Removes the hidden parts that a crash left in a folder and below; tells how many."""
    count = 0
    for where, _, names in os.walk(folder):
        for name in names:
            if name.startswith(".") and name.endswith(PART):
                Path(where, name).unlink(missing_ok=True)
                count += 1
    return count


def read_regular(file: Path) -> bytes:
    """The bytes of a regular file; a link, pipe or device that has taken its place is never opened or waited for.

    Raises:
        OSError: when it is no regular file, or cannot be read.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(file, flags), "rb") as opened:  # noqa: PTH123 - a descriptor, not a path
        if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file", str(file))
        return opened.read()


def shortened(name: str, longest: int = LONGEST) -> str:
    """A name cut at its end to so many bytes of UTF-8, never in the middle of a character."""
    return name.encode("utf-8", "replace")[:longest].decode("utf-8", "ignore")


def safe_name(words: str) -> str:
    """Words as a file name that every system takes: no reserved characters, no outer dots or blanks, not too long."""
    kept = "".join(c for c in unicodedata.normalize("NFC", words) if unicodedata.category(c)[0] != "C")
    kept = shortened(re.sub(r'[<>:"/\\|?*]+', "-", kept).strip(" .")[:100]).strip(" .")
    reserved = re.fullmatch(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", kept)
    return f"_{kept}" if reserved or not kept else kept


def readable(name: str) -> str:
    """A file's name as it can be written down: bytes that are no text become a mark."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def owner(file: Path) -> str:
    """The account that a file belongs to; "" where the system does not tell, or it is the one that we run under."""
    try:
        found = file.lstat().st_uid
        return "" if found in (0, os.getuid()) else file.owner()
    except (OSError, KeyError, AttributeError, NotImplementedError):
        return ""


def _owners(name: str) -> Iterator[str]:
    """The owner files that Word and LibreOffice leave beside a file they have open; Word's drops up to two letters."""
    yield from (f"~${name[dropped:]}" for dropped in range(3))
    yield f".~lock.{name}#"


def open_elsewhere(file: Path) -> bool:
    """Whether Word or LibreOffice has the file open: they leave an owner file beside it."""
    return any(os.path.lexists(file.with_name(owner)) for owner in _owners(file.name))


def being_written(file: Path) -> bool:
    """Whether a program on this machine has the file open for writing, as far as the system tells.

    Linux grants a lease for reading only while nobody writes. Windows lets nobody move a file that is being written,
    so there the move itself is the question.
    """
    try:
        import fcntl

        set_lease, set_signal = fcntl.F_SETLEASE, fcntl.F_SETSIG
    except (ImportError, AttributeError):
        return False
    opened = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        # Whoever opens the file meanwhile has us told by a signal; the usual one would end us, this one does nothing.
        fcntl.fcntl(opened, set_signal, signal.SIGURG)
        fcntl.fcntl(opened, set_lease, fcntl.F_RDLCK)
        fcntl.fcntl(opened, set_lease, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    finally:
        os.close(opened)
    return False
