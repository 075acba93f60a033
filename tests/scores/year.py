"""A provider's year, made up and taken in for real: nothing that anybody wrote is lost, and nobody is asked in vain.

    .venv/bin/python -m tests.scores.year --learners 200 --forms 12 --seed 1

Every form is given out, filled and taken in by a workspace's own ledger and workflow; only documents are not written.
What must come of each is told by `tests.scores.truth`, and held against the ledger after every single form.
"""

from __future__ import annotations

import argparse
import datetime as dt
import heapq
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine import delivery, documents, workflow
from engine.errors import WrongUse
from engine.layout import lay_out
from engine.model import Form, Outcome, digest, short_number
from engine.opening import init
from engine.people import settle
from engine.places import Record, Value
from engine.plan import place_of
from engine.settings import today
from engine.sheet import Sheet
from engine.workspace import Workspace
from tests.scores.pens import TOO_EARLY, WORDS, Pen, says
from tests.scores.truth import SILENT, Mark, Paper, Truth, letter
from tests.strategies import form_of, with_check_digit

FIRST = dt.date(2026, 9, 1)
"""The first day of the year."""

CIRCUMSTANCES = """\
proforma: circumstances
title: Change of circumstances
version: 1
purpose: Tell us here when something about the programme changes.
audience: [tutor, provider]
sections:
  - heading: Who
    questions:
      - {ask: learner.given_name, label: First names, by: [provider]}
      - {ask: learner.family_name, label: Family name, by: [provider]}
  - heading: The programme
    questions:
      - {ask: programme.status, label: State of the programme, by: [provider]}
      - {ask: programme.reopened, label: Why it is opened again, by: [provider]}
      - {ask: programme.expected_end, label: Expected end, by: [provider]}
      - {ask: closing.day, label: Last day, by: [provider]}
      - {ask: closing.reason, label: Why it ended, by: [provider]}
  - heading: Breaks
    table: breaks
    spare: 1
    questions:
      - {ask: began, label: Began, by: [provider]}
      - {ask: expected_return, label: Expected back, by: [provider]}
      - {ask: returned, label: Came back, by: [provider]}
      - {ask: reason, label: Reason, by: [learner, provider]}
"""
"""A form of the provider's own, for breaks, transfers and leaving."""


@dataclass
class Slip:
    """One form of one learner's year.

    Attributes:
        gap, late: days between printing and writing, and between writing and coming back.
        story: what it says for the sake of the story: `joins`, `opens`, `break`, `back`, `leaves`, `transfers`.
        again: how it comes back once more: "" = not, `same bytes`, `saved again`, `corrected`.
    """

    proforma: str
    folder: str
    written: dt.date
    gap: int = 1
    late: int = 1
    story: str = ""
    blank: bool = False
    again: str = ""
    paper: Paper | None = None
    sheet: Sheet | None = None
    content: bytes = b""


@dataclass
class Learner:
    """A learner, with what is so of them."""

    number: int
    truth: Truth = field(default_factory=Truth)
    plan: str = ""

    @property
    def identity(self) -> dict[str, Value]:
        """What tells them from everybody else, as they write it on a blank."""
        n = self.number
        return {
            "learner.given_name": f"{WORDS[n % len(WORDS)].capitalize()}a",
            "learner.family_name": f"{WORDS[n // len(WORDS) % len(WORDS)].capitalize()}{chr(97 + n % 26)}son",
            "learner.date_of_birth": (dt.date(2005, 1, 1) + dt.timedelta(n * 37 % 1500)).isoformat(),
            "learner.uln": with_check_digit(300_000_000 + n * 17),
        }


@dataclass
class Told:
    """What came of the year: figures, fates of marks, faults; and by plan, each place and value that was written."""

    figures: Counter[str] = field(default_factory=Counter)
    fates: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    written: dict[str, list[tuple[str, Mark]]] = field(default_factory=dict)


# ── The calendar ────────────────────────────────────────────────────────────────────────────────────────────────


def slips(chance: random.Random, forms: int) -> tuple[dt.date, list[Slip]]:
    """The day a learner joins, and the forms of their year: a story, reviews in three copies, and whatever comes."""
    joined = FIRST + dt.timedelta(chance.choice((0, 3, 7, 14, 30, 120)))
    days = [joined + dt.timedelta(n) for n in (0, 4, chance.randint(6, 35))]
    found = [
        Slip("learner-details", "", days[0], 0, 0, "joins", blank=True),
        Slip("plan", "staff", days[1], story="opens"),
        Slip("needs-summary", "staff", days[2]),
    ]
    fate = chance.choices(("stays", "break", "leaves", "transfers"), (70, 12, 10, 8))[0]
    turning = joined + dt.timedelta(chance.randint(90, 200))
    if fate != "stays":
        found.append(Slip("circumstances", "staff", turning, story=fate))
    if fate == "break":
        found.append(Slip("circumstances", "staff", turning + dt.timedelta(40), story="back"))
    review = joined + dt.timedelta(40)
    kinds = ("plan staff", "plan staff", "plan learner", "learner-details ", "needs-summary staff")
    while len(found) < forms:
        if chance.random() < 0.3:
            found += [_slip(chance, "progress-review", folder, review) for folder in ("staff", "learner", "employer")]
            review += dt.timedelta(chance.randint(35, 80))
        else:
            day = joined + dt.timedelta(chance.randint(20, 320))
            found.append(_slip(chance, *chance.choice(kinds).split(" "), day))
    gone = fate in ("leaves", "transfers")
    return joined, [s for s in found[:forms] if s.story or not gone or s.written < turning + dt.timedelta(10)]


def _slip(chance: random.Random, proforma: str, folder: str, written: dt.date) -> Slip:
    """A form: a tenth late, a tenth from an old print, some filled twice, half of those without a folder on blanks."""
    return Slip(
        proforma, folder, written,
        gap=chance.randint(60, 150) if chance.random() < 0.1 else chance.randint(0, 21),
        late=chance.randint(30, 90) if chance.random() < 0.1 else chance.randint(0, 6),
        blank=not folder and chance.random() < 0.5,
        again=chance.choice(("same bytes", "saved again", "corrected")) if chance.random() < 0.15 else "",
    )  # fmt: skip


@dataclass(order=True)
class Turn:
    """What happens to a form on a day: it is printed, or it comes back; `place` is where in that day."""

    day: dt.date
    place: int
    learner: Learner = field(compare=False)
    slip: Slip = field(compare=False)
    prints: bool = field(compare=False)


# ── The year ────────────────────────────────────────────────────────────────────────────────────────────────────


class Year:
    """The year of one provider."""

    def __init__(self, root: Path, learners: int, forms: int, seed: int) -> None:
        init(root, "Kingsmead Training")
        (root / "proformas" / "circumstances").mkdir()
        (root / "proformas" / "circumstances" / "proforma.yaml").write_text(CIRCUMSTANCES, "utf-8")
        self.chance, self.told = random.Random(seed), Told()
        self.turns: list[Turn] = []
        for number in range(learners):
            learner = Learner(number)
            joined, theirs = slips(self.chance, forms)
            for slip in theirs:
                self._expect(learner, slip, joined)
        self.workspace = Workspace(root)
        self.premises = self.workspace.premises

    def _expect(self, learner: Learner, slip: Slip, joined: dt.date) -> None:
        # Nobody holds a print of a plan that is not there yet.
        printed = max(slip.written - dt.timedelta(slip.gap), joined + dt.timedelta(slip.story != "joins"))
        back = max(slip.written + dt.timedelta(slip.late), printed)
        days = [(printed, True), (back, False)]
        if slip.again:
            days.append((back + dt.timedelta(self.chance.randint(1, 40)), False))
            self.told.figures[f"forms that come back once more: {slip.again}"] += 1
        for day, prints in days:
            place = -1 if prints else self.chance.getrandbits(20)
            heapq.heappush(self.turns, Turn(day, place, learner, slip, prints))
        self.told.figures["forms that come a month late or more"] += slip.late >= 30
        self.told.figures["forms on a print of two months or older"] += slip.gap >= 60
        self.told.figures["forms on copied blanks"] += slip.blank

    def passes(self) -> Told:
        """Every form is printed and comes back on its day; the ledger is held against the truth each time."""
        started = time.process_time()
        while self.turns:
            turn = heapq.heappop(self.turns)
            os.environ["COUNTERPART_TODAY"] = turn.day.isoformat()
            self.premises = replace(self.workspace.premises, today=today())
            if turn.prints:
                self._print(turn.learner, turn.slip)
            else:
                self._comes_back(turn.learner, turn.slip)
                if self.chance.random() < 0.3:
                    self._settle_one(turn.learner)
        self.told.figures["seconds of CPU"] = round(time.process_time() - started)
        for plan, written in self.told.written.items():
            self._nothing_lost(plan, written)
        self.told.faults += [f"{p.what} {p.where}: {p.why}" for p in self.workspace.verify().problems]
        self.workspace.close()
        return self.told

    def _print(self, learner: Learner, slip: Slip) -> None:
        """A form is given out: its number, and what stands on it."""
        proforma, ledger = self.premises.proformas[slip.proforma], self.premises.ledger
        record: Record = {}
        if slip.blank:
            issue = delivery.blank(self.premises, proforma, "word")
        else:
            medium: documents.Medium = "word" if slip.folder == "staff" else "pdf"
            issue = documents.new_issue(self.premises, proforma, learner.plan, medium, slip.folder)
            with ledger.writing():
                ledger.give_out(issue)
            record = ledger.record(learner.plan)
        slip.sheet = lay_out(proforma, record, issue, "Kingsmead Training")
        shown = {box.name: box.value for box in slip.sheet.boxes() if box.value is not None}
        about = f"{proforma.about}[{issue.row}].{proforma.until}" if proforma.about else ""
        slip.paper = Paper(issue.form, slip.proforma, letter(slip.folder), shown, issue.printed, slip.blank, about)
        for path, value in shown.items():
            if learner.truth.plan.get(path) != value:
                self.told.faults.append(f"{learner.plan} {issue.form} shows {path} as {value!r}")

    def _comes_back(self, learner: Learner, slip: Slip) -> None:
        """A form comes back, filled in or once more, and is taken in."""
        paper, truth = slip.paper, learner.truth
        assert paper is not None
        assert slip.sheet is not None
        pen = Pen(self.chance, self.premises.today, dict(truth.plan))
        marks = dict(paper.marks)
        if not paper.back:
            own = {} if slip.proforma == "circumstances" else pen.writes(paper, slip.sheet, slip.written)
            marks = own | {box: says(box, value) for box, value in _story(learner, slip, pen).items()}
        elif slip.again == "corrected" and not slip.blank:
            marks = pen.corrects(paper)
        if not paper.back or slip.again != "same bytes":
            slip.content = f"{learner.number} {slip.written} {paper.back} {slip.sheet.stamp.line()}".encode()
        form = _filled(form_of(slip.sheet), marks, slip.content)
        if slip.blank:
            paper.number = short_number("S", form.sha256) if not paper.back else paper.number
        repeats = bool(paper.back) and marks == paper.marks
        open_before = truth.open()
        asked_before = {q.query for q in self.premises.ledger.open_queries(learner.plan)} if learner.plan else set()
        taken = workflow.take_in(self.premises, slip.content, f"{slip.proforma}.docx", form)
        self.told.figures["forms taken in"] += 1
        if taken.plan is None or (learner.plan and taken.plan != learner.plan):
            self.told.faults.append(f"{learner.plan}: {taken.outcome}, {taken.plan}, {taken.reason}")
            return
        learner.plan = taken.plan
        found = {} if repeats else truth.comes(paper, marks, self.premises.today)
        written = self.told.written.setdefault(learner.plan, [])
        written += [(truth.at(paper, mark.box), mark) for mark in marks.values()]
        self._compare(learner, f"{learner.plan} {paper.proforma} {paper.number}", found)
        self._count(learner, found, {place for place, _ in open_before}, asked_before)

    def _compare(self, learner: Learner, here: str, found: dict[str, str]) -> None:
        """The ledger against the truth: the record place by place, the questions one by one."""
        ledger, truth, faults = self.premises.ledger, learner.truth, self.told.faults
        record = {p: v for p, v in ledger.record(learner.plan).items() if not p.endswith((".method", ".bound"))}
        for path in sorted(record.keys() | truth.plan.keys()):
            if record.get(path) != truth.plan.get(path):
                so, fate = truth.plan.get(path), found.get(path, "not on it")
                faults.append(f"{here}: {path} is {record.get(path)!r}, not {so!r} ({fate})")
        there = Counter((q.place, q.kind) for q in ledger.open_queries(learner.plan))
        for place, kind in (there - truth.open()) | (truth.open() - there):
            what = "asked in vain" if there[place, kind] else "not asked"
            faults.append(f"{here}: {kind} about {place} is {what} ({found.get(place, 'not on it')})")
            self.told.figures[f"places that are {what}"] += 1

    def _count(self, learner: Learner, found: dict[str, str], open_before: set[str], asked_before: set[str]) -> None:
        figures = self.told.figures
        self.told.fates.update(found.values())
        doubtful = {place for place, fate in found.items() if fate not in SILENT and fate != "nothing"}
        doubtful |= {place for place, _ in learner.truth.open()} - open_before
        asked = {q.place for q in self.premises.ledger.open_queries(learner.plan) if q.query not in asked_before}
        figures["forms with nothing in doubt"] += not doubtful
        figures["forms with nothing in doubt that were asked about"] += not doubtful and not asked <= open_before
        figures["places in doubt"] += len(doubtful)
        figures["places in doubt with one open question"] += sum(
            sum(q.place == place and q.kind != "twin row" for q in self.premises.ledger.open_queries(learner.plan)) == 1
            or any(place == twin for twin in learner.truth.twins)
            for place in doubtful
        )

    def _settle_one(self, learner: Learner) -> None:
        """Somebody settles one of a learner's questions."""
        queries = self.premises.ledger.open_queries(learner.plan) if learner.plan else []
        if not queries:
            return
        query, truth = self.chance.choice(queries), learner.truth
        choices = [c for c in query.choices if c != "re-open" and (c != "form" or query.theirs != TOO_EARLY)]
        take = self.chance.choice(choices)
        try:
            settle(self.premises, query.query, take, None, "Chidi Okafor", None)
        except WrongUse:  # What a form said may not stand beside the rest of the plan.
            return
        self.told.figures["questions settled"] += 1
        if query.kind == "closed":
            truth.reopen = False
        elif query.kind == "twin row":
            truth.settled_twin(query.place, take == "one")
        else:
            place, now, said = place_of(query.place), truth.plan.get(query.place), query.theirs
            if place and place.about.append and now and said and take == "form":
                said = now if str(said) in str(now) else f"{now}\n{said}"
            truth.settled(query.place, said if take == "form" else now)

    def _nothing_lost(self, plan: str, written: list[tuple[str, Mark]]) -> None:
        """Each thing that anybody wrote is in the plan, was and was changed since, is asked about, or was decided."""
        ledger = self.premises.ledger
        record, queries = ledger.record(plan), [q for q, _ in ledger.queries(plan)]
        decisions = [d for r in ledger.revisions(plan) for d in r.decisions]
        asked = {(q.place, value) for q in queries for value in (q.theirs, *q.others)}
        fates: dict[tuple[str, Value], list[str]] = {}
        for d in decisions:
            fate = (
                "taken, and changed since" if d.outcome is Outcome.ACCEPTED else f"recorded as {d.outcome} by {d.rule}"
            )
            fates.setdefault((d.place, d.theirs), []).append(fate)
        words = " ".join(q.question for q in queries)
        for path, mark in written:
            self.told.figures["things written"] += 1
            stood = next(iter(fates.get((path, mark.value), ())), "")
            now = record.get(path)
            if mark.kind in ("emptied", "not applicable", "cleared"):
                fate = "no value: a box emptied or struck out"
            elif mark.kind == "spoilt":
                fate = "in a question" if str(mark.words) in words else ""
            elif now == mark.value or (isinstance(now, str) and str(mark.value) in now.split("\n")):
                fate = "in the plan"
            else:
                fate = "in a question, open or settled" if (path, mark.value) in asked else stood
            self.told.figures[f"things written: {fate or 'LOST'}"] += 1
            if not fate:
                self.told.faults.append(f"{plan}: {path} = {mark.value!r} ({mark.words!r}) is lost")


def _story(learner: Learner, slip: Slip, pen: Pen) -> dict[str, Value]:
    """What a form says for the sake of the story."""
    day, said = pen.today.isoformat(), dict(learner.identity) if slip.blank else {}
    assert slip.paper is not None
    match slip.story:
        case "opens":
            said |= {"programme.type": "Apprenticeship", "programme.title": "Baker, level 2"}
            said |= {"programme.start": pen.today.replace(day=1).isoformat(), "programme.expected_end": "2027-12-20"}
        case "break":
            said |= {"programme.status": "On a break", "breaks[new 1].began": day, "breaks[new 1].reason": pen.words()}
            said |= {"breaks[new 1].expected_return": (pen.today + dt.timedelta(30)).isoformat()}
        case "back":
            said |= {"programme.status": "Continuing", "breaks[B1].returned": day}
        case "leaves" | "transfers":
            said |= {"programme.status": "Withdrawn" if slip.story == "leaves" else "Transferred"}
            said |= {"closing.day": day, "closing.reason": pen.words()}
    if slip.paper.about and slip.folder == "staff":
        said[slip.paper.about] = slip.written.isoformat()
    return said


def _filled(form: Form, marks: dict[str, Mark], content: bytes) -> Form:
    """The form with what a pen left in its boxes, as a reader finds it."""
    words = {box: mark.words for box, mark in marks.items()}
    fields = tuple(f._replace(value=words[f.name], raw=words[f.name]) if f.name in words else f for f in form.fields)
    return replace(form, sha256=digest(content.decode()), fields=fields)


def table(told: Told) -> Iterator[str]:
    """The year in figures."""
    yield from (f"{count:8}  {what}" for what, count in sorted(told.figures.items()))
    yield "\nwhat became of what people changed on their forms"
    yield from (f"{count:8}  {fate}" for fate, count in told.fates.most_common())
    yield f"\n{len(told.faults)} faults"
    yield from told.faults[:40]


def main() -> int:
    """Prints the year in figures; status 1 when anything was lost, asked in vain, or not asked."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--learners", type=int, default=200)
    asked.add_argument("--forms", type=int, default=12)
    asked.add_argument("--seed", type=int, default=1)
    known = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        told = Year(Path(folder) / "office", known.learners, known.forms, known.seed).passes()
    print("\n".join(table(told)))
    return int(bool(told.faults))


if __name__ == "__main__":
    raise SystemExit(main())
