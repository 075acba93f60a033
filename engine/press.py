"""Many sheets into documents: several at once, in typesetters that stay warm."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain

from engine.errors import Declined
from engine.pool import Ended, Workers
from engine.proofs import typeset_copies
from engine.sheet import Sheet

SECONDS = 120.0
"""Wall time that typesetting one document may take."""

WORTH = 8
"""How many documents must wait before starting typesetters is worth what it costs."""


Work = Mapping[str, tuple[Sheet, str]]
"""What is to be typeset, by path: the sheet, and `word` or `pdf`."""


class Press:
    """Typesetters, as many as there are cores for; with one core, or little to do, the work is done here and now."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._workers = Workers(count, 0, SECONDS)

    def start(self, work: Work, waiting: int) -> Callable[[], dict[str, bytes]]:
        """Starts on some documents; the answer waits for them.

        Args:
            waiting: how many documents wait in all.

        Raises:
            Declined: from the answer, when a document does not read back as it was written.
        """
        paths, prints = _copies(work)
        if self._count < 2 or (waiting < WORTH and not self._workers.running):
            return lambda: dict(zip(paths, chain.from_iterable(map(_contents, prints)), strict=True))
        tasks = [self._workers.start(_contents, copies) for copies in prints]

        def answer() -> dict[str, bytes]:
            try:
                contents = [self._workers.collect(task) for task in tasks]
            except Ended:
                raise Declined(
                    "The program that typesets was ended again and again.", "It will be tried again."
                ) from None
            return dict(zip(paths, chain.from_iterable(contents), strict=True))

        return answer

    def end(self, at_once: bool = False) -> None:
        """Ends the typesetters."""
        self._workers.end(at_once)


Copies = tuple[list[Sheet], str]
"""Sheets that differ in the numbers of their forms alone, and `word` or `pdf`."""


def _copies(work: Work) -> tuple[list[str], list[Copies]]:
    """The work with the copies of each form put together, and the paths in the order in which they come of it."""
    alike: dict[tuple[Sheet, str], dict[str, Sheet]] = {}
    for path, (sheet, medium) in work.items():
        alike.setdefault((sheet.unnumbered, medium), {})[path] = sheet
    paths = [path for copies in alike.values() for path in copies]
    return paths, [(list(copies.values()), medium) for (_, medium), copies in alike.items()]


def _contents(copies: Copies) -> list[bytes]:
    return [rendition.content for rendition in typeset_copies(*copies)]
