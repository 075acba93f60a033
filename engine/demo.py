"""The story that the demo tells: a learner's year on forms that other programs filled, taken in day by day.

The story is data, `story.yaml` beside the filled forms. What is said of each day is read off the workspace afterwards;
what the story expects of it is held against that, and a difference is told.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from engine import signoff
from engine.errors import Declined
from engine.model import Outcome, Revision, Submission, digest
from engine.opening import init, shipped
from engine.plan import is_signature
from engine.premises import labels
from engine.settings_file import FILE
from engine.standing import Standing
from engine.workspace import Summary, Workspace

STORY = "story.yaml"
DAY = "COUNTERPART_TODAY"


class Line(BaseModel):
    """Base of everything in a story: frozen, and a word it does not know is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sample(Line):
    """A filled form of the story. Only the maker of the samples reads more than its name.

    Attributes:
        fill: the program that filled it.
        take: a pattern for the document below the outbox that it was filled on.
        as_of: the day after which that document lay there; None = just before this step.
        answers: what was typed, by the box's label (Word) or name (PDF).
    """

    file: str
    fill: str
    take: str = ""
    as_of: dt.date | None = None
    answers: Mapping[str, str | bool] = {}


class Expected(Line):
    """How a step has to come out.

    Attributes:
        outcomes: what became of each file.
        state, version: of the plan's funding-body version.
        questions: how many questions of the story are open.
    """

    outcomes: tuple[str, ...] = ()
    state: str
    version: int
    questions: int


class Step(Line):
    """A day of the story.

    Attributes:
        tell: what arrives, in words.
    """

    day: dt.date
    tell: str
    files: tuple[Sample, ...] = ()
    expect: Expected


class Worth(Line):
    """Something in the outbox that is worth opening.

    Attributes:
        path: a pattern for a document of the plan's.
        about: a sample whose notices are meant.
    """

    words: str
    path: str = ""
    about: str = ""


class Story(Line):
    """The whole story."""

    provider: str
    steps: tuple[Step, ...]
    worth_opening: tuple[Worth, ...]

    @property
    def files(self) -> tuple[str, ...]:
        """Every sample, in order; the first one makes the plan."""
        return tuple(sample.file for step in self.steps for sample in step.files)


@dataclass(frozen=True, slots=True)
class Chapter:
    """What one step brought: the files as they were taken, and the plan after it.

    Attributes:
        revisions: what each file that changed the plan made of it, by the file's hash.
        near: what is due and has its form lying ready, in words, by clock.
        questions: numbers of the story's open questions.
        standing: the sentence on the funding-body version; "" while there is no plan.
    """

    submissions: tuple[Submission, ...]
    revisions: Mapping[str, Revision]
    there: Standing | None
    near: Mapping[str, str]
    questions: tuple[str, ...]
    standing: str = ""


NOTHING = Chapter((), {}, None, {}, ())


def tell(folder: Path, samples: Path | None = None) -> int:
    """Tells the story in a workspace, made if there is none, and says where to look; told twice, it changes nothing.

    Args:
        samples: the folder with the story; the shipped one unless named.

    Returns:
        The exit status: 0 when the story came out as told.
    """
    samples = samples or shipped("samples")
    story = load_story(samples)
    if not (folder / FILE).exists() and not (folder / "inbox").is_dir():
        init(folder, story.provider)
    with Workspace(folder) as workspace:
        hashes = {name: digest((samples / name).read_bytes()) for name in story.files}
        known = [name for name in story.files if workspace.premises.ledger.submission(hashes[name])]
        if len(known) == len(hashes):
            print("The story has been told in this workspace before; nothing was taken in.")
            differences: list[str] = []
        else:
            differences = _walk(workspace, story, samples, hashes, known)
        _show_where(workspace, story, hashes)
    for difference in differences:
        print(f"Not as the story has it: {difference}")
    return 1 if differences else 0


def load_story(samples: Path) -> Story:
    """The story that lies beside the samples."""
    from ruamel.yaml import YAML

    tree: Any = YAML(typ="safe").load((samples / STORY).read_text("utf-8"))
    return Story.model_validate(tree)


def _walk(
    workspace: Workspace, story: Story, samples: Path, hashes: Mapping[str, str], known: Sequence[str]
) -> list[str]:
    """Lives through the days that are left of the story, a line for each; returns what came out otherwise."""
    workspace.run()
    steps = _left(story, known)
    before = NOTHING
    differences: list[str] = []
    for step in steps:
        with on(step.day):
            troubles = live(workspace, step, samples, [s.file for s in step.files if s.file not in known]).troubles
            now = _look(workspace, story, step, hashes)
        said = " ".join(map(_sentence, _what_came(before, now)))
        print(f"{step.day:%d/%m/%Y}  {step.tell}. {said}", flush=True)
        differences += [f"{step.day:%d/%m/%Y}: {why}" for why in (*troubles, *_unlike(step.expect, now))]
        before = now
    found = workspace.verify()
    checked = ", ".join(f"{what} {count}" for what, count in found.checked.items())
    print(f"Verified: {checked}; {'everything holds' if found.ok else 'something is wrong'}.")
    return differences + [f"{problem.what} {problem.where}: {problem.why}" for problem in found.problems]


def _left(story: Story, known: Sequence[str]) -> tuple[Step, ...]:
    """The days to live through: all, or after a telling that was broken off, those from the last one that began."""
    begun = [n for n, step in enumerate(story.steps) if any(sample.file in known for sample in step.files)]
    return story.steps[max(begun, default=0) :]


def live(workspace: Workspace, step: Step, samples: Path, files: Sequence[str]) -> Summary:
    """Drops a step's files into the inbox, in order, and has the workspace take them in.

    Raises:
        Declined: when somebody's file of that name lies in the inbox.
    """
    for name in files:
        place = workspace.premises.inbox / name
        if place.exists():
            raise Declined(f"{place} is in the way of the story.", "Move it, then tell the story again.")
        shutil.copyfile(samples / name, place)
    return workspace.run()


@contextmanager
def on(day: dt.date) -> Iterator[None]:
    """Takes a day for today."""
    before = os.environ.get(DAY)
    os.environ[DAY] = day.isoformat()
    try:
        yield
    finally:
        if before is None:
            del os.environ[DAY]
        else:
            os.environ[DAY] = before


# ── What came of it ─────────────────────────────────────────────────────────────────────────────────────────────


def _look(workspace: Workspace, story: Story, step: Step, hashes: Mapping[str, str]) -> Chapter:
    """What the workspace has made of a step."""
    ledger = workspace.premises.ledger
    came = (ledger.submission(hashes[sample.file]) for sample in step.files)
    first = ledger.submission(hashes[story.files[0]])
    there = workspace.standing(first.plan) if first and first.plan else None
    near = {d.clock: f"{d.what} by {d.day:%d/%m/%Y}" for d in there.due if d.near(step.day)} if there else {}
    ours = {hashes[name] for name in story.files}
    questions = tuple(q.query for q in ledger.open_queries() if q.submission in ours)
    revisions = {r.submission: r for r in ledger.revisions(there.plan) if r.submission} if there else {}
    said = there.sentence(labels(workspace.premises.proformas)) if there else ""
    return Chapter(tuple(s for s in came if s), revisions, there, near, questions, said)


def _what_came(before: Chapter, now: Chapter) -> Iterator[str]:
    """What a step changed, in plain words, each a clause."""
    for submission in now.submissions:
        yield _of_file(submission, now.revisions.get(submission.sha256))
    there = now.there
    if there is None or not all(s.plan for s in now.submissions):
        return
    superseded = before.there.edition.number if before.there and before.there.edition else 0
    number = there.edition.number if there.edition else 0
    if number > superseded:
        yield f"funding-body version {number} is sealed" + (f", version {superseded} superseded" if superseded else "")
    elif number and now.submissions:
        yield now.standing
    elif now.submissions:
        yield from _still_missing([gate.why for gate in there.gates if not gate.passed])
    fresh = [words for clock, words in now.near.items() if clock not in before.near]
    if fresh:
        yield f"now lying ready: {', '.join(fresh)}"


def _still_missing(missing: Sequence[str]) -> Iterator[str]:
    """What stands before a first signature: the one thing, or how many there are."""
    if len(missing) == 1:
        yield f"before it can be signed: {missing[0]}"
    elif missing:
        yield f"before it can be signed, {_count(len(missing), 'thing')} are missing"


def _of_file(submission: Submission, revision: Revision | None) -> str:
    """What became of one file."""
    if submission.outcome in ("refused", "query"):
        return f"{'refused' if submission.outcome == 'refused' else 'a question'}: {submission.reason}"
    if revision is None:
        return "it says nothing new"
    signed = [s.role for s in signoff.signatures([revision])]
    if signed:
        return f"signed by the {' and '.join(signed)}"
    changes = sum(d.applies and not is_signature(d.place) for d in revision.decisions)
    asked = sum(d.outcome is Outcome.QUERY for d in revision.decisions)
    questions = f", {_count(asked, 'question')}" if asked else ""
    if revision.number == 1:
        return f"a new plan, {revision.plan}, {_count(changes, 'answer')}{questions}"
    return f"revision {revision.number}, {_count(changes, 'change')}{questions}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _sentence(words: str) -> str:
    """A clause as a sentence; one that is a sentence already stays."""
    return f"{words[:1].upper()}{words[1:].rstrip('.')}{'' if words.endswith('?') else '.'}"


def _unlike(expect: Expected, now: Chapter) -> Iterator[str]:
    """Where a step came out otherwise than expected."""
    version = now.there.edition.number if now.there and now.there.edition else 0
    pairs = (
        ("the files were", expect.outcomes, tuple(s.outcome for s in now.submissions)),
        ("the funding-body version is", expect.state, now.there.state if now.there else "none"),
        ("its number is", expect.version, version),
        ("open questions are", expect.questions, len(now.questions)),
    )
    for what, wanted, found in pairs:
        if wanted != found:
            yield f"{what} {found}, not {wanted}"


# ── Where to look ───────────────────────────────────────────────────────────────────────────────────────────────


def _show_where(workspace: Workspace, story: Story, hashes: Mapping[str, str]) -> None:
    """Prints what is worth opening, each with its path."""
    print(f"\nWorth opening, below {workspace.premises.outbox}:")
    first = workspace.premises.ledger.submission(hashes[story.files[0]])
    plan = first.plan if first else None
    wide = max(len(worth.words) for worth in story.worth_opening)
    for worth in story.worth_opening:
        words = worth.words
        for path in _papers(workspace, worth, plan, hashes):
            print(f"  {words:<{wide}}  {path}")
            words = ""


def _papers(workspace: Workspace, worth: Worth, plan: str | None, hashes: Mapping[str, str]) -> list[str]:
    """The paths in the outbox that are meant; none that is not there any more."""
    ledger = workspace.premises.ledger
    written = {ours.path: ours for ours in ledger.derived.outputs()}
    if worth.about:
        sha256 = hashes[worth.about]
        refused = [path for path, ours in written.items() if path.startswith("refused/") and ours.sha256 == sha256]
        slips = [f"questions/{q.query}.html" for q in ledger.open_queries() if q.submission == sha256]
        receipts = [path for path in written if path.startswith("receipts/") and path.endswith(f" {sha256[:6]}.html")]
        found = [*refused, *(f"{path} - why not.html" for path in refused)] or slips or receipts
    else:
        found = [p for p, ours in written.items() if ours.plan in (plan, None) and fnmatchcase(p, worth.path)]
    return [path for path in found if (workspace.premises.outbox / path).exists()]
