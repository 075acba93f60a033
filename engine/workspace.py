"""A folder opened: its settings, proformas, ledger and archive, and the public verbs on them.

    with Workspace(Path("office")) as workspace:
        summary = workspace.run()
        for line in workspace.plans(): ...

Looking needs nothing; whatever writes takes the workspace's lock first, so that two programs never write at once.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from engine import delivery, inbox, mistakes, notify, outbox, people, workflow
from engine.archive import Archive
from engine.documents import STANDARD, Medium
from engine.errors import CounterpartError, Declined, WorkspaceTrouble, WrongUse
from engine.files import safe_name
from engine.ledger import Ledger
from engine.model import Form, Issue, Manner, Query, Revision, Submission
from engine.pool import Pool
from engine.premises import Premises
from engine.proforma import ROLE_LETTER, Proforma, load_all
from engine.reading import read_file
from engine.settings import FILE, TEMPLATE, load, now, today
from engine.sheet import display_name
from engine.standing import Standing, standing
from engine.verify import Verified, verify

SHIPPED = Path(__file__).parent / "shipped"
"""What the wheel carries beside the code; in a checkout the same things stand at the top of the repository."""

LOCK_WAIT = 30.0
"""Seconds that a command waits for another one to finish writing."""


def shipped(name: str) -> Path:
    """A folder that ships with the program: `proformas` or `samples`."""
    here = SHIPPED / name
    checkout = {"samples": "tests/samples"}.get(name, name)
    return here if here.exists() else Path(__file__).parent.parent / checkout


@dataclass(frozen=True, slots=True)
class Summary:
    """What one run did: counts, and seconds of wall time."""

    taken_in: int = 0
    already_known: int = 0
    refused: int = 0
    queries_raised: int = 0
    revisions: int = 0
    renditions: int = 0
    seconds: float = 0.0
    waiting: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()

    def __add__(self, other: Summary) -> Summary:
        return Summary(
            self.taken_in + other.taken_in,
            self.already_known + other.already_known,
            self.refused + other.refused,
            self.queries_raised + other.queries_raised,
            self.revisions + other.revisions,
            self.renditions + other.renditions,
            self.seconds + other.seconds,
            other.waiting,
            (*self.troubles, *other.troubles),
        )


class Workspace:
    """An opened workspace."""

    def __init__(self, root: Path | str) -> None:
        """Opens a folder as a workspace.

        Raises:
            WrongUse: when the folder is none.
            Mistake: when its settings or a proforma hold a mistake.
            WorkspaceTrouble: when its ledger cannot be used.
        """
        root = Path(root).resolve()
        if not (root / FILE).exists() and not (root / "inbox").is_dir():
            raise WrongUse(
                f"{root} is not a workspace.", "Make one with `counterpart init DIR`, or name one with --workspace."
            )
        settings = load(root)
        store = root / settings.store.folder
        proformas = load_all(root / "proformas" if (root / "proformas").is_dir() else shipped("proformas"))
        self.premises = Premises(
            root, settings, proformas, Ledger(store / "ledger.sqlite"), Archive(store / "archive"),
            Archive(store / "sealed"), store, today(),
        )  # fmt: skip
        self._pool: Pool | None = None
        self._locked = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the workers and lets go of the ledger."""
        if self._pool:
            self._pool.__exit__(None, None, None)
            self._pool = None
        self.premises.ledger.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Holds the workspace's lock, which ends with the process that holds it, however that ends.

        Raises:
            WorkspaceTrouble: when another program has been writing for longer than `LOCK_WAIT`.
        """
        if self._locked:
            yield
            return
        self.premises = replace(self.premises, today=today())
        with _lock(self.premises.store / "lock"):
            self._locked = True
            try:
                yield
            finally:
                self._locked = False

    # ── Taking in ───────────────────────────────────────────────────────────────────────────────────────────────

    def read(self, file: Path) -> Form:
        """What a file says; only reads."""
        if self._pool is None:
            self._pool = Pool(read_file, self.premises.settings.limits)
        return self._pool.read(file)

    def run(
        self,
        tell: Callable[[int, int, str], None] = lambda done, of, name: None,
        stop: Callable[[], bool] = lambda: False,
        only_new: bool = False,
    ) -> Summary:
        """Takes in what lies in the inbox and what people changed in the outbox, and writes what follows.

        Args:
            tell: called as files are taken, with how many are done, how many there are, and the next one's name.
            stop: asked before each file; when it says so, the files that are left stay for the next time.
            only_new: for a watch that looked a moment ago: the inbox alone, nothing is looked for that may be missing.
        """
        started = time.monotonic()
        with self._writing():
            total = Summary() if only_new else self._catch_up() + self._take_changes()
            before = {a.path: a.look for a in inbox.look(self.premises.inbox)}
            if before:
                time.sleep(self.premises.settings.watch.rest)
            files = inbox.settled(self.premises.inbox, before)
            for done, arrived in enumerate(files):
                if stop():
                    break
                tell(done, len(files), arrived.path.name)
                total += self._take(arrived.path)
            tell(len(files), len(files), "")
            left = tuple(a.path.name for a in inbox.look(self.premises.inbox))
            total += Summary(waiting=left)
            self._show_register((*left, *total.troubles))
        return replace(total, seconds=round(time.monotonic() - started, 3))

    def take_in(self, file: Path, by: str = "") -> Submission:
        """Takes one file in, from wherever it lies; the file itself stays where it is."""
        with self._writing():
            return self._archive_and_merge(file, by)[0]

    def _take(self, file: Path) -> Summary:
        """Takes one file of the inbox in, and moves it out once its effect is kept."""
        if file.stat().st_size > self.premises.settings.limits.size * 1_000_000:
            return self._set_aside(file)
        submission, summary = self._archive_and_merge(file, self._sender(file))
        if not inbox.move_out(file, submission.sha256, self.premises.store / "leaving"):
            return summary + Summary(troubles=(f"{file.name} changed while it was taken in; it will be taken again",))
        return summary

    def _set_aside(self, file: Path) -> Summary:
        """Moves a file that is over the size limit to the refused folder as it is, its hash recorded (law 1)."""
        with file.open("rb") as content:
            sha256 = hashlib.file_digest(content, "sha256").hexdigest()
        refused = self.premises.ledger.submission(sha256)
        if refused is None:
            refused = Submission(
                sha256=sha256,
                name=file.name,
                media_type="application/octet-stream",
                size=file.stat().st_size,
                received=now(),
                outcome="refused",
                by=self._sender(file),
                reason=f"The file is larger than {self.premises.settings.limits.size} MB (the setting limits.size).",
                advice="Save it without pictures, or send the form alone.",
                set_aside=True,
            )
            with self.premises.ledger.writing():
                self.premises.ledger.keep_submission(refused)
        there = self.premises.outbox / "refused" / notify.refused_name(refused)
        there.parent.mkdir(parents=True, exist_ok=True)
        if not there.exists():
            shutil.move(file, there)
        self._notify(refused)
        return Summary(refused=1)

    def _take_changes(self) -> Summary:
        """Takes in the documents of ours that people have changed where they lie."""
        total = Summary()
        for ours in list(outbox.changed(self.premises.outbox, self.premises.ledger.outputs())):
            if ours.path.endswith((".docx", ".pdf")):
                total += self._take_changed(ours.path)
        return total

    def _take_changed(self, path: str) -> Summary:
        """Takes in a document of ours that somebody changed where it lies, so that it can be replaced."""
        file = self.premises.outbox / path
        submission, summary = self._archive_and_merge(file, "")
        with self.premises.ledger.writing():
            self.premises.ledger.wrote(path, submission.sha256, submission.plan, None)
        if submission.plan:
            summary += Summary(renditions=self._finish(submission.plan)[0])
        return summary

    def _sender(self, file: Path) -> str:
        """The sub-folder of the inbox that a file was dropped into, as far as that tells its sender."""
        folder = file.parent.relative_to(self.premises.inbox)
        return folder.parts[0] if folder.parts else ""

    def _archive_and_merge(self, file: Path, by: str) -> tuple[Submission, Summary]:
        premises, ledger = self.premises, self.premises.ledger
        content = file.read_bytes()
        sha256 = premises.archive.keep(content)
        known = ledger.submission(sha256)
        if known:
            return known, Summary(already_known=1)
        raised = len(ledger.open_queries())
        form = self.read(premises.archive.folder / sha256)
        submission = workflow.take_in(premises, content, file.name, form, by)
        revisions = 0
        renditions = 0
        troubles: tuple[str, ...] = ()
        if submission.plan:
            revisions = sum(r.submission == sha256 for r in ledger.revisions(submission.plan))
            renditions, troubles = self._finish(submission.plan)
        self._notify(submission)
        return submission, Summary(
            taken_in=submission.outcome != "refused",
            refused=submission.outcome == "refused",
            queries_raised=max(0, len(ledger.open_queries()) - raised),
            revisions=revisions,
            renditions=renditions,
            troubles=troubles,
        )

    def _finish(self, plan: str) -> tuple[int, tuple[str, ...]]:
        """Everything that follows from a plan's state; what cannot be done now is told, and tried again next time."""
        try:
            return workflow.finish(self.premises, plan)
        except (CounterpartError, OSError) as error:
            return 0, (f"{plan}: {error}",)

    def _catch_up(self) -> Summary:
        """Writes whatever is missing of what the record wants: after a crash, on a new day, when files vanished."""
        total = Summary(renditions=delivery.blank_forms(self.premises))
        for submission in self.premises.ledger.submissions():
            self._notify(submission)
        for plan in self.premises.ledger.plans():
            renditions, troubles = self._finish(plan)
            total += Summary(renditions=renditions, troubles=troubles)
        return total

    # ── Notices ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _notify(self, submission: Submission) -> None:
        notify.about(self.premises, submission)

    def _show_register(self, waiting: Sequence[str]) -> None:
        notify.questions(self.premises)
        notify.register(self.premises, waiting)

    # ── Doing ───────────────────────────────────────────────────────────────────────────────────────────────────

    def issue(
        self,
        proforma: str,
        plan: str | None = None,
        medium: Medium = "pdf",
        to: Path | None = None,
        manner: Manner = STANDARD,
    ) -> tuple[Issue, Path]:
        """Writes a form, stamped and pre-filled, into a folder; tells its number and where it is.

        Args:
            manner: in which variant, for whose hand, which section alone.

        Raises:
            WrongUse: when there is no such proforma, plan or section, or it asks nothing of the role.
            Declined: when a gate is not passed.
        """
        with self._writing():
            chosen = self._proforma(proforma)
            if plan:
                self._must_exist(plan)
                self._must_not_be_joined(plan)
            manner = _checked(chosen, manner)
            given, content = workflow.issue(self.premises, chosen, plan, medium, manner)
            folder = to or self.premises.outbox / "staff" / "issued"
            record = self.premises.ledger.record(plan) if plan else {}
            whose = f" - {display_name(record, chosen.eyes)}" if plan else ""
            file = folder / f"{safe_name(chosen.title + whose)} {given.form}{delivery.SUFFIX[medium]}"
            folder.mkdir(parents=True, exist_ok=True)
            if folder.is_relative_to(self.premises.outbox):
                path = str(file.relative_to(self.premises.outbox))
                delivery.put(self.premises, path, content)
            else:
                file.write_bytes(content)
            return given, file

    def settle(self, query: str, take: str | None = None, value: str | None = None, by: str = "") -> None:
        """Answers a question."""
        with self._writing():
            found = self.premises.ledger.query(query)
            asked = found[0] if found else None
            reread = None
            if asked and asked.plan is None and asked.submission:
                reread = self.read(self.premises.archive.folder / asked.submission)
            people.settle(self.premises, query, take, value, by, reread)
            self._after()

    def sign(self, plan: str, role: str, name: str, by: str) -> None:
        """Records a signature made before a member of staff."""
        with self._writing():
            self._must_exist(plan)
            self._must_not_be_joined(plan)
            people.sign(self.premises, plan, role, name, by)
            self._after()

    def waive(self, plan: str, gate: str, reason: str, by: str, role: str = "provider") -> None:
        """Waives a gate that may be waived."""
        with self._writing():
            self._must_exist(plan)
            self._must_not_be_joined(plan)
            people.waive(self.premises, plan, gate, reason, by, role)
            self._after()

    def undo(self, plan: str, revision: int, reason: str, by: str = "", to: str | None = None) -> Revision:
        """Takes a revision back that was entered in error; its form may go to the right learner's plan."""
        with self._writing():
            self._must_exist(plan)
            wrong = next((r for r in self.premises.ledger.revisions(plan) if r.number == revision), None)
            reread = None
            if to and wrong and wrong.submission:
                reread = self.read(self.premises.archive.folder / wrong.submission)
            made = mistakes.undo(self.premises, plan, revision, reason, by, to, reread)
            self._after()
            return made

    def join(self, first: str, second: str, by: str = "") -> Revision:
        """Joins the second plan of one learner to the first."""
        with self._writing():
            self._must_exist(first)
            self._must_exist(second)
            made = mistakes.join(self.premises, first, second, by)
            self._after()
            return made

    def close_plan(self, plan: str, reason: str, by: str = "") -> Revision:
        """Closes a plan that is finished."""
        with self._writing():
            self._must_exist(plan)
            made = mistakes.close(self.premises, plan, reason, by)
            self._after()
            return made

    def reopen_plan(self, plan: str, reason: str, by: str = "") -> Revision:
        """Opens a closed plan again."""
        with self._writing():
            self._must_exist(plan)
            made = mistakes.reopen(self.premises, plan, reason, by)
            self._after()
            return made

    def _after(self) -> None:
        trouble = self._catch_up().troubles
        self._show_register(trouble)
        if trouble:
            raise Declined(f"It is recorded, but a document could not be written: {'; '.join(trouble)}.")

    # ── Looking ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _proforma(self, name: str) -> Proforma:
        if name not in self.premises.proformas:
            raise WrongUse(f"There is no proforma “{name}”.", f"There are: {', '.join(self.premises.proformas)}.")
        return self.premises.proformas[name]

    def _must_exist(self, plan: str) -> None:
        if not self.premises.ledger.newest(plan):
            raise WrongUse(f"There is no plan “{plan}”.", "`counterpart plans` lists them.")

    def _must_not_be_joined(self, plan: str) -> None:
        into = self.premises.ledger.joined().get(plan)
        if into:
            raise Declined(f"{plan} was joined to {into}.", f"Do it for {into}.")

    def standing(self, plan: str, revision: int | None = None) -> Standing:
        """Where a plan stands, as of a revision or now."""
        self._must_exist(plan)
        if revision is not None and not 1 <= revision <= self.premises.ledger.newest(plan):
            raise WrongUse(f"{plan} has no revision {revision}.", f"Its newest is {self.premises.ledger.newest(plan)}.")
        return standing(self.premises, plan, revision)

    def plans(self) -> list[Standing]:
        """Where every plan stands."""
        return [standing(self.premises, plan) for plan in self.premises.ledger.plans()]

    def history(self, plan: str) -> list[tuple[str, Revision]]:
        """A plan's revisions, each with its hash."""
        self._must_exist(plan)
        return [(self.premises.ledger.hash(plan, r.number), r) for r in self.premises.ledger.revisions(plan)]

    def queries(self, plan: str | None = None) -> list[Query]:
        """The open questions."""
        if plan:
            self._must_exist(plan)
        return self.premises.ledger.open_queries(plan)

    def verify(self) -> Verified:
        """Checks everything that is kept: chains, journal, archive, editions and their seals."""
        return verify(self.premises)


def init(root: Path, provider: str = "Our training provider") -> None:
    """Makes a workspace with the shipped proformas; what is there already is left as it is."""
    for name in ("inbox", "outbox"):
        (root / name).mkdir(parents=True, exist_ok=True)
    if not (root / "proformas").exists():
        shutil.copytree(shipped("proformas"), root / "proformas")
    if not (root / FILE).exists():
        (root / FILE).write_text(TEMPLATE.format(provider=json.dumps(provider, ensure_ascii=False)), "utf-8")


def _checked(proforma: Proforma, manner: Manner) -> Manner:
    """The manner with its section called by its heading.

    Raises:
        WrongUse: when there is no such section, or the form asks nothing of the role.
    """
    if manner.role and (manner.role not in ROLE_LETTER or not proforma.asks(manner.role)):
        known = ", ".join(role for role in ROLE_LETTER if proforma.asks(role))
        raise WrongUse(f"“{proforma.title}” asks nothing of “{manner.role}”.", f"It asks: {known}.")
    if not manner.section:
        return manner
    section = proforma.section(manner.section)
    if section is None:
        known = ", ".join(f"“{s.heading}”" for s in proforma.sections)
        raise WrongUse(f"“{proforma.title}” has no one section “{manner.section}”.", f"It has: {known}.")
    if not proforma.edition and not any(question.for_role(manner.role) for question in section.questions):
        raise WrongUse(f"“{section.heading}” asks nothing of “{manner.role}”.", "Leave one of the two out.")
    return replace(manner, section=section.heading)


@contextmanager
def _lock(file: Path) -> Iterator[None]:
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + LOCK_WAIT
        while not _try_lock(handle):
            if time.monotonic() > deadline:
                raise WorkspaceTrouble(
                    f"Another program has been writing in this workspace for {LOCK_WAIT:g} seconds.",
                    "Wait until it has finished, then try again.",
                )
            time.sleep(0.05)
        yield
    finally:
        # Workers that were started meanwhile have copies of the handle: closing ours alone would not let go.
        _unlock(handle)
        os.close(handle)


def _unlock(handle: int) -> None:
    with suppress(ImportError):
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_UN)


def _try_lock(handle: int) -> bool:
    try:
        import fcntl
    except ImportError:
        import msvcrt

        with suppress(OSError):
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
            return True
        return False
    # A record lock: it belongs to this process alone, so that no worker of ours can keep it after us.
    with suppress(BlockingIOError, PermissionError):
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
