"""One writer at a time: a lock that ends with the process that holds it, however that ends."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.errors import WorkspaceTrouble

WAIT = 30.0
"""Seconds that a command waits for another one to finish writing."""


@contextmanager
def held(file: Path) -> Iterator[bool]:
    """Holds the lock; yields whether the last holder died while it held it, so that there is something to clear up.

    While it is held, the file says on which machine and by which process: nobody reads it but people, and the message
    below.

    Raises:
        WorkspaceTrouble: when another program has been writing for longer than `WAIT`.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    place = os.open(file, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        _wait(place)
        died = bool(_holder(place))
        _say(place, f"{platform.node()} {os.getpid()}\n")
        try:
            yield died
        finally:
            _say(place, "")
            # Workers that were started meanwhile have copies of the handle: closing ours alone would not let go.
            _unlock(place)
    finally:
        os.close(place)


def _wait(place: int) -> None:
    deadline = time.monotonic() + WAIT
    while not _try_lock(place):
        if time.monotonic() > deadline:
            machine, _, number = _holder(place).partition(" ")
            who = f" (number {number} on {machine})" if number else ""
            raise WorkspaceTrouble(
                f"Another program{who} has been writing in this workspace for {WAIT:g} seconds.",
                "Wait until it has finished, then try again.",
            )
        time.sleep(0.05)


def _holder(place: int) -> str:
    os.lseek(place, 1, os.SEEK_SET)
    return os.read(place, 200).decode("utf-8", "replace").strip("\0\n ")


def _say(place: int, words: str) -> None:
    """Writes behind the first byte, which on Windows nobody else may touch while it is locked."""
    with suppress(OSError):  # A full disk must not keep anybody from locking; the words are for people.
        os.ftruncate(place, 0)
        os.lseek(place, 1, os.SEEK_SET)
        os.write(place, words.encode())


def _try_lock(place: int) -> bool:
    os.lseek(place, 0, os.SEEK_SET)
    try:
        import fcntl
    except ImportError:
        import msvcrt

        with suppress(OSError):
            msvcrt.locking(place, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
            return True
        return False
    # A record lock: it belongs to this process alone, so that no worker of ours can keep it after us, and servers of
    # network shares know it.
    with suppress(BlockingIOError, PermissionError):
        fcntl.lockf(place, fcntl.LOCK_EX | fcntl.LOCK_NB, 1)
        return True
    return False


def _unlock(place: int) -> None:
    os.lseek(place, 0, os.SEEK_SET)
    try:
        import fcntl
    except ImportError:
        import msvcrt

        with suppress(OSError):
            msvcrt.locking(place, msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined, unused-ignore]
        return
    fcntl.lockf(place, fcntl.LOCK_UN, 1)
