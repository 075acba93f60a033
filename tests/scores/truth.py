"""What is so, told without the engine: what each person saw on paper, what they wrote, and where two really disagree.

The rules of paper practice are told here once more, from the side of the people who write; nothing of `engine.merge`
is used, so that a generated year (`tests.scores.year`) can hold the two against each other after every form.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.places import ROLES, Change, Place, Value
from engine.plan import TABLES, place_of, split

PRIVATE = "counselling"
"""The one word of the special ones that people in this year write where others may read it."""


@dataclass(frozen=True)
class Mark:
    """What a pen left in one box.

    Attributes:
        kind: `said`, `cleared` (the word CLEAR), `emptied`, `not applicable`, `spoilt` (words that are no answer).
        value: what is meant, where something is said.
        words: what stands in the box.
    """

    box: str
    kind: str
    value: Value = None
    words: str | bool | None = None


@dataclass
class Paper:
    """One form in somebody's hands.

    Attributes:
        number: what tells it from other papers: the form's number; of a copied blank, the file's own.
        hand: letter of the role whose copy it is; "" = anybody's.
        shown: what stood in its boxes when it was printed.
        about: the place that dates the row which the form is about; "" if it is about none.
        knows: what its sender knows of the plan: what was shown, and what the plan took of their own.
        marks: what stood on it when it last came back.
        rows: the keys that its new rows got.
        own: by place, the lines that its sender has written among contributions.
    """

    number: str
    proforma: str
    hand: str
    shown: dict[str, Value]
    printed: dt.date
    blank: bool = False
    about: str = ""
    knows: dict[str, Value] = field(default_factory=dict)
    marks: dict[str, Mark] = field(default_factory=dict)
    rows: dict[str, str] = field(default_factory=dict)
    own: dict[str, str] = field(default_factory=dict)
    back: int = 0

    def day(self, marks: dict[str, Mark], today: dt.date) -> dt.date | None:
        """The day that the form says of itself, where it lies not ahead."""
        held = marks.get(self.about)
        day = dt.date.fromisoformat(str(held.value)) if held and held.kind == "said" else None
        return day if day and day <= today else None


Said = tuple[str, Value]
"""One side of a question: what kind of trouble, and the value that was said (None = remove it, or unreadable)."""

SILENT = frozenset({"agreed", "dissent", "added", "corrected", "late", "overtaken", "taken", "removed", "withdrawn"})


@dataclass
class Truth:
    """One learner's plan as it must be, and the questions that must be open.

    Attributes:
        asked: by place, every paper that stands in its question, the latest last, with what it said there.
        twins: rows that were written in as new and look like another, by the place asked about, with that other.
        dated: by place, the day of the dated form that said what stands there.
        highest: the highest number a row of a table ever had.
        told: what each proforma last said, which is what the sender of a copied blank knows.
        reopen: whether it is open if the closed plan, for which a form has come, is to be opened again.
    """

    plan: dict[str, Value] = field(default_factory=dict)
    asked: dict[str, dict[str, Said]] = field(default_factory=dict)
    twins: dict[str, str] = field(default_factory=dict)
    dated: dict[str, dt.date] = field(default_factory=dict)
    highest: dict[str, int] = field(default_factory=dict)
    told: dict[str, dict[str, Value]] = field(default_factory=dict)
    reopen: bool = False

    def comes(self, paper: Paper, marks: dict[str, Mark], today: dt.date) -> dict[str, str]:
        """A form comes back: what becomes of each box that its sender changed since it was last seen, by place."""
        if paper.blank:
            paper.knows = dict(self.told.get(paper.proforma, {}))
        elif not paper.back:
            paper.knows = dict(paper.shown)
        fresh = {box: mark for box, mark in marks.items() if paper.marks.get(box) != mark}
        for box in paper.marks.keys() - marks.keys():
            fresh[box] = Mark(box, "said", paper.shown.get(box), None)
        if paper.blank:
            fresh = {b: m for b, m in fresh.items() if m.kind != "said" or m.value != paper.knows.get(b)}
        day, twins = paper.day(marks, today), dict(self.twins)
        self._name_rows(paper, fresh)
        before, found = dict(self.plan), {}
        stand = _what_stands(before, day or today)
        for box, mark in fresh.items():
            path = self.at(paper, box)
            found[path] = self._weigh(paper, path, mark, marks, today, stand)
            self._do(paper, path, mark, found[path])
        self._put_in_order(found, before)
        for box, mark in fresh.items():
            self._note(paper, self.at(paper, box), mark, found, day)
        for path, fate in found.items():
            if fate in ("taken", "removed", "added", "corrected"):
                self._part_twins(path, fate == "removed", twins)
        paper.marks, paper.back = dict(marks), paper.back + 1
        if any(fate != "nothing" for fate in found.values()):
            self.reopen = self.reopen or "closing.day" in before
            said = {self.at(paper, box): mark.value for box, mark in marks.items() if mark.kind == "said"}
            gone = {path for path, fate in found.items() if fate == "removed"}
            known = (self.told.get(paper.proforma, {}) if paper.blank else paper.shown) | said
            self.told[paper.proforma] = {path: value for path, value in known.items() if path not in gone}
        return found

    def _put_in_order(self, found: dict[str, str], before: dict[str, Value]) -> None:
        """A day that would lie before one that it follows is not taken; where both are new, the later one is not.

        With what stood there instead, the next pair may be wrong, until none is.
        """
        while path := next(self._out_of_order(found, before), None):
            found[path] = "invalid"
            del self.plan[path]
            self.plan |= {path: before[path]} if path in before else {}

    def _out_of_order(self, found: Mapping[str, str], before: dict[str, Value]) -> Iterator[str]:
        for later, earlier in _days_in_order(self.plan):
            if _is_before(self.plan, later, earlier) and not _is_before(before, later, earlier):
                yield from (path for path in (later, earlier) if found.get(path) == "taken")

    def settled(self, place: str, value: Value) -> None:
        """Somebody has settled a question; the plan now says this."""
        if self.plan.get(place) != value:
            self.dated.pop(place, None)
            self._part_twins(place, value is None, dict(self.twins))
        self.plan[place] = value
        if value is None:
            del self.plan[place]
        self.asked.pop(place, None)

    def settled_twin(self, place: str, one: bool) -> None:
        """Somebody has said whether two rows are one; then the older one says what the new one said besides."""
        old, row = self.twins.pop(place), place.rpartition(".")[0]
        said = {path: value for path, value in self.plan.items() if one and path.startswith(f"{row}.")}
        for path, value in said.items():
            self.settled(path, None)
            into = f"{old}{path.removeprefix(row)}"
            now, sides = self.plan.get(into), self.asked.get(into, {})
            if now is None:
                self.settled(into, value)
                left = {paper: side for paper, side in sides.items() if side[1] != value}
                self.asked |= {into: left} if left else {}
            elif str(now).removesuffix("!") != str(value).removesuffix("!"):
                self.asked[into] = {**sides, "": ("conflict", value)}

    def _part_twins(self, path: str, removed: bool, among: Mapping[str, str]) -> None:
        """A row that says something else now, or one of which another was the twin and that is gone, has no twin."""
        for place, row in among.items():
            if path == place or (removed and path == f"{row}.{place.rpartition('.')[2]}"):
                self.twins.pop(place, None)

    # ── Rows ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _name_rows(self, paper: Paper, fresh: dict[str, Mark]) -> None:
        rows: dict[str, dict[str, Value]] = {}
        for box, mark in fresh.items():
            row = split(box)
            if row and row[1].startswith("new ") and f"{row[0]}[{row[1]}]" not in paper.rows:
                rows.setdefault(f"{row[0]}[{row[1]}]", {})[row[2]] = mark.value
        for row, columns in rows.items():
            table = row.partition("[")[0]
            paper.rows[row] = self._key(paper, table, columns)

    def _key(self, paper: Paper, table: str, columns: dict[str, Value]) -> str:
        there = {path.partition("]")[0] + "]" for path in self.plan if path.startswith(f"{table}[")}
        for row in sorted(there):
            printed = any(path.startswith(f"{row}.") and value is not None for path, value in paper.shown.items())
            if not printed and all(self.plan.get(f"{row}.{c}") == v for c, v in columns.items()):
                return row.partition("[")[2][:-1]
        self.highest[table] = self.highest.get(table, 0) + 1
        key = f"{TABLES[table].prefix}{self.highest[table]}"
        # Words copied from a row, or nearly, stand alone in theirs; all others are nobody else's.
        text = next(iter(columns)) if len(columns) == 1 else ""
        for row in sorted(there) if isinstance(columns.get(text), str) else ():
            if self.plan.get(f"{row}.{text}") in (columns[text], str(columns[text]).removesuffix("!")):
                self.twins[f"{table}[{key}].{text}"] = row
        return key

    def at(self, paper: Paper, box: str) -> str:
        """The place of the plan that a box stands for."""
        row = split(box)
        if row and row[0] == "signatures":
            return f"signatures[{paper.number} {row[1]}].{row[2]}"
        if row and row[1].startswith("new "):
            return f"{row[0]}[{paper.rows[f'{row[0]}[{row[1]}]']}].{row[2]}"
        return box

    # ── What becomes of one mark ────────────────────────────────────────────────────────────────────────────────

    def _weigh(
        self, paper: Paper, path: str, mark: Mark, marks: dict[str, Mark], today: dt.date, stand: tuple[str, ...]
    ) -> str:
        """What becomes of a mark: silently one thing or another, or the kind of question that it raises."""
        now, knows, place = self.plan.get(path), paper.knows.get(path), place_of(path)
        assert place is not None
        match mark.kind:
            case "said":
                return self._weigh_words(paper, path, mark, marks, today, stand)
            case "spoilt":
                return "invalid"
            case "emptied":
                return "removal" if not paper.blank and knows is not None and now is not None else "nothing"
            case "not applicable":
                return "removal" if now is not None else "nothing"
        if now is None:
            return "nothing"
        if place.about.append and (path in paper.shown or paper.own.get(path) != now):
            return "removal"
        back = place.about.forward and not _reopened(place, mark, marks)
        trouble = _stranger(paper, place, now, knows, _written_down(paper, place, mark, marks)) or (
            "late" if self._is_late(paper, path, marks, today) else ""
        )
        trouble = trouble or ("locked" if _is_locked(place, path, stand) else "")
        return trouble or ("conflict" if knows != now else "step back" if back else "removed")

    def _weigh_words(
        self, paper: Paper, path: str, mark: Mark, marks: dict[str, Mark], today: dt.date, stand: tuple[str, ...]
    ) -> str:
        said, now, knows, place = mark.value, self.plan.get(path), paper.knows.get(path), place_of(path)
        assert place is not None
        if said == now:
            return "agreed"
        if paper.back and said == knows:
            return "withdrawn"
        if path.startswith("signatures["):
            return "conflict" if knows != now else "taken"
        trouble = _stranger(paper, place, now, knows, _written_down(paper, place, mark, marks)) or _out_of_place(
            place, said, f"{knows} {now}", today
        )
        if trouble:
            return trouble
        if place.about.append and now is not None:
            own = paper.own.get(path, "")
            return "corrected" if own and _stands(own, now) else "agreed" if _stands(said, now) else "added"
        forward, reopened = place.about.forward, _reopened(place, mark, marks)
        steps = [place.step(v) if forward and v is not None else 0 for v in (knows, said, now)]
        if knows != now:
            passed = now is not None and steps[0] <= steps[1] < steps[2] and not reopened
            late = self._is_late(paper, path, marks, today)
            return "late" if late else "overtaken" if passed else "conflict"
        if now is not None and _is_locked(place, path, stand):
            return "locked"
        return "step back" if now is not None and steps[1] < steps[2] and not reopened else "taken"

    def _is_late(self, paper: Paper, path: str, marks: dict[str, Mark], today: dt.date) -> bool:
        """Whether a form speaks of an earlier day than the one that said what stands there now."""
        day, later = paper.day(marks, today), self.dated.get(path)
        since = paper.knows.get(path) != self.plan.get(path)
        return since and day is not None and later is not None and later > day and path != paper.about

    def _do(self, paper: Paper, path: str, mark: Mark, fate: str) -> None:
        if fate == "taken":
            self.plan[path] = mark.value
        elif fate == "removed":
            del self.plan[path]
        elif fate == "added":
            now, said = str(self.plan[path]), str(mark.value)
            self.plan[path] = said if now in said else f"{now}\n{said}"
        elif fate == "corrected":
            own, new = paper.own[path], _written(paper, path, mark)
            self.plan[path] = f"\n{self.plan[path]}\n".replace(f"\n{own}\n", f"\n{new}\n" if new else "\n").strip("\n")

    def _note(self, paper: Paper, path: str, mark: Mark, found: dict[str, str], day: dt.date | None) -> None:
        """What the fate of a mark does to the questions, and to what its sender knows from now on."""
        fate = found[path]
        if fate == "nothing":
            return
        sides = self.asked.get(path, {})
        sides.pop(paper.number, None)
        if fate not in SILENT:
            self.asked.setdefault(path, {})[paper.number] = (fate, mark.value)
            return
        if fate in ("taken", "removed", "added", "corrected"):
            self.dated.pop(path, None)
            if day:
                self.dated[path] = day
            # What its sender only agreed to is another's word, and stays so.
            paper.knows[path] = self.plan.get(path)
            paper.own[path] = _written(paper, path, mark)
            for other, (kind, value) in list(sides.items()):
                if (value == self.plan.get(path) and kind != "invalid") or kind in ("proposal", "voice"):
                    del sides[other]
        if not sides:
            self.asked.pop(path, None)

    def open(self) -> Counter[tuple[str, str]]:
        """The questions that are open: about which place, and of which kind now."""
        places = [(path, next(reversed(sides.values()))[0]) for path, sides in self.asked.items() if sides]
        apart = [("closing.day", "closed")] * self.reopen
        return Counter([*places, *((place, "twin row") for place in self.twins), *apart])


def _days_in_order(plan: dict[str, Value]) -> Iterator[tuple[str, str]]:
    """Pairs of days in the plan of which the first must not lie before the second."""
    for later in plan:
        place = place_of(later)
        for name, _ in place.about.after if place else ():
            yield later, name if "." in name else f"{later.rpartition('.')[0]}.{name}"


def _is_before(plan: dict[str, Value], one: str, other: str) -> bool:
    return bool(plan.get(one) and plan.get(other)) and str(plan[one]) < str(plan[other])


def letter(folder: str) -> str:
    """The role whose folder a form lies in; "" where it is nobody's in particular."""
    return next((letter for letter, word in ROLES.items() if word == folder), "")


def _written(paper: Paper, path: str, mark: Mark) -> str:
    """What somebody wrote in a box, without the lines that were printed there."""
    printed = str(paper.shown.get(path, "")).split("\n")
    return "\n".join(line for line in str(mark.value or "").split("\n") if line not in printed)


def _stands(words: Value, now: Value) -> bool:
    """Whether words stand somewhere as whole lines."""
    return f"\n{words}\n" in f"\n{now}\n"


def _what_stands(plan: dict[str, Value], day: dt.date) -> tuple[str, ...]:
    """How the places begin that no form changes any more on a day: hours and aims, once six weeks have gone.

    Those of apprentices, and of schools, stay open, because there the parties sign such a change.
    """
    start = plan.get("programme.start")
    over = start is not None and day > dt.date.fromisoformat(str(start)) + dt.timedelta(weeks=6)
    counted = plan.get("programme.type") in ("16 to 19", "Adult skills")
    return ("programme.planned_hours", "aims[") if over and counted else ()


def _is_locked(place: Place, path: str, stand: tuple[str, ...]) -> bool:
    return place.change is Change.LOCKED or (place.change is Change.FUNDING and path.startswith(stand))


def _written_down(paper: Paper, place: Place, mark: Mark, marks: dict[str, Mark]) -> bool:
    """Whether somebody who gives their name wrote it down for the learner."""
    named = f"{mark.box.rpartition('.')[0]}.{place.about.scribe}"
    return named in marks and marks[named].kind == "said" and marks[named].value != paper.shown.get(named)


def _stranger(paper: Paper, place: Place, now: Value, knows: Value, written_down: bool) -> str:
    """What somebody's writing is called in a box that is not theirs; "" where it is."""
    if not paper.hand or paper.hand in place.by or written_down:
        return ""
    if place.by == {"L"}:
        return "voice"
    return "dissent" if now is not None and knows != now else "proposal"


def _out_of_place(place: Place, said: Value, known: str, today: dt.date) -> str:
    """A day that cannot be yet, or words too private for those who read the box."""
    if place.about.past and str(said) > today.isoformat():
        return "invalid"
    read = place.about.sensitivity < 3 and bool(place.audience & set("EPOFA"))
    return "private" if read and PRIVATE in str(said) and PRIVATE not in known else ""


def _reopened(place: Place, mark: Mark, marks: dict[str, Mark]) -> bool:
    reason = marks.get(f"{mark.box.rpartition('.')[0]}.{place.about.reopen}") if place.about.reopen else None
    return reason is not None and reason.kind == "said"
