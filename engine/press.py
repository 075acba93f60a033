"""Many sheets into documents: several at once, in typesetters that stay warm."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.errors import Declined
from engine.pool import Ended, Workers
from engine.proofs import typeset
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
        if self._count < 2 or (waiting < WORTH and not self._workers.running):
            return lambda: {path: typeset(*sheet).content for path, sheet in work.items()}
        tasks = {path: self._workers.start(_content, *sheet) for path, sheet in work.items()}

        def answer() -> dict[str, bytes]:
            try:
                return {path: self._workers.collect(task) for path, task in tasks.items()}
            except Ended:
                raise Declined(
                    "The program that typesets was ended again and again.", "It will be tried again."
                ) from None

        return answer

    def end(self, at_once: bool = False) -> None:
        """Ends the typesetters."""
        self._workers.end(at_once)


def _content(sheet: Sheet, medium: str) -> bytes:
    return typeset(sheet, medium).content
