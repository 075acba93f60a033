"""What an opened workspace consists of, and the words that its proformas have for the places of a plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.archive import Archive
from engine.errors import Declined
from engine.ledger import Ledger
from engine.model import Edition, Issue, Query
from engine.places import ROLES, Place, Record
from engine.plan import PLACES, TABLES, place_of, split
from engine.proforma import Proforma
from engine.settings import Settings
from engine.sheet import display_name


@dataclass(frozen=True)
class Premises:
    """What an opened workspace consists of.

    Attributes:
        today: the day that clocks take for today.
    """

    root: Path
    settings: Settings
    proformas: Mapping[str, Proforma]
    ledger: Ledger
    archive: Archive
    sealed: Archive
    store: Path
    today: dt.date

    @property
    def outbox(self) -> Path:
        """The folder that documents go to."""
        return self.root / "outbox"

    @property
    def inbox(self) -> Path:
        """The folder that forms come into."""
        return self.root / "inbox"

    @property
    def owned(self) -> tuple[Proforma, ...]:
        """The proformas whose sections the learner shares with whom they like."""
        return tuple(proforma for proforma in self.proformas.values() if proforma.owned)

    def proforma_of(self, given: Issue | Edition) -> Proforma:
        """The definition that a form was given out on, or signed, though the proforma may have moved on since.

        Raises:
            Declined: when the workspace has no such proforma any more.
        """
        found = self.proformas.get(given.proforma)
        if found is None:
            home = self.root / "proformas" / given.proforma
            raise Declined(f"There is no proforma “{given.proforma}” here any more.", f"Put its folder back: {home}.")
        return found.as_of(given.version)

    def blank_of(self, proforma: Proforma) -> bytes:
        """The blank of a form that is somebody else's, as it was adopted.

        Raises:
            Declined: when its file is gone.
        """
        file = self.root / "proformas" / proforma.proforma / proforma.blank
        try:
            return file.read_bytes()
        except OSError as error:
            raise Declined(f"The blank of “{proforma.title}” is gone: {file}.", "Put it back there.") from error

    @property
    def edition_proforma(self) -> Proforma:
        """The proforma whose signing makes a funding-body version.

        Raises:
            Declined: when the workspace has none.
        """
        found = next((p for p in self.proformas.values() if p.edition), None)
        if found is None:
            raise Declined("No proforma here makes a funding-body version.", "One of them needs `edition: true`.")
        return found


def labels(proformas: Mapping[str, Proforma]) -> dict[str, str]:
    """The words that people know each place by, rows as KEY: those of the first proforma that asks for it.

    Other people's forms come last.
    """
    first = sorted(proformas.values(), key=lambda p: bool(p.blank))
    return {path: words for proforma in reversed(first) for path, words in proforma.words.items()}


def title_of(words: Mapping[str, str], place: Place) -> str:
    """What people call a place, or the column of a table."""
    group, _, column = place.path.replace("[KEY]", "").partition(".")
    plain = f"{TABLES[group].noun}, {column}" if group in TABLES else column
    return words.get(place.path) or plain.replace("_", " ").capitalize()


def label_of(words: Mapping[str, str], path: str) -> str:
    """A place in words: the label of its question, with the row's key."""
    place = place_of(path)
    if place is None:
        return path or "Beside the answers"
    if path in words:
        return words[path]
    row = split(path)
    return f"{title_of(words, place)} ({row[1]})" if row else title_of(words, place)


def waits_for(query: Query, record: Record) -> tuple[tuple[str, str], ...]:
    """Who may decide a question: roles, each with the name of the person in it; "" where the plan does not say."""
    place = place_of(query.place)
    letters = place.by if place else {"T"} if query.plan else {"M"}
    people = {p.about.person: record.get(path) for path, p in PLACES.items() if p.about.person}
    people["L"] = display_name(record)
    return tuple((word, str(people.get(letter) or "")) for letter, word in ROLES.items() if letter in letters)
