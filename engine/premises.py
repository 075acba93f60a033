"""What an opened workspace consists of, and where one plan in it stands as of a revision."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine import signoff
from engine.archive import Archive
from engine.clocks import Due, due
from engine.errors import Declined
from engine.ledger import Ledger
from engine.model import Edition, Query, Revision
from engine.places import ROLES, Place, Record
from engine.plan import PLACES, TABLES, place_of, split
from engine.proforma import Proforma
from engine.rules import Rules, rules_for
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
    def edition_proforma(self) -> Proforma:
        """The proforma whose signing makes a funding-body version.

        Raises:
            Declined: when the workspace has none.
        """
        found = next((p for p in self.proformas.values() if p.edition), None)
        if found is None:
            raise Declined("No proforma here makes a funding-body version.", "One of them needs `edition: true`.")
        return found


@dataclass(frozen=True)
class Standing:
    """Where one plan stands as of a revision: its record, what was signed, what is open and due.

    Attributes:
        latest: the revision itself.
        edition: the funding-body version in force, if any.
        found: how the record has drifted from it.
        state: `none`, `issued`, `part-signed`, `in force`, `stale`.
    """

    plan: str
    latest: Revision
    record: Record
    rules: Rules
    gates: tuple[signoff.Gate, ...]
    edition: Edition | None
    found: signoff.Drift | None
    state: str
    due: tuple[Due, ...]
    queries: tuple[Query, ...]

    @property
    def ended(self) -> str:
        """That the plan is closed, in words: when, or to which plan it was joined; "" while it is open."""
        day, into = self.record.get("closing.day"), self.record.get("closing.into")
        if day is None:
            return ""
        return f"joined to {into}" if into else f"closed {dt.date.fromisoformat(str(day)):%d/%m/%Y}"

    @property
    def may_sign(self) -> bool:
        """Whether the gates are passed and no question is open on something the funding body relies on."""
        material = [q for q in self.queries if (p := place_of(q.place)) and p.change in signoff.MATERIAL]
        return all(gate.passed for gate in self.gates) and not material


def standing(premises: Premises, plan: str, number: int | None = None) -> Standing:
    """Where a plan stands as of a revision; the newest when none is named."""
    ledger = premises.ledger
    revisions = [r for r in ledger.revisions(plan) if number is None or r.number <= number]
    latest = revisions[-1]
    record = ledger.record(plan, latest.number)
    policy = premises.settings.policy
    rules = rules_for(record, premises.today, policy)
    gates = signoff.gates(record, rules, premises.today, labels(premises.proformas))
    edition = next((e for e in reversed(ledger.editions(plan)) if e.completed <= latest.number), None)
    found = signoff.drift(ledger.record(plan, edition.revision), record, rules) if edition else None
    queries = tuple(q for q in _queries_at(ledger, plan, latest.number))
    copies = [i for i in ledger.issues(plan) if i.to_sign]
    signed = {s.role for s in signoff.signatures(revisions) if any(s.form == i.form for i in copies)}
    state = signoff.state(edition, found, bool(copies), len(signed))
    may = all(g.passed for g in gates)
    assessed = next(g.passed for g in gates if g.gate == "G1")
    return Standing(
        plan,
        latest,
        record,
        rules,
        gates,
        edition,
        found,
        state,
        due(
            record,
            rules,
            revisions[0].effective,
            assessed,
            may,
            state,
            today=premises.today,
            policy=policy,
            signed=edition.effective if edition else None,
        ),
        queries,
    )


def _queries_at(ledger: Ledger, plan: str, number: int) -> Iterator[Query]:
    """The questions that were open when a revision was the newest."""
    for query, settled in ledger.queries(plan):
        raised = query.raised_in or 0
        if raised <= number and (settled is None or (settled.revision or 0) > number):
            yield query


def labels(proformas: Mapping[str, Proforma]) -> dict[str, str]:
    """The words that people know each place by, rows as KEY: those of the first proforma that asks for it."""
    found: dict[str, str] = {}
    for proforma in proformas.values():
        for _, question, place in proforma.questions():
            found.setdefault(place.path, question.label)
    return found


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
    row = split(path)
    return f"{title_of(words, place)} ({row[1]})" if row else title_of(words, place)


def waits_for(query: Query, record: Record) -> tuple[tuple[str, str], ...]:
    """Who may decide a question: roles, each with the name of the person in it; "" where the plan does not say."""
    place = place_of(query.place)
    letters = place.by if place else {"T"} if query.plan else {"M"}
    people = {p.about.person: record.get(path) for path, p in PLACES.items() if p.about.person}
    people["L"] = display_name(record)
    return tuple((word, str(people.get(letter) or "")) for letter, word in ROLES.items() if letter in letters)
