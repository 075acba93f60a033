"""What the record wants written, written: documents, sealed versions, receipts, slips.

The ledger says what is pending; each thing is unmarked only when it stands. What cannot be done now is told and stays
pending. Typesetting goes on in other processes between `begin` and `end`, while the caller does something else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from engine import delivery, notify, workflow
from engine.delivery import Wanted
from engine.errors import CounterpartError, WorkspaceTrouble
from engine.files import readable
from engine.premises import Premises
from engine.press import Press, Typeset
from engine.register import keep_line


@dataclass(frozen=True, slots=True)
class Started:
    """A plan whose documents are being typeset.

    Attributes:
        sealed: how many sealed files were written; None = a version could not be sealed now, or a folder not be moved.
        typeset: waits for what was typeset.
    """

    wanted: Wanted
    sealed: int | None
    typeset: Callable[[], Typeset]


@dataclass
class Finishing:
    """One round of finishing after another.

    Attributes:
        moved: the plans that were finished, for the register.
        troubles: what could not be done, each a sentence.
        stop: asked before each plan; when it says so, the rest stays pending.
        stuck: whether the disk or the ledger failed, so that nothing more should be taken in now.
    """

    premises: Premises
    press: Press
    stop: Callable[[], bool]
    renditions: int = 0
    moved: set[str] = field(default_factory=set)
    troubles: list[str] = field(default_factory=list)
    stuck: bool = False
    _started: list[Started] = field(default_factory=list)

    @contextmanager
    def told(self, whose: str) -> Iterator[None]:
        """Has what goes wrong inside told as one sentence, and nothing else stopped by it.

        Raises:
            WorkspaceTrouble: the ledger cannot be used; then nothing else can be done either.
        """
        try:
            yield
        except WorkspaceTrouble:
            self.stuck = True
            raise
        except CounterpartError as error:
            self.troubles.append(f"{whose}: {error}")
        except OSError as error:
            self.stuck = True
            self.troubles.append(f"{whose}: {readable(str(error.filename or ''))} cannot be written: {error.strerror}.")
        except Exception as error:  # noqa: BLE001 - law 11: a mistake of ours must not stop the other plans
            self.troubles.append(f"{whose}: a mistake in the program ({type(error).__name__}: {str(error)[:200]}).")

    def begin(self, plans: Iterable[str], known: Mapping[str, Wanted] | None = None) -> None:
        """Starts on the documents of some plans.

        Args:
            known: what is wanted of them, where the caller has found that out already.
        """
        ready = []
        for plan in plans:
            with self.told(plan):
                found = (known or {}).get(plan) or workflow.what_follows(self.premises, plan)
                stays = not delivery.move(self.premises, plan)
                copies, wait = workflow.seals(self.premises, plan)
                self.troubles += wait
                ready.append((found, None if wait or stays else copies, delivery.sheets(self.premises, found)))
        waiting = sum(len(sheets) for _, _, sheets in ready)
        for found, sealed, sheets in ready:
            work = {path: (sheet, found.missing[path].medium) for path, sheet in sheets.items()}
            self._started.append(Started(found, sealed, self.press.start(work, waiting)))

    def end(self) -> None:
        """Waits for what was begun, puts it into the outbox, and writes receipts and slips; one commit for it all."""
        started, self._started = self._started, []
        with self.premises.ledger.writing():
            for begun in started:
                if self.stop():
                    return
                with self.told(begun.wanted.there.plan):
                    self._deliver(begun)
            self._tell()

    def _deliver(self, begun: Started) -> None:
        found, ledger = begun.wanted, self.premises.ledger
        plan = found.there.plan
        with ledger.writing():
            typeset = begun.typeset()
            written = delivery.deliver(self.premises, found, typeset.contents)
            keep_line(self.premises, found.there)
            self.troubles += (f"{plan}: {why}" for why in typeset.held_back)
            whole = begun.sealed is not None and not typeset.held_back
            if whole and not delivery.waits(self.premises, found):
                ledger.derived.unmark("plan", plan, found.entry)
        self.renditions += written + (begun.sealed or 0)
        self.moved.add(plan)

    def _tell(self) -> None:
        """Receipts and slips of everything pending."""
        ledger = self.premises.ledger
        for number in ledger.derived.pending("query"):
            with self.told(number), ledger.writing():
                notify.slip(self.premises, number)
                ledger.derived.unmark("query", number, ledger.entries())
        for sha256 in ledger.derived.pending("submission"):
            submission = ledger.submission(sha256)
            with self.told(sha256[:12]), ledger.writing():
                if submission:
                    notify.about(self.premises, submission)
                ledger.derived.unmark("submission", sha256, ledger.entries())
