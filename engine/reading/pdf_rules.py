"""What is ruled on a printed page: tables made of lines, circles and squares that people mark."""

from __future__ import annotations

from dataclasses import dataclass

from engine.reading.pdf_page import Edge, Print

_SQUARE = 12.0
_THIN = 1.2


@dataclass(frozen=True, slots=True)
class Table:
    """A ruled table: where its upright lines stand, from the left, and its level ones, from the top."""

    across: tuple[float, ...]
    down: tuple[float, ...]

    def cell(self, row: int, column: int) -> Edge:
        """The cell in a row and a column, each from 0."""
        return self.across[column], self.down[row + 1], self.across[column + 1], self.down[row]


@dataclass(frozen=True, slots=True)
class Mark:
    """A circle or a square to be marked, and whether it is."""

    box: Edge
    round: bool
    on: bool


def tables(page: Print, scale: float) -> list[Table]:
    """The tables whose upright lines all run from their first level line to their last."""
    thin = _THIN * scale
    level = _runs([box for box, *_ in page.paths if _tall(box) < thin <= _wide(box)], 0, thin)
    upright = _runs([box for box, *_ in page.paths if _wide(box) < thin <= _tall(box)], 1, thin)
    level, upright = [x for x in level if _wide(x) > 60 * scale], [x for x in upright if _tall(x) > 14 * scale]
    found = []
    while upright:
        first = upright[0]
        same = [line for line in upright if _near(line[1], first[1], scale) and _near(line[3], first[3], scale)]
        upright = [line for line in upright if line not in same]
        left, right = min(line[0] for line in same), max(line[2] for line in same)
        crossing = [
            box for box in level
            if _near(box[0], left, scale) and _near(box[2], right, scale)
            and first[1] - scale < box[1] < first[3] + scale
        ]  # fmt: skip
        across, down = _distinct([line[0] for line in same], scale), _distinct([box[1] for box in crossing], scale)
        if len(across) > 2 and len(down) > 1:
            found.append(Table(tuple(across), tuple(down[::-1])))
    return sorted(found, key=lambda table: -table.down[0])


def _runs(found: list[Edge], along: int, gap: float) -> list[Edge]:
    """Lines whole, as they look: some programs draw each cell's edges. `along` is 0 for level lines, 1 for upright."""
    across = 1 - along
    runs: list[Edge] = []
    for line in sorted(found, key=lambda edge: (round(edge[across] / gap), edge[along])):
        last = runs[-1] if runs else None
        touches = last and last[along] - gap < line[along] < last[along + 2] + gap
        if last and touches and abs(last[across] - line[across]) < gap:
            runs[-1] = (min(last[0], line[0]), min(last[1], line[1]), max(last[2], line[2]), max(last[3], line[3]))
        else:
            runs.append(line)
    return runs


def _near(one: float, other: float, scale: float) -> bool:
    return abs(one - other) < 2 * scale


def _distinct(numbers: list[float], scale: float) -> list[float]:
    """Numbers in order, without those next to another."""
    found: list[float] = []
    for number in sorted(numbers):
        if not found or number - found[-1] > 2 * scale:
            found.append(number)
    return found


def marks(page: Print, scale: float) -> list[Mark]:
    """The circles and squares of the size that ours have; one is on when something is drawn inside."""
    found: dict[tuple[int, int], Mark] = {}
    small = [path for path in page.paths if _wide(path[0]) < 16 * scale and _tall(path[0]) < 16 * scale]
    for box, _, curved in small:
        if abs(_wide(box) - _SQUARE * scale) < scale and abs(_tall(box) - _SQUARE * scale) < scale:
            inside = [
                other for other, *_ in small
                if _wide(other) < 0.8 * _wide(box) and _wide(other) > 0.3 * _wide(box)
                and box[0] < other[0] and other[2] < box[2] and box[1] < other[1] and other[3] < box[3]
            ]  # fmt: skip
            found[round(box[0] / scale), round(box[1] / scale)] = Mark(box, curved, bool(inside))
    return sorted(found.values(), key=lambda mark: (-mark.box[3], mark.box[0]))


def _wide(box: Edge) -> float:
    return box[2] - box[0]


def _tall(box: Edge) -> float:
    return box[3] - box[1]
