"""The inbox watched until told to stop: events of the file system are hints, looking is the truth."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from engine import inbox
from engine.mounts import is_quiet
from engine.workspace import Summary, Workspace

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver

IDLE = 60.0
"""Seconds between two runs when nothing arrives: clocks move, and files of ours may be missing."""

BEAT = 10.0
"""Seconds between two heartbeats when nothing happens."""

DONE = ("taken_in", "already_known", "refused", "queries_raised", "revisions", "renditions", "seconds")
"""What the log tells of a run."""

LONGEST = 30.0
"""Seconds between two looks, at most, while a disk or the ledger cannot be used."""


def watch(workspace: Workspace, stop: threading.Event) -> Iterator[Summary]:
    """Runs whenever something lies in the inbox, and now and then anyway; ends when `stop` is set.

    While something is wrong that stops taking in, it looks less and less often, and goes on by itself afterwards.
    """
    pause = workspace.premises.settings.watch.look
    hint = threading.Event()
    observer = _observe(workspace, hint)
    try:
        wait, last, beat = pause, time.monotonic(), 0.0
        workspace.health.log("started")
        found = workspace.run(stop=stop.is_set)
        yield _noted(workspace, found)
        while not stop.is_set():
            wait = min(wait * 2, LONGEST) if found.stuck else pause
            _rest(stop, hint, wait, found.stuck)
            idle = time.monotonic() - last > IDLE
            if not stop.is_set() and (idle or found.stuck or any(inbox.look(workspace.premises.inbox))):
                found = workspace.run(stop=stop.is_set, only_new=not idle and not found.stuck)
                yield _noted(workspace, found)
            elif time.monotonic() - beat > BEAT:
                workspace.health.beat("watching")
                beat = time.monotonic()
            if idle:
                last = time.monotonic()
                if not found.stuck and not stop.is_set() and workspace.quality_report_is_due():
                    workspace.write_quality_report(workspace.audit())
    finally:
        with suppress(OSError):
            workspace.health.beat("stopped")
            workspace.health.log("stopped")
        if observer:
            observer.stop()
            observer.join()


def _noted(workspace: Workspace, found: Summary) -> Summary:
    """Says in heartbeat and log what a run did, in numbers alone."""
    done = {name: value for name in DONE if (value := getattr(found, name))}
    with suppress(OSError):  # A full disk stops no watch.
        state = "stuck" if found.stuck else "watching"
        workspace.health.beat(state, waiting=len(found.waiting), troubles=len(found.troubles))
        if done or found.troubles:
            workspace.health.log("ran", **done, waiting=len(found.waiting), troubles=len(found.troubles))
    return found


def _rest(stop: threading.Event, hint: threading.Event, seconds: float, stuck: bool) -> None:
    """Waits for a hint, a stop, or the next look."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and not stop.is_set():
        if hint.wait(min(0.25, seconds)) and not stuck:
            break
    hint.clear()


def _observe(workspace: Workspace, hint: threading.Event) -> BaseObserver | None:
    """Has the operating system tell when something happens; None where it cannot, and looking is all there is."""
    if is_quiet(workspace.premises.inbox):
        return None
    from watchdog.events import FileSystemEvent, FileSystemEventHandler
    from watchdog.observers import Observer

    class Hint(FileSystemEventHandler):
        """Wakes the watch, whatever happened: what it was, looking will tell."""

        def on_any_event(self, event: FileSystemEvent) -> None:
            hint.set()

    logging.getLogger("watchdog").setLevel(logging.CRITICAL)  # It talks to itself as it stops.
    observer = Observer()
    try:
        observer.schedule(Hint(), str(workspace.premises.inbox), recursive=True)
        observer.start()
    except OSError:  # The system watches no more folders for us, or the inbox has just gone.
        return None
    return observer
