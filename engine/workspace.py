"""A folder opened: its settings, proformas, ledger and archive, and the public verbs on them.

    with Workspace(Path("office")) as workspace:
        summary = workspace.run()
        for line in workspace.plans(): ...

Looking needs nothing; whatever writes takes the workspace's lock first, so that two programs never write at once.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from engine import (
    auditing,
    delivery,
    lists,
    lock,
    manners,
    mistakes,
    models,
    office,
    opening,
    packs,
    people,
    quality,
    samples,
    sharing,
    workflow,
)
from engine.archive import Archive
from engine.audits import Audited
from engine.backup import Copied, backup
from engine.documents import STANDARD, Medium
from engine.errors import Declined, WrongUse
from engine.files import safe_name, write_whole
from engine.ledger import Ledger
from engine.model import Form, Issue, Manner, Query, Revision, Submission
from engine.outbox import made_folder
from engine.permissions import wide_open
from engine.pool import Pool
from engine.premises import Premises
from engine.press import Press
from engine.proforma import Proforma
from engine.reading import read_file
from engine.register import overview
from engine.running import Run, Summary, Tell
from engine.service import Health
from engine.settings import today
from engine.settings_file import load
from engine.sheet import display_name
from engine.standing import Standing, standing
from engine.verify import Verified, mend, verify

__all__ = ["Summary", "Workspace"]


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
        opening.must_be_workspace(root)
        settings = load(root)
        store = (root / settings.store.folder).resolve()
        opening.must_be_apart(root, store)
        self._home = opening.proformas_of(root)
        proformas = opening.proformas(self._home, settings, store)
        self.premises = Premises(
            root, settings, proformas, Ledger(store / "ledger.sqlite"), Archive(store / "archive"),
            Archive(store / "sealed"), store, today(),
        )  # fmt: skip
        self._count = settings.work.workers or os.cpu_count() or 1
        self._pool: Pool | None = None
        self._press = Press(self._count)
        self.health = Health(store)
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
            self._pool.end()
        self._press.end()
        self.premises.ledger.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Holds the workspace's lock; clears up first when its last holder was ended in the middle.

        Raises:
            WorkspaceTrouble: when another program has been writing for longer than `lock.WAIT`.
        """
        if self._locked:
            yield
            return
        self.premises = replace(self.premises, today=today())
        with ExitStack() as held:
            died = [held.enter_context(lock.held(file)) for file in self._lock_files()]
            if any(died):
                self._run().clear_up()
            self._locked = True
            try:
                yield
            finally:
                self._locked = False

    @contextmanager
    def _changing(self, *plans: str) -> Iterator[None]:
        """Holds the lock while somebody changes plans, which must exist; then writes what follows from it."""
        with self._writing():
            for plan in plans:
                self._must_exist(plan)
            yield
            self._after()

    def _lock_files(self) -> Iterator[Path]:
        """One beside the ledger; where that is on another disk, one in the workspace too, which others may share."""
        store, root = self.premises.store, self.premises.root
        yield store / "lock"
        if not store.is_relative_to(root):
            yield root / ".counterpart.lock"

    # ── Taking in ───────────────────────────────────────────────────────────────────────────────────────────────

    def _reader(self) -> Pool:
        if self._pool is None:
            self._pool = Pool(read_file, self.premises.settings.limits, self._count)
        return self._pool

    def _run(self, stop: Callable[[], bool] = lambda: False) -> Run:
        return Run(self.premises, self._reader(), self._press, stop)

    def read(self, file: Path) -> Form:
        """What a file says; only reads."""
        return self._reader().read(file)

    def run(
        self,
        tell: Tell = lambda done, of, name: None,
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
            run = self._run(stop)
            run.whole(tell, only_new)
            found = run.summary()
        return replace(found, seconds=round(time.monotonic() - started, 3))

    def take_in(self, file: Path, by: str = "") -> Submission:
        """Takes one file in, from wherever it lies; the file itself stays where it is.

        Raises:
            WorkspaceTrouble: when it cannot be read or kept now.
        """
        with self._writing():
            run = self._run()
            submission = run.take_one(file, by)
            run.summary()
            return submission

    def import_list(
        self, file: Path, approve: bool = False, by: str = "", mapped: Mapping[str, str] | None = None
    ) -> tuple[Submission, str]:
        """Shows what a list of learners would change; takes it in at once when that is approved.

        Args:
            mapped: headings of it that are none of ours, each with the name of a column; remembered from now on.

        Returns:
            What became of the file, and what there is to say, in lines.

        Raises:
            WrongUse: when it is no list of learners.
        """
        with self._writing():
            for heading, label in (mapped or {}).items():
                lists.remember(self.premises, heading, label)
            run = self._run()
            submission = run.take_one(file, by)
            run.summary()
        asked = lists.columns(self.premises)
        if asked is None or submission.proforma != asked.proforma:
            raise WrongUse(f"{file} is no list of learners.", "It needs columns for first names and family name.")
        query = next((q for q in self.queries() if q.submission == submission.sha256), None)
        if approve and query is not None:
            self.settle(query.query, take="yes", by=by)
        return submission, submission.reason

    # ── Doing ───────────────────────────────────────────────────────────────────────────────────────────────────

    def issue(
        self,
        proforma: str,
        plan: str | None = None,
        medium: Medium | None = None,
        to: Path | None = None,
        manner: Manner = STANDARD,
    ) -> tuple[Issue, Path]:
        """Writes a form, stamped and pre-filled, into a folder; tells its number and where it is.

        Args:
            medium: as what; None = as PDF, or as the file that somebody else's form is.
            manner: in which variant, for whose hand, which section alone, in which size.

        Raises:
            WrongUse: when there is no such proforma, plan or section, or it asks nothing of the role.
            Declined: when a gate is not passed.
        """
        with self._writing():
            chosen = self._proforma(proforma)
            if plan:
                self._must_exist(plan)
                self._must_not_be_joined(plan)
            record = self.premises.ledger.record(plan) if plan else {}
            manner = manners.checked(chosen, manner, sharing.granted(record, chosen, manner.role, self.premises.today))
            given, content = workflow.issue(self.premises, chosen, plan, medium, manner)
            folder = to or self.premises.outbox / "staff" / "issued"
            whose = f" - {display_name(record, chosen.eyes)}" if plan else ""
            file = folder / f"{safe_name(chosen.title + whose)} {given.form}{delivery.SUFFIX[given.medium]}"
            made_folder(folder)
            if folder.is_relative_to(self.premises.outbox):
                path = str(file.relative_to(self.premises.outbox))
                delivery.put(self.premises, path, content)
            else:
                file.write_bytes(content)
            return given, file

    def settle(self, query: str, take: str | None = None, value: str | None = None, by: str = "") -> None:
        """Answers a question."""
        with self._changing():
            found = self.premises.ledger.query(query)
            asked = found[0] if found else None
            if found and asked and asked.kind in office.KINDS and not found[1]:
                with self.premises.ledger.writing():
                    office.settle(self.premises, asked, take, value, by, self._reread)
                return
            reread = self._reread(asked.submission) if asked and asked.plan is None and asked.submission else None
            people.settle(self.premises, query, take, value, by, reread)

    def _reread(self, sha256: str) -> Form:
        return self.read(self.premises.archive.folder / sha256)

    def sign(self, plan: str, role: str, name: str, by: str) -> None:
        """Records a signature made before a member of staff."""
        with self._changing(plan):
            self._must_not_be_joined(plan)
            people.sign(self.premises, plan, role, name, by)

    def waive(self, plan: str, gate: str, reason: str, by: str, role: str = "provider") -> None:
        """Waives a gate that may be waived."""
        with self._changing(plan):
            self._must_not_be_joined(plan)
            people.waive(self.premises, plan, gate, reason, by, role)

    def models(self) -> Mapping[str, models.Model]:
        """The model targets, by name."""
        return models.load(self._home)

    def model(self, plan: str, name: str, by: str = "") -> None:
        """Puts a model target into a plan, to be made the learner's own."""
        with self._changing(plan):
            self._must_not_be_joined(plan)
            people.model(self.premises, plan, name, self.models(), by)

    def roll_over(self, plan: str, by: str = "") -> None:
        """Carries a plan over into its next year: finished targets leave it, open ones say how often they were."""
        with self._changing(plan):
            self._must_not_be_joined(plan)
            people.roll_over(self.premises, plan, by)

    def undo(self, plan: str, revision: int, reason: str, by: str = "", to: str | None = None) -> Revision:
        """Takes a revision back that was entered in error; its form may go to the right learner's plan."""
        with self._changing(plan):
            wrong = next((r for r in self.premises.ledger.revisions(plan) if r.number == revision), None)
            reread = self._reread(wrong.submission) if to and wrong and wrong.submission else None
            return mistakes.undo(self.premises, plan, revision, reason, by, to, reread)

    def join(self, first: str, second: str, by: str = "") -> Revision:
        """Joins the second plan of one learner to the first."""
        with self._changing(first, second):
            return mistakes.join(self.premises, first, second, by)

    def close_plan(self, plan: str, reason: str, by: str = "") -> Revision:
        """Closes a plan that is finished."""
        with self._changing(plan):
            return mistakes.close(self.premises, plan, reason, by)

    def reopen_plan(self, plan: str, reason: str, by: str = "") -> Revision:
        """Opens a closed plan again."""
        with self._changing(plan):
            return mistakes.reopen(self.premises, plan, reason, by)

    def _after(self) -> None:
        run = self._run()
        run.finish()
        trouble = run.summary().troubles
        if trouble:
            raise Declined(f"It is recorded, but a document could not be written: {'; '.join(trouble)}.")

    # ── Looking ─────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def _today(self) -> Premises:
        """The premises as of today: a program may look at one workspace for days."""
        return replace(self.premises, today=today())

    def _proforma(self, name: str) -> Proforma:
        if name not in self.premises.proformas:
            raise WrongUse(f"There is no proforma “{name}”.", f"There are: {', '.join(self.premises.proformas)}.")
        return self.premises.proformas[name]

    def _must_exist(self, plan: str) -> None:
        if not self.premises.ledger.newest(plan):
            raise WrongUse(f"There is no plan “{plan}”.", "`counterpart plans` lists them.")

    def _must_not_be_joined(self, plan: str) -> None:
        into = self.premises.ledger.index.joined().get(plan)
        if into:
            raise Declined(f"{plan} was joined to {into}.", f"Do it for {into}.")

    def standing(self, plan: str, revision: int | None = None) -> Standing:
        """Where a plan stands, as of a revision or now."""
        self._must_exist(plan)
        if revision is not None and not 1 <= revision <= self.premises.ledger.newest(plan):
            raise WrongUse(f"{plan} has no change {revision}.", f"Its newest is {self.premises.ledger.newest(plan)}.")
        return standing(self._today, plan, revision)

    def plans(self) -> list[Standing]:
        """Where every plan stands."""
        premises = self._today
        return [standing(premises, plan) for plan in premises.ledger.plans()]

    def overview(self) -> list[dict[str, Any]]:
        """A line for every plan: what `plans`, `status` and the register say of it."""
        return overview(self._today)

    def history(self, plan: str) -> list[tuple[str, Revision]]:
        """A plan's revisions, each with its hash."""
        self._must_exist(plan)
        return [(self.premises.ledger.hash(plan, r.number), r) for r in self.premises.ledger.revisions(plan)]

    def queries(self, plan: str | None = None) -> list[Query]:
        """The open questions."""
        if plan:
            self._must_exist(plan)
        return self.premises.ledger.open_queries(plan)

    def audit(self) -> Audited:
        """What an inspector would ask of the plans: every audit over every plan."""
        return auditing.audited(self.premises)

    def write_quality_report(self, found: Audited) -> Path:
        """Writes the quality report into the outbox; tells where its first page is."""
        with self._writing():
            quality.report(self.premises, found)
        return self.premises.outbox / quality.FOLDER / "index.html"

    def sample(self, name: str, by: str = "", medium: Medium = "word") -> list[tuple[str, str, Issue, Path]]:
        """Draws a sample of plans and writes its forms; each plan with why it was drawn, its form, and where that is.

        The name is the seed: the same plans and name give the same sample, and one drawn before is not drawn again.

        Raises:
            Declined: when no proforma is about a sample.
        """
        with self._writing():
            proforma = samples.form_for(self.premises)
            drawn = samples.draw(self.premises, self.audit(), name, by)
            self._after()
            folder = self.premises.outbox / quality.FOLDER / "samples" / safe_name(name)
            made = [(plan, why, *self.issue(proforma.proforma, plan, medium, folder)) for plan, why in drawn.items()]
        return made

    def pack(self, wanted: str, audience: str = "auditor", to: Path | None = None) -> Path:
        """Writes the inspection pack of a plan, or of a sample, for one audience; tells where it is.

        Raises:
            WrongUse: when there is no such plan, sample or audience.
        """
        with self._writing():
            plans = packs.chosen(self.premises, wanted)
            content = packs.pack(self.premises, plans, audience, wanted)
            folder = to or self.premises.outbox / quality.FOLDER / "packs"
            made_folder(folder)
            file = folder / f"{safe_name(f'Inspection pack {wanted} for the {audience}')}.pdf"
            write_whole(file, content)
        return file

    def wide_open(self) -> list[str]:
        """The folders that anybody on the machine may open, though each is for some people alone."""
        return wide_open(self.premises.root)

    def quality_report_is_due(self) -> bool:
        """Whether the weekly report is to be written."""
        return quality.is_due(self.premises)

    def repair(self) -> Verified:
        """Makes everything again that is derived: indexes, register, documents, sealed files; then checks it all."""
        with self._writing():
            run = self._run()
            run.clear_up()
            mend(self.premises)
            self.premises.ledger.rebuild()
            run.catch_up()
            run.summary()
        return self.verify()

    def backup(self, folder: Path) -> Copied:
        """Copies the record into a folder on another disk; `engine.backup.restore` brings it back."""
        return backup(self.premises, folder)

    def verify(self) -> Verified:
        """Checks everything that is kept: chains, journal, archive, editions and their seals."""
        return verify(self.premises)
