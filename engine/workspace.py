"""A folder opened: its settings, proformas, ledger and archive, and the public verbs on them.

    with Workspace(Path("office")) as workspace:
        summary = workspace.run()
        for line in workspace.plans(): ...

Looking needs nothing; whatever writes takes the workspace's lock first, so that two programs never write at once.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Mapping
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
    mistakes,
    models,
    office,
    packs,
    people,
    quality,
    samples,
    sharing,
    vocabulary,
    workflow,
)
from engine.archive import Archive
from engine.audits import Audited
from engine.backup import Copied, backup
from engine.documents import STANDARD, Medium
from engine.errors import Declined, Mistake, WorkspaceTrouble, WrongUse
from engine.files import safe_name, write_whole
from engine.ledger import Ledger
from engine.model import Form, Issue, Manner, Query, Revision, Submission
from engine.mounts import is_share
from engine.permissions import wide_open
from engine.pool import Pool
from engine.premises import Premises
from engine.press import Press
from engine.proforma import ROLE_LETTER, Proforma, load_all
from engine.reading import read_file
from engine.register import overview
from engine.running import Run, Summary, Tell
from engine.service import Health
from engine.settings import FILE, TEMPLATE, Settings, load, today
from engine.sheet import display_name
from engine.standing import Standing, standing
from engine.verify import Verified, mend, verify

__all__ = ["Summary", "Workspace", "init", "shipped"]

SHIPPED = Path(__file__).parent / "shipped"
"""What the wheel carries beside the code; in a checkout the same things stand at the top of the repository."""


def shipped(name: str) -> Path:
    """A folder that ships with the program: `proformas` or `samples`."""
    here = SHIPPED / name
    checkout = {"samples": "tests/samples"}.get(name, name)
    return here if here.exists() else Path(__file__).parent.parent / checkout


def proformas_of(root: Path) -> Path:
    """The folder of proformas that counts in a workspace: its own, else what ships."""
    return root / "proformas" if (root / "proformas").is_dir() else shipped("proformas")


def own_proformas(root: Path) -> Path:
    """The workspace's own folder of proformas, made from what ships where it has none.

    Raises:
        WrongUse: when the folder is no workspace.
    """
    _must_be_workspace(root)
    if not (root / "proformas").is_dir():
        shutil.copytree(shipped("proformas"), root / "proformas")
    return root / "proformas"


def _must_be_workspace(root: Path) -> None:
    if not (root / FILE).exists() and not (root / "inbox").is_dir():
        raise WrongUse(
            f"{root} is not a workspace.", "Make one with `counterpart init DIR`, or name one with --workspace."
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
        _must_be_workspace(root)
        settings = load(root)
        store = (root / settings.store.folder).resolve()
        _must_be_apart(root, store)
        self._home = home = proformas_of(root)
        proformas = _worded(load_all(home, store / "proformas.json" if store.is_dir() else None), settings, home)
        _must_be_known(settings, proformas)
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
            manner = _checked(chosen, manner, sharing.granted(record, chosen, manner.role, self.premises.today))
            given, content = workflow.issue(self.premises, chosen, plan, medium, manner)
            folder = to or self.premises.outbox / "staff" / "issued"
            whose = f" - {display_name(record, chosen.eyes)}" if plan else ""
            file = folder / f"{safe_name(chosen.title + whose)} {given.form}{delivery.SUFFIX[given.medium]}"
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
            if found and asked and asked.kind in office.KINDS and not found[1]:
                with self.premises.ledger.writing():
                    office.settle(self.premises, asked, take, value, by, self._reread)
                self._after()
                return
            if asked and asked.plan is None and asked.submission:
                reread = self.read(self.premises.archive.folder / asked.submission)
            people.settle(self.premises, query, take, value, by, reread)
            self._after()

    def _reread(self, sha256: str) -> Form:
        return self.read(self.premises.archive.folder / sha256)

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

    def models(self) -> Mapping[str, models.Model]:
        """The model targets, by name."""
        return models.load(self._home)

    def model(self, plan: str, name: str, by: str = "") -> None:
        """Puts a model target into a plan, to be made the learner's own."""
        with self._writing():
            self._must_exist(plan)
            self._must_not_be_joined(plan)
            people.model(self.premises, plan, name, self.models(), by)
            self._after()

    def roll_over(self, plan: str, by: str = "") -> None:
        """Carries a plan over into its next year: finished targets leave it, open ones say how often they were."""
        with self._writing():
            self._must_exist(plan)
            self._must_not_be_joined(plan)
            people.roll_over(self.premises, plan, by)
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
        into = self.premises.ledger.joined().get(plan)
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
            folder.mkdir(parents=True, exist_ok=True)
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


def init(root: Path, provider: str = "Our training provider") -> None:
    """Makes a workspace with the shipped proformas; what is there already is left as it is."""
    for name in ("inbox", "outbox"):
        (root / name).mkdir(parents=True, exist_ok=True)
    if not (root / "proformas").exists():
        shutil.copytree(shipped("proformas"), root / "proformas")
    if not (root / FILE).exists():
        (root / FILE).write_text(TEMPLATE.format(provider=json.dumps(provider, ensure_ascii=False)), "utf-8")


def _worded(proformas: Mapping[str, Proforma], settings: Settings, home: Path) -> Mapping[str, Proforma]:
    """The proformas in the words that the settings ask for."""
    if not settings.forms.words and not settings.forms.language:
        return proformas
    instead = vocabulary.load(home).chosen(settings.forms.words)
    return {
        name: form if form.blank else vocabulary.worded(form, instead, settings.forms.language)
        for name, form in proformas.items()
    }


def _checked(proforma: Proforma, manner: Manner, granted: Collection[str] = ()) -> Manner:
    """The manner with its section called by its heading.

    Args:
        granted: headings of the sections that the learner shares with the role.

    Raises:
        WrongUse: when there is no such section, or the form asks nothing of the role.
        Declined: when the learner does not share the section with the role.
    """
    if proforma.blank:
        if replace(manner, size=STANDARD.size) != STANDARD:
            raise WrongUse(f"“{proforma.title}” is somebody else's form, and is given out as it is.", "Leave that out.")
        return STANDARD
    section = proforma.section(manner.section) if manner.section else None
    guest = proforma.owned and manner.role not in ("", *proforma.audience)
    if section and guest and not any(q.for_role(manner.role) for q in section.questions):
        if section.heading not in granted:
            shared = f"the learner shares with the {manner.role}: {', '.join(granted) or 'nothing'}"
            raise Declined(
                f"“{section.heading}” is the learner's to share, and {shared}.",
                "Leave is given on the learner's details: who, which parts, from when until when.",
            )
        return replace(manner, section=section.heading)
    if manner.role and (manner.role not in ROLE_LETTER or not proforma.asks(manner.role)):
        known = ", ".join(role for role in ROLE_LETTER if proforma.asks(role))
        raise WrongUse(f"“{proforma.title}” asks nothing of “{manner.role}”.", f"It asks: {known}.")
    if not manner.section:
        return manner
    if section is None:
        known = ", ".join(f"“{s.heading}”" for s in proforma.sections)
        raise WrongUse(f"“{proforma.title}” has no one section “{manner.section}”.", f"It has: {known}.")
    if not any(question.in_size(manner.size) for question in section.questions):
        raise WrongUse(f"“{section.heading}” is not on a form of the size “{manner.size}”.", "Ask for --size full.")
    if not proforma.edition and not any(question.for_role(manner.role) for question in section.questions):
        raise WrongUse(f"“{section.heading}” asks nothing of “{manner.role}”.", "Leave one of the two out.")
    return replace(manner, section=section.heading)


def _must_be_known(settings: Settings, proformas: Mapping[str, Proforma]) -> None:
    """Sees to it that the forms which the settings name are there.

    Raises:
        Mistake: naming the first that is not.
    """
    for folder, names in settings.ready.model_dump().items():
        for name in names:
            if name not in proformas:
                raise Mistake(
                    f"{FILE}: the setting “ready.{folder}” names a form “{name}”, and there is none.",
                    f"There are: {', '.join(proformas)}.",
                )


def _must_be_apart(root: Path, store: Path) -> None:
    """Sees to it that what goes out never comes in again, and that the ledger lies where it is safe.

    Raises:
        Mistake: when the folders lie inside each other.
        WorkspaceTrouble: when the ledger would lie on a share.
    """
    inbox, outbox = ((root / name).resolve() for name in ("inbox", "outbox"))
    for inner, outer in ((outbox, inbox), (inbox, outbox), (store, inbox), (store, outbox)):
        if inner.is_relative_to(outer):
            raise Mistake(
                f"{inner} lies in {outer}: what goes out would come in again.",
                "Move one of them (the setting store.folder, or where the links inbox and outbox lead).",
            )
    if is_share(store):
        raise WorkspaceTrouble(
            f"{store} lies on a network share, where the ledger would not be safe.",
            "Name a folder on this machine's own disk with the setting store.folder; inbox and outbox may stay there.",
        )
