"""Untrusted work in processes of its own, with limits on time and memory; one that dies harms nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import TimeoutError as WorkerTimeout
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from engine.model import Form, Refusal, digest
from engine.settings import Limits


class Pool:
    """Workers that read files. Started when first asked, ended when left."""

    def __init__(self, read: Callable[[Path, int], Form], limits: Limits, workers: int = 1) -> None:
        """Workers that read with `read(file, the most bytes it may have)`."""
        from multiprocessing import get_context

        from pebble import ProcessPool

        self._read, self._limits = read, limits
        # Spawned, not forked: a worker that shared our memory could hold our files and locks, and our threads' state.
        self._pool = ProcessPool(
            max_workers=workers,
            initializer=_confine,
            initargs=[limits.memory, os.getpid()],
            context=get_context("spawn"),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.stop() if error else self._pool.close()
        self._pool.join()

    def read(self, file: Path) -> Form:
        """What a file says; a refusal when it costs more than the limits allow, or kills its worker."""
        return self.collect(file, self.start(file))

    def start(self, file: Path) -> Any:
        """Sets a worker to read a file; `collect` waits for it."""
        return self._pool.schedule(self._read, args=[file, self._limits.size * 1_000_000], timeout=self._limits.seconds)

    def collect(self, file: Path, reading: Any) -> Form:
        """What the file says that a worker was set to read."""
        from pebble import ProcessExpired

        try:
            form = reading.result()
            assert isinstance(form, Form)
            return form
        except WorkerTimeout:
            why = f"Reading the file took longer than {self._limits.seconds:g} seconds (the setting limits.seconds)."
        except MemoryError:
            why = f"Reading the file took more than {self._limits.memory} MB of memory (the setting limits.memory)."
        except ProcessExpired:
            why = "The file is damaged in a way that stopped the program which read it."
        advice = "Open it in Word or a PDF reader, save a new copy, and drop that in."
        with file.open("rb") as content:
            return Form(digest(content.read()), "application/octet-stream", refused=Refusal(why, advice))


def _confine(megabytes: int, parent: int) -> None:
    """Limits this worker's memory, and makes it end when its parent does."""
    import threading
    import time

    try:
        import resource
    except ImportError:  # Windows has no such limits; the time limit still holds.
        return
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def leave_with_parent() -> None:
        while os.getppid() == parent:
            time.sleep(2)
        os._exit(1)

    threading.Thread(target=leave_with_parent, daemon=True).start()
