"""Where one plan stands as of a revision: what was signed, what may be signed, what is open, due and found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from engine import signoff
from engine.clocks import Due, due, next_review
from engine.drift import MATERIAL, Drift, Moment, drift, moment
from engine.gates import Asked, Gate, overdue, signing_day
from engine.gates import gates as gates_of
from engine.ledger import Ledger
from engine.model import Edition, Query, Revision, Signature
from engine.places import Record
from engine.plan import TABLES, may_see, place_of, split
from engine.premises import Premises, label_of, labels
from engine.rules import Rules, rules_for
from engine.signoff import Copy, Version


@dataclass(frozen=True)
class Standing:
    """Where one plan stands as of a revision: its record, what was signed, what is open and due.

    Attributes:
        latest: the revision itself.
        versions: every funding-body version, the first first.
        edition: the newest of them, if any; it is in force, or stale.
        found: how the record has drifted from it.
        stage: `draft`, `gated`, `issued`, `part-signed`, `in force`, `stale`.
        copy: what is out for signature and may still be signed; None = nothing is.
        copies: every form that was given out for signature, by number.
        roles: who has to sign: all parties, or those whom the drift asks to sign again.
        signed: their signatures that count under what is out, by role.
        spoilt: numbers of the copies that came back signed, but changed by hand; they are replaced by fresh ones.
        findings: what people should see although it stops nothing, each a sentence.
    """

    plan: str
    latest: Revision
    record: Record
    rules: Rules
    gates: tuple[Gate, ...]
    versions: tuple[Version, ...]
    found: Drift | None
    stage: str
    copy: Copy | None
    copies: Mapping[str, Copy]
    roles: tuple[str, ...]
    signed: Mapping[str, Signature]
    spoilt: frozenset[str]
    findings: tuple[str, ...]
    due: tuple[Due, ...]
    queries: tuple[Query, ...]

    @property
    def edition(self) -> Edition | None:
        """The newest funding-body version, if any."""
        return self.versions[-1].edition if self.versions else None

    @property
    def state(self) -> str:
        """`none`, `issued`, `part-signed`, `in force` or `stale`."""
        return "none" if self.stage in ("draft", "gated") else self.stage

    @property
    def ended(self) -> str:
        """That the plan is closed, in words: when, or to which plan it was joined; "" while it is open."""
        day, into = self.record.get("closing.day"), self.record.get("closing.into")
        if day is None:
            return ""
        return f"joined to {into}" if into else f"closed {dt.date.fromisoformat(str(day)):%d/%m/%Y}"

    @property
    def may_sign(self) -> bool:
        """Whether copies may lie ready: gates passed (or a copy out already), no question open on what is relied on."""
        material = [q for q in self.queries if (p := place_of(q.place)) and p.change in MATERIAL]
        return (self.copy is not None or all(gate.passed for gate in self.gates)) and not material

    def sentence(self, words: Mapping[str, str], eyes: frozenset[str] = frozenset()) -> str:
        """Whether anybody has to sign again, and why not, with what was found.

        Args:
            words: places to the words people know them by.
            eyes: letters of those who read it; a place that one of them may not see is not named.
        """
        return " ".join(
            (signoff.standing(self.edition, self.found, self.latest.number, naming(words, eyes)), *self.findings)
        )


def naming(words: Mapping[str, str], eyes: frozenset[str]) -> Callable[[str], str]:
    """How a place is named in a sentence: a row of a table as a whole; "" for what is not to be seen, or no news."""

    def name(path: str) -> str:
        row = split(path)
        if not may_see(path, eyes) or (row and row[0] in ("signatures", "waivers")):
            return ""
        return f"{TABLES[row[0]].noun} {row[1]}" if row else label_of(words, path)

    return name


def standing(premises: Premises, plan: str, number: int | None = None, before: str = "") -> Standing:
    """Where a plan stands as of a revision; the newest when none is named.

    Args:
        before: the number of a form: what was given out for signature from that form on is left out.
    """
    ledger, today, policy = premises.ledger, premises.today, premises.settings.policy
    revisions = [r for r in ledger.revisions(plan) if number is None or r.number <= number]
    latest, joined = revisions[-1], revisions[0].effective
    record = ledger.record(plan, latest.number)
    rules = rules_for(record, today, policy)
    when = moment(revisions, today, next_review(record, rules, policy))
    editions = [e for e in ledger.editions(plan) if e.completed <= latest.number]
    edition = editions[-1] if editions else None
    in_force = ledger.record(plan, edition.revision) if edition else None
    found = drift(in_force, record, rules, when) if in_force is not None else None
    copies = _copies(premises, plan, latest.number, editions, before)
    copy = _open_copy(premises, plan, copies, in_force, record, rules, when)
    wanted = copy.binds if copy else ""
    since = edition.completed if edition else 0
    made = [a for a in signoff.attempts(revisions) if a.signature.revision > since]
    bound = (a.signature for a in made if a.bound)
    signed = signoff.signed_copies(bound, {c.issue.form: c.binds for c in copies.values()}, wanted) if copy else {}
    gates = gates_of(Asked(record, rules, today, labels(premises.proformas), _large(copies, wanted)))
    assessed = next(gate.passed for gate in gates if gate.gate == "G1")
    may = copy is not None or all(gate.passed for gate in gates)
    stale = found is not None and found.stale
    stage = signoff.state(edition, stale, copy is not None, len(signed), may)
    # Once a version is in force again, what was signed for nothing is news only where it came.
    news = made if copy or stale or edition is None else [a for a in made if a.signature.revision == latest.number]
    signable = [p.proforma for p in premises.proformas.values() if p.edition or p.amends]
    last = found.deadline if found else signing_day(record, rules, joined)
    findings = (
        *signoff.uncounted(news, copies, wanted, signed, signable),
        *signoff.late(signed.values(), last),
        *(signoff.late(edition.signatures, _last_day(premises, edition, joined)) if edition else ()),
        *overdue(record, rules, today, joined, edition is not None),
    )
    return Standing(
        plan=plan,
        latest=latest,
        record=record,
        rules=rules,
        gates=gates,
        versions=signoff.versions(editions, stale),
        found=found,
        stage=stage,
        copy=copy,
        copies=copies,
        roles=_roles(premises, plan, copy, in_force, record, rules, when),
        signed=signed,
        spoilt=frozenset(a.signature.form for a in made if not a.bound),
        findings=findings,
        due=due(
            record,
            rules,
            joined,
            assessed,
            may,
            "none" if stage in ("draft", "gated") else stage,
            today=today,
            policy=policy,
            signed=edition.effective if edition else None,
        ),
        queries=tuple(q for q in _queries_at(ledger, plan, latest.number)),
    )


def _copies(premises: Premises, plan: str, number: int, editions: Sequence[Edition], before: str) -> dict[str, Copy]:
    """The forms that were given out for signature as of a revision, by number, in their order.

    One that was signed into a version, that the wording has moved on from, or that amends a version which is not the
    newest, binds nobody any more.
    """
    proforma = next((p for p in premises.proformas.values() if p.edition), None)
    since = editions[-1].revision if editions else 0
    binds: dict[int, str] = {}
    found = {}
    for issue in takewhile(lambda issue: issue.form != before, premises.ledger.issues(plan)):
        revision = issue.revision or 0
        if not issue.to_sign or revision > number or proforma is None:
            continue
        full = issue.proforma == proforma.proforma
        amends = 0 if full else sum(e.completed <= revision for e in editions)
        current = issue.version == proforma.version if full else amends == len(editions)
        if current and revision > since and revision not in binds:
            binds[revision] = signoff.binding_digest(premises.ledger.record(plan, revision), proforma)
        found[issue.form] = Copy(issue, binds[revision] if current and revision > since else "", amends)
    return found


def _open_copy(
    premises: Premises, plan: str, copies: Mapping[str, Copy], in_force: Record | None, record: Record, rules: Rules,
    when: Moment,
) -> Copy | None:  # fmt: skip
    """What may be signed now: the last content given out, while the plan still says it and it is not in force yet."""
    last = next((copy for copy in reversed(list(copies.values())) if copy.binds), None)
    if last is None:
        return None
    if in_force is not None and last.binds == signoff.binding_digest(in_force, premises.edition_proforma):
        return None
    return last if signoff.still_says(premises.ledger.record(plan, last.revision), record, rules, when) else None


def _large(copies: Mapping[str, Copy], wanted: str) -> bool | None:
    """Whether what is out for signature is out in large print, too; None = nothing is out."""
    return any(c.issue.manner.large for c in copies.values() if c.binds == wanted) if wanted else None


def _roles(
    premises: Premises, plan: str, copy: Copy | None, in_force: Record | None, record: Record, rules: Rules,
    when: Moment,
) -> tuple[str, ...]:  # fmt: skip
    """Who has to sign what is out, or would have to sign what went out now."""
    printed = premises.ledger.record(plan, copy.revision) if copy else record
    again = drift(in_force, printed, rules, when).must_sign if in_force is not None else ()
    return again or rules.who_signs(printed).who


def since_before(premises: Premises, edition: Edition) -> Drift | None:
    """How a version differs from the one before it, as things stood when it was given out; None for the first."""
    ledger, plan = premises.ledger, edition.plan
    before = next((e for e in ledger.editions(plan) if e.number == edition.number - 1), None)
    if before is None:
        return None
    record = ledger.record(plan, edition.revision)
    rules = rules_for(record, premises.today, premises.settings.policy)
    revisions = [r for r in ledger.revisions(plan) if r.number <= edition.revision]
    when = moment(revisions, edition.effective, next_review(record, rules, premises.settings.policy))
    return drift(ledger.record(plan, before.revision), record, rules, when)


def _last_day(premises: Premises, edition: Edition, joined: dt.date) -> dt.date | None:
    """The last day on which a version was to be signed."""
    found = since_before(premises, edition)
    if found is not None:
        return found.deadline
    record = premises.ledger.record(edition.plan, edition.revision)
    return signing_day(record, rules_for(record, premises.today, premises.settings.policy), joined)


def _queries_at(ledger: Ledger, plan: str, number: int) -> Iterator[Query]:
    """The questions that were open when a revision was the newest."""
    for query, settled in ledger.queries(plan):
        raised = query.raised_in or 0
        if raised <= number and (settled is None or (settled.revision or 0) > number):
            yield query
