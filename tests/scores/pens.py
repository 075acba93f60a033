"""What people write: marks in the boxes of a form, mostly something new, now and then any of what people do."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable
from dataclasses import dataclass

from engine.places import Change, Kind, Value
from engine.plan import place_of, split
from engine.sheet import Sheet
from tests.scores.truth import PRIVATE, Mark, Paper, letter

WORDS = tuple(
    """bread oven order list read daily page recipe weigh flour clean bench serve customer till phone book early bus
    shift plan week measure cut sand prime paint joint wire test board lamp soil plant prune hedge grow spread note
    write letter spell check sum fraction ratio chart table folder print scan talk listen ask answer team lead share
    lift carry stack load van route map fuel tyre brake bolt weld file drill press mould cast finish polish pack
    label""".split()  # noqa: SIM905
)

NEVER = frozenset({
    "learner.given_name", "learner.family_name", "learner.date_of_birth", "learner.uln", "learner.reference",
    "learner.ni_number", "programme.start", "programme.status", "programme.reopened", "closing.day", "closing.reason",
})  # fmt: skip
"""Places that nobody writes at random: who somebody is, and the steps of the programme, which the story tells."""

OFTEN = frozenset({
    "learner.phone", "learner.email", "aspiration.destination", "programme.expected_end", "employer.mentor",
})  # fmt: skip
"""Places that many people write into, so that they meet there."""

TOO_EARLY = "2026-01-31"
"""A day before any programme of the year begins, which somebody takes for its end."""


def says(box: str, value: Value) -> Mark:
    """A mark that says a value in the words people write."""
    place = place_of(box)
    assert place is not None
    return Mark(box, "said", value, value if value is True and place.kind is Kind.TICK else place.show(value))


@dataclass
class Pen:
    """Everybody's pen, which writes what chance has it write, on its day.

    Attributes:
        now: what the plan of the learner says that day; people often know without the form.
    """

    chance: random.Random
    today: dt.date
    now: dict[str, Value]

    def writes(self, paper: Paper, sheet: Sheet, written: dt.date) -> dict[str, Mark]:
        """A few boxes filled in, a row or two written in, now and then a name below."""
        chance, marks = self.chance, {}
        boxes = [box.name for box in sheet.boxes() if self._may_write(box.name, paper)]
        old = [box for box in boxes if "[new " not in box]
        often = [box for box in old if box in OFTEN or box.startswith("targets[")]
        for box in chance.sample(old, min(len(old), chance.randint(1, 6))) + chance.sample(often, min(len(often), 2)):
            mark = self._mark(paper, box)
            marks |= {box: mark} if mark else {}
        for table in (
            sorted({box.partition("[")[0] for box in boxes if "[new 1]" in box}) if chance.random() < 0.35 else ()
        ):
            marks |= self._row(paper, [box for box in boxes if box.startswith(f"{table}[new 1]")])
        for block in sheet.signatures if chance.random() < 0.3 else ():
            if not paper.hand or letter(block.role) == paper.hand:
                day = written if paper.blank else max(paper.printed, written)
                marks[block.name.name] = says(block.name.name, self.words())
                marks[block.date.name] = says(block.date.name, min(day, self.today).isoformat())
        return marks

    def corrects(self, paper: Paper) -> dict[str, Mark]:
        """The same form again: some of what was written is other now, or taken back."""
        marks = dict(paper.marks)
        for box, mark in paper.marks.items():
            free = mark.kind in ("said", "cleared") and box not in NEVER and box != paper.about
            if not free or box.startswith("signatures[") or self.chance.random() > 0.4:
                continue
            if box in paper.shown and self.chance.random() < 0.4:
                del marks[box]
            elif _is_free(box):
                marks[box] = says(box, self.fresh(box))
        return {box: mark for box, mark in marks.items() if mark.kind != "said" or mark.value != paper.shown.get(box)}

    def _may_write(self, box: str, paper: Paper) -> bool:
        place, row = place_of(box), split(box)
        if place is None or place.path in NEVER or box == paper.about or (row and row[0] in ("signatures", "breaks")):
            return False
        if place.format == "code" and not box.startswith("learner.postcode"):
            return False
        if place.change is Change.LOCKED and place.kind is not Kind.DATE and not box.startswith("learner.postcode"):
            return False
        # Now and then somebody writes into a box that is another's.
        return not paper.hand or paper.hand in place.by or self.chance.random() < 0.05

    def _row(self, paper: Paper, boxes: list[str]) -> dict[str, Mark]:
        """A new row; now and then one that somebody else has written in too, word for word or nearly."""
        chance = self.chance
        text = next((b for b in boxes if (p := place_of(b)) and p.format in ("prose", "text", "name")), None)
        if text is None:
            return {}
        table, column = text.partition("[")[0], text.rpartition(".")[2]
        others = [
            p for p in self.now if p.startswith(f"{table}[") and p.endswith(f".{column}") and p not in paper.shown
        ]
        if others and chance.random() < 0.3:
            words = str(self.now[chance.choice(others)])
            return {text: says(text, words + ("" if chance.random() < 0.5 or words.endswith("!") else "!"))}
        more: Iterable[str] = chance.sample(boxes, min(len(boxes), 2))
        return {box: says(box, self.fresh(box)) for box in dict.fromkeys((text, *more)) if box == text or _is_free(box)}

    def _mark(self, paper: Paper, box: str) -> Mark | None:
        """One box written in."""
        chance, place, shown = self.chance, place_of(box), paper.shown.get(box)
        assert place is not None
        dated = place.kind is Kind.DATE
        doings = (
            (0.10, self.now.get(box) not in (None, shown), lambda: says(box, self.now[box])),
            (0.06, shown is not None and place.kind is not Kind.TICK, lambda: Mark(box, "cleared", None, "CLEAR")),
            (0.06, shown is not None, lambda: Mark(box, "emptied")),
            (0.02, place.format in ("prose", "text"), lambda: says(box, f"{self.words()} {PRIVATE}")),
            (0.03, dated, lambda: Mark(box, "spoilt", None, "31/02/2027")),
            (0.02, dated, lambda: Mark(box, "not applicable", None, "n/a")),
            (0.06, place.about.past, lambda: says(box, (self.today + dt.timedelta(400)).isoformat())),
            (0.10, box == "programme.expected_end", lambda: says(box, TOO_EARLY)),
        )
        for share, possible, mark in doings:
            if possible and chance.random() < share:
                return mark()
        value = self.fresh(box)
        if place.about.forward and shown is not None and chance.random() < 0.8:
            value = chance.choice(place.choices[place.step(shown) :])
        return says(box, value) if value != shown else None

    def words(self) -> str:
        """A few words that nobody else has written."""
        return f"{' '.join(self.chance.sample(WORDS, 4)).capitalize()} {self.chance.randint(1, 9999)}"

    def fresh(self, box: str) -> Value:
        """Something new that is valid in a box."""
        place, chance = place_of(box), self.chance
        assert place is not None
        match place.format:
            case "tick":
                return True
            case "yes-no":
                return chance.random() < 0.5
            case "choice":
                return chance.choice(place.choices)
            case "date" if place.about.past:
                return (self.today - dt.timedelta(chance.randint(0, 20))).isoformat()
            case "date":
                return (dt.date(2027, 10, 1) + dt.timedelta(chance.randint(0, 300))).isoformat()
            case "number":
                bounds = next(part for part in place.adapter.json_schema()["anyOf"] if "maximum" in part)
                return chance.randint(max(1, bounds["minimum"]), min(60, bounds["maximum"]))
            case "code":
                return f"M{chance.randint(1, 40)} {chance.randint(1, 9)}AB"
            case "e-mail":
                return f"{chance.choice(WORDS)}{chance.randint(1, 999)}@kingsmead.example"
            case "phone":
                return f"0161 496 {chance.randint(0, 9999):04}"
            case _:
                return self.words()


def _is_free(box: str) -> bool:
    """Whether any valid value will do, without a step back."""
    place = place_of(box)
    return place is not None and not place.about.forward
