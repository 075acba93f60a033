"""Work in processes of its own, with limits on time and memory; one that dies harms nothing else."""

from __future__ import annotations

import hashlib
import math
import os
import signal
import stat
from collections.abc import Callable
from concurrent.futures import TimeoutError as WorkerTimeout
from concurrent.futures import wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from engine.model import Form, Refusal
from engine.settings import Limits

Reader = Callable[[Path, Limits], Form]
"""What a worker does: a file, read within limits."""

JOBS = 1000
"""Files that a worker reads before a fresh one takes its place, so that what libraries hoard goes with it."""

_UNKNOWN = "application/octet-stream"
_SAVE_ANEW = "Open it in Word or a PDF reader, save a new copy, and drop that in."
_NOT_REGULAR = (
    (stat.S_ISLNK, "This is a link to another file, not a file.", "Send the file itself."),
    (stat.S_ISDIR, "This is a folder, not a file.", "Send the forms that are in it."),
    (stat.S_ISFIFO, "This is a pipe between programs, not a file.", "Send the form as a file."),
    (stat.S_ISSOCK, "This is a connection between programs, not a file.", "Send the form as a file."),
    (stat.S_ISCHR, "This is a device, not a file.", "Send the form as a file."),
    (stat.S_ISBLK, "This is a device, not a file.", "Send the form as a file."),
)


TRIES = 3
"""How often work is set to a fresh worker when the one that had it was ended and nothing says why."""


LOST = 15.0
"""Seconds beyond its limit after which work is lost that nothing has come of: a worker that is killed in the moment in
which it takes work up takes it along, and pebble then waits for ever."""


class Ended(Exception):
    """A worker was ended before its work was done; `why` says of which limit, or "" when nothing tells."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Task:
    """Work that a worker of a pool was set to."""

    work: tuple[Any, ...]
    result: Any
    pool: Any


class Workers:
    """Processes that work is shared out to; started when first asked, ended when left, and with their parent."""

    def __init__(self, count: int, memory: int, seconds: float) -> None:
        """So many workers.

        Args:
            memory: megabytes that each may use; 0 = as many as there are.
            seconds: wall time that one piece of work may take.
        """
        self._count, self._memory, self._seconds = count, memory, seconds
        self._pool: Any = None

    def _started(self) -> Any:
        from multiprocessing import get_context

        from pebble import ProcessPool

        # Spawned, not forked: a worker that shared our memory could hold our files and locks, and our threads' state.
        return ProcessPool(
            max_workers=self._count,
            max_tasks=JOBS,
            initializer=_confine,
            initargs=[self._memory],
            context=get_context("spawn"),
        )

    @property
    def running(self) -> bool:
        """Whether they were ever asked for anything."""
        return self._pool is not None

    def start(self, *work: Any) -> Task:
        """Sets a worker to a function and its arguments; `collect` waits for what comes of it."""
        try:
            return self._scheduled(work)
        except RuntimeError:
            # A worker that died while it had nothing to do breaks pebble's pool for good.
            self.end(at_once=True)
            return self._scheduled(work)

    def _scheduled(self, work: tuple[Any, ...]) -> Task:
        if self._pool is None:
            self._pool = self._started()
        return Task(work, self._pool.schedule(work[0], args=work[1:], timeout=self._seconds), self._pool)

    def collect(self, task: Task) -> Any:
        """What came of the work. A worker that was killed says nothing of its work, so that is tried again.

        Collected in the order in which it was started, work has a worker by the time that it is waited for.

        Raises:
            Ended: when the work took too long, or ended `TRIES` workers.
        """
        from pebble import ProcessExpired

        for _ in range(TRIES):
            if task.pool is self._pool:
                wait([task.result], self._seconds + LOST)
            try:
                if task.result.done():
                    return task.result.result()
                if task.pool is self._pool:
                    self.end(at_once=True)
            except WorkerTimeout:
                raise Ended("seconds") from None
            except ProcessExpired as expired:
                if -(expired.exitcode or 0) == getattr(signal, "SIGXCPU", None):
                    raise Ended("cpu_seconds") from None
            except BrokenProcessPool:
                pass
            task = self.start(*task.work)
        raise Ended("") from None

    def end(self, at_once: bool = False) -> None:
        """Ends the workers: when they have done what they were set to, or at once."""
        if self._pool is None:
            return
        self._pool.stop() if at_once else self._pool.close()
        try:
            self._pool.join(None if at_once else self._seconds + LOST)
        except WorkerTimeout:
            self._pool.stop()
            self._pool.join()
        self._pool = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that a worker was set to read; `refusal` where nobody need open it to see that it may not be read."""

    file: Path
    task: Task | None = None
    refusal: Refusal | None = None


class Pool:
    """Workers that read files.

    A file that takes too long, wants too much memory or kills its workers is refused; the next one has a new worker.
    """

    def __init__(self, read: Reader, limits: Limits, workers: int = 1) -> None:
        """Workers that read with `read(file, limits)`."""
        self._read, self._limits = read, limits
        self._workers = Workers(workers, limits.memory, limits.seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end(at_once=error is not None)

    def end(self, at_once: bool = False) -> None:
        """Ends the workers: when they have done what they were set to, or at once."""
        self._workers.end(at_once)

    def read(self, file: Path) -> Form:
        """What a file says; a refusal when it is none, costs more than the limits allow, or kills its workers."""
        return self.collect(self.start(file))

    def start(self, file: Path) -> Reading:
        """Sets a worker to read a file; `collect` waits for it. Only a regular file is ever opened."""
        refusal = _at_the_door(file, self._limits)
        if refusal:
            return Reading(file, refusal=refusal)
        return Reading(file, self._workers.start(_work, self._read, file, self._limits))

    def collect(self, reading: Reading) -> Form:
        """What the file says that a worker was set to read."""
        if reading.task is None:
            return Form("", _UNKNOWN, refused=reading.refusal)
        try:
            form: Form = self._workers.collect(reading.task)
            return form
        except Ended as ended:
            return Form(_digest(reading.file), _UNKNOWN, refused=Refusal(self._why(ended.why), _SAVE_ANEW))

    def _why(self, limit: str) -> str:
        """Why a worker ended, as far as that can be told."""
        if limit == "seconds":
            return f"Reading this file took longer than {self._limits.seconds:g} seconds (the setting limits.seconds)."
        if limit == "cpu_seconds":
            seconds = f"{self._limits.cpu_seconds} seconds of processor time"
            return f"Reading this file took more than {seconds} (the setting limits.cpu_seconds)."
        return (
            "This file is damaged in a way that stopped the program which read it, or made it want more than "
            f"{self._limits.memory} MB of memory (the setting limits.memory)."
        )


def _at_the_door(file: Path, limits: Limits) -> Refusal | None:
    """Why a file is not even opened; looking at it never blocks and follows no link."""
    try:
        found = file.lstat()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        return Refusal(f"This file cannot be looked at: {why}.", "Check that it is there and that you may read it.")
    for is_it, reason, advice in _NOT_REGULAR:
        if is_it(found.st_mode):
            return Refusal(reason, advice)
    if found.st_size > limits.size * 1_000_000:
        return Refusal(
            f"This file is over the limit on size: {found.st_size:,} bytes, where {limits.size * 1_000_000:,} is "
            "allowed (the setting limits.size).",
            "Check that it is the form you meant to send. If it holds pictures or scans, send those separately.",
        )
    return None


def _digest(file: Path) -> str:
    """SHA-256 of a regular file's bytes, a piece at a time; "" when it cannot be read (any more)."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    try:
        with open(os.open(file, flags), "rb") as content:  # noqa: PTH123 - a descriptor, not a path
            if not stat.S_ISREG(os.fstat(content.fileno()).st_mode):
                return ""
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError:
        return ""


# ── Inside a worker ─────────────────────────────────────────────────────────────────────────────────────────────


def _work(read: Reader, file: Path, limits: Limits) -> Form:
    """Reads one file inside a worker; whatever goes wrong becomes a refusal of this file."""
    _allow_processor_time(limits.cpu_seconds)
    try:
        return read(file, limits)
    except MemoryError:
        why = f"Reading this file took more than {limits.memory} MB of memory (the setting limits.memory)."
    except OSError as error:
        why = f"This file cannot be opened: {error.strerror or error}."
    except Exception as error:  # noqa: BLE001 - law 11: not even a mistake of ours may stop the other files
        why = f"This file is damaged in a way that was not foreseen ({type(error).__name__}: {str(error)[:200]})."
    return Form(_digest(file), _UNKNOWN, refused=Refusal(why, _SAVE_ANEW))


def _allow_processor_time(seconds: int) -> None:
    """Lets this worker use so many more seconds: the system's limit is on a process, and so adds up over its files."""
    try:
        import resource
    except ImportError:  # Windows has no such limits; the time limit still holds.
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _confine(megabytes: int) -> None:
    """Limits this worker's memory, and makes it end when its parent does, or at once when it is told to.

    Only soft limits are set, so that a program which a reader starts, with limits of its own, can be given more.
    """
    import threading
    from multiprocessing import parent_process

    # Pebble's own way of ending waits for Python, which a library that hangs never comes back to.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # Ctrl-C reaches everybody at the terminal: our parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    above = parent_process()

    def leave_with_parent() -> None:
        if above is not None:
            above.join()
        os._exit(1)

    threading.Thread(target=leave_with_parent, daemon=True).start()
    try:
        import resource
    except ImportError:
        return
    if megabytes:
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, resource.getrlimit(resource.RLIMIT_AS)[1]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
