"""Many sheets into documents: several at once, in typesetters that stay warm."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Typeset:
    """What came of some work.

    Attributes:
        contents: the documents, by path.
        held_back: a sentence for each that does not read back as it was written, and so has no content.
    """

    contents: Mapping[str, bytes]
    held_back: tuple[str, ...] = ()


class Press:
    """Typesetters, as many as there are cores for; with one core, or little to do, the work is done here and now."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._workers = Workers(count, 0, SECONDS)

    def start(self, work: Work, waiting: int) -> Callable[[], Typeset]:
        """Starts on some documents; the answer waits for them.

        Args:
            waiting: how many documents wait in all.

        Raises:
            Declined: from the answer, when the typesetters end whatever is tried.
        """
        prints = _copies(work)
        if self._count < 2 or (waiting < WORTH and not self._workers.running):
            return lambda: _together(map(_contents, prints))
        tasks = [self._workers.start(_contents, copies) for copies in prints]

        def answer() -> Typeset:
            try:
                return _together([self._workers.collect(task) for task in tasks])
            except Ended:
                raise Declined(
                    "The program that typesets was ended again and again.", "It will be tried again."
                ) from None

        return answer

    def end(self, at_once: bool = False) -> None:
        """Ends the typesetters."""
        self._workers.end(at_once)


Copies = tuple[Mapping[str, Sheet], str]
"""Sheets that differ in the numbers of their forms alone, by path, and `word` or `pdf`."""


def _copies(work: Work) -> list[Copies]:
    """The work with the copies of each form put together."""
    alike: dict[tuple[Sheet, str], dict[str, Sheet]] = {}
    for path, (sheet, medium) in work.items():
        alike.setdefault((sheet.unnumbered, medium), {})[path] = sheet
    return [(copies, medium) for (_, medium), copies in alike.items()]


def _contents(copies: Copies) -> Mapping[str, bytes] | str:
    """The documents of the copies of a form, by path, or why they are held back."""
    sheets, medium = copies
    try:
        made = typeset_copies(list(sheets.values()), medium)
    except Declined as held_back:
        return str(held_back)
    return {path: rendition.content for path, rendition in zip(sheets, made, strict=True)}


def _together(found: Iterable[Mapping[str, bytes] | str]) -> Typeset:
    contents: dict[str, bytes] = {}
    held_back = []
    for made in found:
        if isinstance(made, str):
            held_back.append(made)
        else:
            contents |= made
    return Typeset(contents, tuple(held_back))
