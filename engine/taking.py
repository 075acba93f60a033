"""Files into the record: archived, read ahead of the merge by workers, merged one after another, moved out.

The order of the acts is what makes a crash harmless anywhere: the bytes are archived first; what a file says is kept
in one transaction with the marks of what has to be written out; only then the file leaves the inbox.
"""

from __future__ import annotations

import hashlib
import shutil
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from engine import inbox, letters, notify, outbox, workflow
from engine.delivery import Wanted
from engine.errors import WorkspaceTrouble
from engine.files import open_elsewhere, owner, read_regular, readable
from engine.letters import Came
from engine.model import Form, Refusal, Submission
from engine.pool import TRIES, Pool, Reading
from engine.premises import Premises
from engine.settings import now

ROUND = 16
"""How many files are merged in one transaction."""

AHEAD = 8
"""How many files are being read, or wait read, before their turn."""

FOLDERS = 2_000
"""How many folders of the outbox are looked into for copies in one run; the next run goes on from there."""

SWEEP = 20_000
"""How many files of ours in the outbox are looked at in one run; the next run goes on from there."""


@dataclass(frozen=True, slots=True)
class Coming:
    """A file whose bytes are archived, and that is being read."""

    file: Path
    by: str
    sha256: str
    reading: Reading | None


@dataclass
class Taken:
    """What came of some files.

    Attributes:
        leaving: files whose effect is kept once the transaction is, with their hashes.
        wanted: what each plan that moved now needs; what it needed in between is not written.
    """

    taken_in: int = 0
    already_known: int = 0
    refused: int = 0
    queries_raised: int = 0
    revisions: int = 0
    troubles: list[str] = field(default_factory=list)
    leaving: list[tuple[Path, str]] = field(default_factory=list)
    wanted: dict[str, Wanted] = field(default_factory=dict)
    submissions: list[Submission] = field(default_factory=list)


@dataclass(frozen=True)
class Taking:
    """Takes files in, for one run."""

    premises: Premises
    pool: Pool

    # ── Archived, and read ahead ────────────────────────────────────────────────────────────────────────────────

    def coming(self, files: Iterable[Path], troubles: list[str], by: str = "") -> Iterator[Coming]:
        """The files in their order, each archived, with a few more being read behind it.

        Args:
            by: who sent them; "" = whoever the sub-folders of the inbox tell of.
            troubles: gets a sentence for every file that cannot be read now; it stays where it is.
        """
        ahead: deque[Coming] = deque()
        for file in files:
            begun = self._begin(file, by or self._sender(file), troubles)
            if begun:
                ahead.append(begun)
            if len(ahead) > AHEAD:
                yield ahead.popleft()
        yield from ahead

    def _begin(self, file: Path, by: str, troubles: list[str]) -> Coming | None:
        premises = self.premises
        try:
            if file.lstat().st_size > premises.settings.limits.size * 1_000_000:
                with file.open("rb") as content:
                    return Coming(file, by, hashlib.file_digest(content, "sha256").hexdigest(), None)
            content_read = read_regular(file)
        except FileNotFoundError:
            return None
        except OSError as error:
            troubles.append(f"{readable(file.name)} cannot be read now: {error.strerror}.")
            return None
        sha256 = premises.archive.keep(content_read)
        known = premises.ledger.submission(sha256) is not None
        reading = None if known else self.pool.start(premises.archive.folder / sha256)
        return Coming(file, by, sha256, reading)

    def _sender(self, file: Path) -> str:
        """Who sent a file, as the file system tells: the sub-folder of the inbox that it lies in, else its owner."""
        if file.is_relative_to(self.premises.inbox):
            folder = file.parent.relative_to(self.premises.inbox)
            if folder.parts:
                return readable(folder.parts[0])
        return owner(file)

    # ── Merged ──────────────────────────────────────────────────────────────────────────────────────────────────

    def merge(self, files: Iterable[Coming]) -> Taken:
        """Merges a round of files, in their order, in one transaction; nothing has left the inbox yet."""
        taken = Taken()
        with self.premises.ledger.writing():
            for coming in files:
                self._merge(coming, taken)
        return taken

    def _merge(self, coming: Coming, taken: Taken) -> None:
        known = self.premises.ledger.submission(coming.sha256)
        if known:
            taken.already_known += 1
            taken.submissions.append(known)
            taken.leaving.append((coming.file, coming.sha256))
        elif coming.reading is None:
            self._set_aside(coming, taken)
        else:
            form = self.pool.collect(coming.reading)
            try:
                self._keep(coming, form, taken)
            except (WorkspaceTrouble, OSError):
                raise
            except Exception as error:  # noqa: BLE001 - law 11: a mistake of ours must not stop the other files
                self._failed(coming, form, f"{type(error).__name__}: {str(error)[:200]}", taken)

    def _keep(self, coming: Coming, form: Form, taken: Taken) -> None:
        """One file's effect, kept as a whole or not at all: what it says, a version it completes, what to give out."""
        premises, ledger = self.premises, self.premises.ledger
        asked, revised = ledger.kept("query"), ledger.kept("revision")
        arrived, moved = [], dict[str, Wanted]()
        with ledger.writing():
            content = premises.archive.get(coming.sha256)
            came = Came(readable(coming.file.name), content, form, coming.by)
            for submission in letters.take_in(premises, came, self._reread):
                arrived.append(submission)
            for plan in dict.fromkeys(s.plan for s in arrived if s.plan):
                moved[plan] = workflow.what_follows(premises, plan)
        for plan, wanted in moved.items():
            taken.wanted.pop(plan, None)
            taken.wanted[plan] = wanted
        taken.revisions += ledger.kept("revision") - revised
        taken.queries_raised += ledger.kept("query") - asked
        taken.taken_in += sum(s.outcome != "refused" for s in arrived)
        taken.refused += sum(s.outcome == "refused" for s in arrived)
        taken.submissions += arrived
        taken.leaving.append((coming.file, coming.sha256))

    def _reread(self, sha256: str) -> Form:
        return self.pool.read(self.premises.archive.folder / sha256)

    def _failed(self, coming: Coming, form: Form, why: str, taken: Taken) -> None:
        """A file that the program itself stumbles over: tried again, and refused the third time."""
        ledger, name = self.premises.ledger, readable(coming.file.name)
        tries = ledger.derived.tried(coming.sha256)
        if tries < TRIES:
            taken.troubles.append(f"{name}: a mistake in the program ({why}); it will be tried again.")
            return
        refusal = Refusal(
            f"The program stumbled over this file {tries} times ({why}). Nothing of it was merged.",
            "Please send the file to whoever looks after Counterpart: the mistake is the program's, not yours.",
        )
        self._keep(coming, Form(form.sha256, form.media_type, refused=refusal), taken)

    def _set_aside(self, coming: Coming, taken: Taken) -> None:
        """Records a file that is over the size limit; it goes to the refused folder as it is (law 1)."""
        limit = self.premises.settings.limits.size
        refused = Submission(
            sha256=coming.sha256,
            name=readable(coming.file.name),
            media_type="application/octet-stream",
            size=coming.file.stat().st_size,
            received=now(),
            outcome="refused",
            by=coming.by,
            reason=f"The file is larger than {limit} MB (the setting limits.size).",
            advice="Save it without pictures, or send the form alone.",
            set_aside=True,
        )
        self.premises.ledger.keep_submission(refused)
        taken.refused += 1
        taken.submissions.append(refused)
        taken.leaving.append((coming.file, coming.sha256))

    # ── Moved out ───────────────────────────────────────────────────────────────────────────────────────────────

    def move_out(self, taken: Taken) -> None:
        """Takes the files whose effect is kept out of the inbox."""
        for file, sha256 in taken.leaving:
            known = self.premises.ledger.submission(sha256)
            try:
                if known and known.set_aside:
                    self._to_refused(file, known)
                elif not inbox.move_out(file, sha256):
                    taken.troubles.append(
                        f"{readable(file.name)} changed while it was taken in; it will be taken again."
                    )
            except OSError as error:
                name = readable(file.name)
                taken.troubles.append(f"{name} is taken in, but cannot be moved out of the inbox: {error.strerror}.")

    def _to_refused(self, file: Path, refused: Submission) -> None:
        there = self.premises.outbox / "refused" / notify.refused_name(refused)
        there.parent.mkdir(parents=True, exist_ok=True)
        number = 1
        while there.exists():
            number += 1
            there = there.with_name(f"{Path(notify.refused_name(refused)).stem} ({number}){there.suffix}")
        if file.exists():
            shutil.move(file, there)

    # ── What people changed where it lies ───────────────────────────────────────────────────────────────────────

    def changed(self) -> list[str]:
        """The paths of documents of ours in the outbox that people have changed; marks what is missing to be written.

        Looks at `SWEEP` files, and goes on from there the next time.
        """
        ledger, derived = self.premises.ledger, self.premises.ledger.derived
        found: list[str] = []
        with ledger.writing():
            start = derived.said("swept to")
            rows = list(derived.stood(start, SWEEP))
            derived.say("swept to", rows[-1][0] if len(rows) == SWEEP else "")
            if start and len(rows) < SWEEP:
                rows += derived.stood("", SWEEP - len(rows))
            for path, looked in rows:
                look = outbox.look(self.premises.outbox, path)
                if look is None:
                    self._missing(path)
                elif look != looked:
                    holds = outbox.holds(self.premises.outbox, path, ledger.derived.output)
                    if holds:
                        derived.saw(path, *look)
                    elif holds is False:
                        found.append(path)
        return [path for path in found if path.endswith((".docx", ".pdf"))]

    def copies(self) -> list[Path]:
        """Documents of ours that people keep in the outbox under names of their own, and have written in.

        They are somebody's files now, so they are taken in where they lie, and never touched. Looks into `FOLDERS`
        folders, and goes on from there the next time.
        """
        derived, found = self.premises.ledger.derived, list[Path]()
        start = derived.said("copies looked for from")
        folders = [str(f.relative_to(self.premises.outbox)) for f in _folders(self.premises.outbox)]
        turn = [f for f in folders if f >= start][:FOLDERS]
        with self.premises.ledger.writing():
            for folder in turn:
                found += [f for f in sorted((self.premises.outbox / folder).iterdir()) if self._is_copy(f)]
            derived.say("copies looked for from", turn[-1] if len(turn) == FOLDERS else "")
        return found

    def _is_copy(self, file: Path) -> bool:
        """Whether a file in the outbox is none of ours, and a form of ours that says what no file before it said."""
        if file.suffix not in (".docx", ".pdf") or file.name.startswith(("~$", ".")):
            return False
        ledger, path = self.premises.ledger, file.relative_to(self.premises.outbox).as_posix()
        look = outbox.look(self.premises.outbox, path)
        if look is None or ledger.derived.output(path) or ledger.derived.look_of(path) == look or open_elsewhere(file):
            return False
        ledger.derived.saw(path, *look)
        form = self.pool.read(file)
        issue = ledger.issue(form.stamp.form) if form.stamp else None
        return (
            issue is not None
            and ledger.submission(form.sha256) is None
            and not ledger.derived.wrote_before(form.sha256)
        )

    def _missing(self, path: str) -> None:
        """Marks whatever has to be done for a file of ours that is not there to be written again."""
        ledger, ours = self.premises.ledger, self.premises.ledger.derived.output(path)
        if path.startswith(notify.QUESTIONS):
            ledger.derived.mark("query", Path(path).stem.partition(" ")[0], ledger.entries())
        elif path.startswith(("receipts/", "refused/")):
            for submission in ledger.files_of(ours.plan if ours else None):
                ledger.derived.mark("submission", submission, ledger.entries())
        elif ours and ours.plan:
            ledger.derived.mark("plan", ours.plan, ledger.entries())


_NO_DESKS = frozenset({"refused", "receipts", "questions"})
"""Folders of the outbox that nobody works in."""


def _folders(folder: Path, depth: int = 4) -> Iterator[Path]:
    """The folders of the outbox in which people keep documents, in order."""
    try:
        inside = sorted(f for f in folder.iterdir() if f.is_dir() and not f.is_symlink() and f.name not in _NO_DESKS)
    except OSError:
        return
    for found in inside:
        yield found
        if depth > 1:
            yield from _folders(found, depth - 1)


def obstacle(premises: Premises) -> str:
    """Why nothing may be taken in now, in words: a disk is full or gone, or may not be written. "" = all is well."""
    free = shutil.disk_usage(premises.store).free // 1_000_000
    if free < premises.settings.work.free:
        return f"The disk of {premises.store} has only {free} MB left (the setting work.free asks for more)."
    newest = premises.ledger.newest_original()
    if newest and not (premises.archive.folder / newest).exists():
        return f"The archive {premises.archive.folder} does not hold what was put there: is its disk connected?"
    for folder in (premises.store, premises.archive.folder, premises.outbox):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / ".probe.part"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            return f"{folder} cannot be written: {error.strerror}."
    return ""
