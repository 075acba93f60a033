"""The inbox watched until told to stop: events of the file system are hints, looking is the truth."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine import inbox
from engine.workspace import Summary, Workspace

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver

IDLE = 60.0
"""Seconds between two runs when nothing arrives: clocks move, and files of ours may be missing."""


def watch(workspace: Workspace, stop: threading.Event) -> Iterator[Summary]:
    """Runs whenever something has come to rest in the inbox or changed in the outbox; ends when `stop` is set."""
    settings = workspace.premises.settings.watch
    hint = threading.Event()
    observer = _observe(workspace, hint)
    try:
        yield workspace.run(stop=stop.is_set)
        last = time.monotonic()
        while not stop.is_set():
            hint.wait(settings.look if not hint.is_set() else 0)
            if stop.wait(0.05 if hint.is_set() else 0):
                break
            hint.clear()
            waiting = any(True for _ in inbox.look(workspace.premises.inbox))
            idle = time.monotonic() - last > IDLE
            if waiting or idle:
                yield workspace.run(stop=stop.is_set, only_new=not idle)
            if idle:
                last = time.monotonic()
    finally:
        observer.stop()
        observer.join()


def _observe(workspace: Workspace, hint: threading.Event) -> BaseObserver:
    from watchdog.events import FileSystemEvent, FileSystemEventHandler
    from watchdog.observers import Observer

    class Hint(FileSystemEventHandler):
        """Wakes the watch, whatever happened: what it was, looking will tell."""

        def on_any_event(self, event: FileSystemEvent) -> None:
            hint.set()

    logging.getLogger("watchdog").setLevel(logging.CRITICAL)  # It talks to itself as it stops.
    observer = Observer()
    observer.schedule(Hint(), str(workspace.premises.inbox), recursive=True)
    observer.start()
    return observer
