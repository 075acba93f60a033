"""One run: what is pending is finished, what has come to rest is taken in round by round, the register is kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from itertools import islice
from pathlib import Path

from engine import delivery, inbox
from engine.errors import WorkspaceTrouble
from engine.files import readable, sweep, write_whole
from engine.finishing import Finishing
from engine.inbox import Rest, Seen
from engine.model import Submission, canonical, digest
from engine.pool import Pool
from engine.premises import Premises
from engine.press import Press
from engine.register import register
from engine.rules import rules_for
from engine.taking import ROUND, Taken, Taking, obstacle


@dataclass(frozen=True, slots=True)
class Summary:
    """What one run did: counts, and seconds of wall time.

    Attributes:
        waiting: the files that were left in the inbox, each with why.
        troubles: what could not be done, each a sentence.
        stuck: whether the disk or the ledger failed, so that taking in has stopped until that is over.
    """

    taken_in: int = 0
    already_known: int = 0
    refused: int = 0
    queries_raised: int = 0
    revisions: int = 0
    renditions: int = 0
    seconds: float = 0.0
    waiting: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()
    stuck: bool = False


Tell = Callable[[int, int, str], None]
"""Told as files are taken: how many are done, how many there are, the next one's name."""


class Run:
    """One run over a workspace that is locked."""

    def __init__(self, premises: Premises, pool: Pool, press: Press, stop: Callable[[], bool] = lambda: False) -> None:
        """One run with these readers and typesetters.

        Args:
            stop: asked before each file and each plan; when it says so, what is left stays for the next run.
        """
        self.premises = premises
        self._stop = stop
        self._taking = Taking(premises, pool)
        self._finishing = Finishing(premises, press, stop)
        self._taken: list[Taken] = []
        self._troubles: list[str] = []
        self._waiting: list[str] = []

    # ── What follows from the record ────────────────────────────────────────────────────────────────────────────

    def clear_up(self) -> None:
        """After a run that was ended in the middle: parts are swept up, and what was on its way out comes back."""
        for folder in (self.premises.outbox, self.premises.archive.folder, self.premises.sealed.folder):
            sweep(folder)
        inbox.come_back(self.premises.inbox)

    def catch_up(self) -> None:
        """Writes whatever is missing of what the record wants: after a crash, on a new day, when files vanished."""
        derived = self.premises.ledger.derived
        stands_on = self._stands_on()
        changed = derived.said("stands on") != stands_on
        with self._finishing.told("blank forms"):
            # What could not be done of them is done when it can be, though nothing has changed again since.
            anew = derived.said("blank forms stand on") != stands_on
            self._finishing.renditions += delivery.blank_forms(self.premises, anew)
            if anew:
                with self.premises.ledger.writing():
                    derived.say("blank forms stand on", stands_on)
        with self.premises.ledger.writing():
            if changed:
                derived.mark_everything()
                derived.say("stands on", stands_on)
            derived.wake(self.premises.today)
        # Before anybody's changes are looked for: a crash may have left documents of ours that nobody remembers yet.
        self.finish()
        for path in self._taking.changed():
            self.take([self.premises.outbox / path], leave=path)
        self.take(self._taking.copies(), stay=True)
        self.finish()

    def _stands_on(self) -> str:
        """Everything besides the record that documents depend on; when it changes, all are looked at again."""
        proformas = [p.model_dump(mode="json") for p in self.premises.proformas.values()]
        settings = self.premises.settings.model_dump(mode="json", exclude={"watch", "work", "limits", "audit"})
        rules = rules_for({}, self.premises.today).model_dump(mode="json")
        return digest(canonical([version("counterpart"), settings, proformas, rules]))

    def finish(self) -> None:
        """Writes what is pending."""
        waiting = iter(self.premises.ledger.derived.pending("plan"))
        while plans := list(islice(waiting, ROUND)):
            self._finishing.end()
            self._finishing.begin(plans)
        self._finishing.end()

    # ── The inbox ───────────────────────────────────────────────────────────────────────────────────────────────

    def at_rest(self) -> list[Path]:
        """The files of the inbox that may be taken, in their order; waits for those that have only just come."""
        watch, store = self.premises.settings.watch, self.premises.store / "waiting.json"
        rest = Rest(watch.rest, watch.folders, watch.patience)
        before = inbox.recalled(store.read_text("utf-8")) if store.exists() else {}
        found = list(inbox.look(self.premises.inbox))
        seen = inbox.observed(found, before, time.time())
        if any(time.time() - s.since < watch.rest for s in seen.values()):
            time.sleep(watch.rest)
        found = list(inbox.look(self.premises.inbox, self._troubles))
        moment = time.time()
        seen = inbox.observed(found, seen, moment)
        ready, waiting = [], dict[Path, Seen]()
        for arrived in sorted(found, key=inbox.oldest_first):
            why = inbox.waits(arrived, moment - seen[arrived.path].since, rest, self.premises.inbox)
            if why:
                self._waiting.append(f"{readable(arrived.path.name)} ({why})")
                waiting[arrived.path] = seen[arrived.path]
            else:
                ready.append(arrived.path)
        if waiting != before:
            write_whole(store, inbox.kept(waiting).encode())
        return ready

    def take(
        self, files: Sequence[Path], tell: Tell = lambda done, of, name: None, leave: str = "", stay: bool = False
    ) -> None:
        """Takes files in, a round in one transaction; the documents of one round are typeset while the next is merged.

        Args:
            leave: the path in the outbox of the one file, when it is a document of ours: it stays, to be replaced.
            stay: whether the files stay where they are, because they are somebody's own.
        """
        coming = self._taking.coming(self._told(files, tell), self._troubles)
        while some := list(islice(coming, ROUND)):
            if self._stop() or self._finishing.stuck:
                break
            taken = self._taking.merge(some)
            self._taken.append(taken)
            self._finishing.end()
            if leave:
                self._replace(leave, taken)
            elif not stay:
                self._taking.move_out(taken)
            self._finishing.begin(taken.wanted, taken.wanted)
        self._finishing.end()

    def take_one(self, file: Path, by: str) -> Submission:
        """Takes in one file that stays where it is, and writes what follows.

        Raises:
            WorkspaceTrouble: when it cannot be read or kept now.
        """
        taken = self._taking.merge(self._taking.coming([file], self._troubles, by))
        self._taken.append(taken)
        self._finishing.begin(taken.wanted, taken.wanted)
        self._finishing.end()
        if not taken.submissions:
            raise WorkspaceTrouble(" ".join((*self._troubles, *taken.troubles)) or f"There is no file {file}.")
        return taken.submissions[0]

    def _told(self, files: Sequence[Path], tell: Tell) -> Iterator[Path]:
        for number, file in enumerate(files):
            if self._stop():
                self._waiting += [f"{readable(left.name)} (stopped before its turn)" for left in files[number:]]
                return
            tell(number, len(files), readable(file.name))
            yield file
        tell(len(files), len(files), "")

    def _replace(self, path: str, taken: Taken) -> None:
        """Lets a document of ours that somebody changed be replaced, now that it is taken in."""
        ledger = self.premises.ledger
        with ledger.writing():
            for submission in taken.submissions:
                ledger.derived.wrote(path, submission.sha256, submission.plan)
                if submission.plan:
                    ledger.derived.mark("plan", submission.plan, ledger.entries())

    # ── All of it ───────────────────────────────────────────────────────────────────────────────────────────────

    def whole(self, tell: Tell = lambda done, of, name: None, only_new: bool = False) -> None:
        """Everything that a run does. What stops it is told, and tried again by the next one."""
        with self._stopping():
            why = obstacle(self.premises)
            if why:
                raise WorkspaceTrouble(why, "Nothing is taken in until that is mended.")
            if not only_new:
                self.catch_up()
            files = self.at_rest()
            if not self._finishing.stuck:
                self.take(files, tell)

    @contextmanager
    def _stopping(self) -> Iterator[None]:
        """Has a disk or ledger that fails end what is inside, and told; whatever was not kept is as it was."""
        try:
            yield
        except WorkspaceTrouble as trouble:
            self._finishing.stuck = True
            self._troubles.append(str(trouble))
        except OSError as error:
            self._finishing.stuck = True
            self._troubles.append(f"{readable(str(error.filename or 'A file'))} cannot be used: {error.strerror}.")

    def summary(self) -> Summary:
        """What was done; the register is kept, and says it too."""
        troubles = [*self._troubles, *self._finishing.troubles, *(t for taken in self._taken for t in taken.troubles)]
        with self._stopping():
            register(self.premises, [*self._waiting, *troubles], self._finishing.moved)
        return Summary(
            taken_in=sum(t.taken_in for t in self._taken),
            already_known=sum(t.already_known for t in self._taken),
            refused=sum(t.refused for t in self._taken),
            queries_raised=sum(t.queries_raised for t in self._taken),
            revisions=sum(t.revisions for t in self._taken),
            renditions=self._finishing.renditions,
            waiting=tuple(self._waiting),
            troubles=tuple(dict.fromkeys([*troubles, *self._troubles])),
            stuck=self._finishing.stuck,
        )
