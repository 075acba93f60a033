"""Everything Counterpart raises on purpose, and what each kind means to the person who reads it.

    CounterpartError             a sentence for a person: what happened, where, what to do next
    ├── Declined                 what was asked for may not be done now          (exit status 1)
    ├── WrongUse                 the command or call was put wrongly             (exit status 2)
    ├── Mistake                  a proforma, rule or settings file has a mistake (exit status 2)
    ├── WorkspaceTrouble         the workspace is in use, or broken              (exit status 3)
    └── Unreadable               a file cannot be read; becomes a `Refusal` at reading's door

Expected trouble inside the work (two answers disagree, a file is no form) is not an exception:
it is a value, a `Query` or a `Refusal` of `engine.model`.
"""


class CounterpartError(Exception):
    """Root of the tree. `str(error)` is what happened; `advice` is what to do next."""

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.what} {self.advice}".strip()


class Declined(CounterpartError):
    """What was asked for may not be done as things stand: a gate is not passed, a query is settled already."""


class WrongUse(CounterpartError):
    """The command names something that does not exist, or contradicts itself."""


class Mistake(CounterpartError):
    """A file that an administrator edits holds a mistake; the message names file, line and column."""


class WorkspaceTrouble(CounterpartError):
    """The workspace is in use by another program, or its ledger cannot be used."""


class Unreadable(CounterpartError):
    """Raised inside `engine.reading` when a file cannot be read, with the cause and the advice of the note."""
