"""How wide the columns of a table are in a Word form: by their shares, and by the words that they have to show.

Pure. Lengths are in twentieths of a point.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from engine.places import HINTS, Kind
from engine.sheet import Block, Box

TEXT_WIDTH = 9638
"""Between the margins of A4."""

_THIN = re.compile("[/.,ilj’ ]")


def widths_of(first: str, block: Block, scale: float) -> tuple[int, ...]:
    """Widths of the key's column and the others: by their shares, but none too narrow for its longest word.

    Args:
        scale: how many times wider the type runs than 12 points do.
    """
    key = min(int(_widest((first, *(row.key for row in block.rows))) * scale), TEXT_WIDTH // 4)
    least = [
        int(
            scale
            * _widest(
                word
                for words in {column.label, *(w for row in block.rows for w in _shows(row.boxes[number]))}
                for word in words.split()
            )
        )
        for number, column in enumerate(block.columns)
    ]
    left, open_columns = TEXT_WIDTH - key, dict(enumerate(column.width for column in block.columns))
    if sum(least) > left:
        firm = {n for row in block.rows for n, box in enumerate(row.boxes) if box.kind in (Kind.DATE, Kind.CHOICE)}
        return key, *_crowded(least, firm, left)
    widths: dict[int, int] = {}
    while open_columns:
        unit = left / sum(open_columns.values())
        tight = [n for n, share in open_columns.items() if share * unit < least[n]]
        if not tight:
            widths |= {n: int(share * unit) for n, share in open_columns.items()}
            break
        for n in tight:
            widths[n] = least[n]
            left -= least[n]
            del open_columns[n]
    return (key, *(widths[n] for n in range(len(block.columns))))


def _crowded(least: Sequence[int], firm: Collection[int], left: int) -> Iterator[int]:
    """Widths where there is not room for every longest word: all give up the same share, but for the firm ones.

    Words may break, but a day that stands on two lines is misread, and so is a choice.
    """
    kept = sum(least[n] for n in firm)
    if kept > left * 2 // 3:
        firm, kept = (), 0
    share = (left - kept) / (sum(least) - kept)
    for n, width in enumerate(least):
        yield width if n in firm else int(width * share)


def _shows(box: Box) -> tuple[str, ...]:
    """The words that a box will have to show."""
    if box.kind is Kind.DATE:
        return ("00/00/0000",)
    # Whatever people will write into an empty text box has words of about this length.
    return (*box.choices, box.shown, HINTS[Kind.CHOICE]) if box.choices else ("0000000", box.shown)


def _widest(words: Iterable[str]) -> int:
    """What the longest of some words takes in bold Arial of 12 points, about, with the cell's margins.

    Past sixteen letters a word may break.
    """
    return max((136 * len(word) - 68 * len(_THIN.findall(word)) for word in {w[:16] for w in words}), default=0) + 260
