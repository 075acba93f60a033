"""Where one plan stands as of a revision: what was signed, what may be signed, what is open, due and found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from engine import signoff
from engine.away import ended, on_break
from engine.clocks import Due, due, next_review, signing_day
from engine.drift import MATERIAL, Drift, Moment, drift, moment
from engine.gates import Asked, Gate, overdue
from engine.gates import gates as gates_of
from engine.ledger import Ledger
from engine.model import Edition, Query, Revision, Signature
from engine.places import Record
from engine.plan import TABLES, is_signature, is_waiver, keys_of, may_see, place_of, split
from engine.premises import Premises, label_of, labels
from engine.rules import Rules, rules_for
from engine.signoff import Attempt, Copy, Version


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
        obstacles: what stands between what is out and a version, each a sentence; nothing = it may be made.
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
    obstacles: tuple[str, ...]
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
        if not may_see(path, eyes) or is_signature(path) or is_waiver(path):
            return ""
        return f"{TABLES[row[0]].noun} {row[1]}" if row else label_of(words, path)

    return name


@dataclass(frozen=True)
class _Case:
    """What is gathered of a plan before anything is decided.

    Attributes:
        revisions: those up to the one that is asked for.
        editions: the versions that were complete by then, and `in_force` the record that the newest of them prints.
    """

    premises: Premises
    plan: str
    revisions: Sequence[Revision]
    record: Record
    rules: Rules
    when: Moment
    editions: Sequence[Edition]
    in_force: Record | None

    @property
    def number(self) -> int:
        return self.revisions[-1].number

    @property
    def joined(self) -> dt.date:
        return self.revisions[0].effective

    @property
    def edition(self) -> Edition | None:
        return self.editions[-1] if self.editions else None

    def moved(self, record: Record) -> Drift | None:
        """How a record differs from the version in force."""
        return None if self.in_force is None else drift(self.in_force, record, self.rules, self.when)


def _gather(premises: Premises, plan: str, number: int | None) -> _Case:
    ledger, policy = premises.ledger, premises.settings.policy
    revisions = [r for r in ledger.revisions(plan) if number is None or r.number <= number]
    record = ledger.record(plan, revisions[-1].number)
    rules = rules_for(record, premises.today, policy)
    editions = [e for e in ledger.editions(plan) if e.completed <= revisions[-1].number]
    at = editions[-1].revision if editions else 0
    in_force = ledger.record(plan, at) if editions else None
    when = moment(revisions, premises.today, next_review(record, rules, policy), in_force, at)
    return _Case(premises, plan, revisions, record, rules, when, editions, in_force)


def standing(premises: Premises, plan: str, number: int | None = None, before: str = "") -> Standing:
    """Where a plan stands as of a revision; the newest when none is named.

    Args:
        before: the number of a form: what was given out for signature from that form on is left out.
    """
    case = _gather(premises, plan, number)
    record, rules, edition = case.record, case.rules, case.edition
    found = case.moved(record)
    stale = found is not None and found.stale
    copies = _copies(case, before)
    copy = _open_copy(case, copies)
    since = edition.completed if edition else 0
    made = [a for a in signoff.attempts(case.revisions) if a.signature.revision > since]
    signed = _signed(made, copies, copy)
    gates = gates_of(Asked(record, rules, premises.today, labels(premises.proformas), _large(copies, copy)))
    may = copy is not None or all(gate.passed for gate in gates)
    stage = signoff.state(edition, stale, copy is not None, len(signed), may)
    out = premises.ledger.record(plan, copy.revision) if copy else record
    roles, queries = _roles(case, out), tuple(_queries_at(premises.ledger, plan, case.number))
    printed = {form: c.issue.printed for form, c in copies.items()}
    withdrawn = {*keys_of(out, "waivers")} - {*keys_of(record, "waivers")}
    obstacles = signoff.obstacles(signed, roles, queries, printed, gates, withdrawn) if copy else ()
    stuck = [f"All have signed, but {why}." for why in obstacles] if copy and signed.keys() >= set(roles) else []
    # Once a version is in force again, what was signed for nothing is news only where it came.
    news = made if copy or stale or edition is None else [a for a in made if a.signature.revision == case.number]
    return Standing(
        plan=plan,
        latest=case.revisions[-1],
        record=record,
        rules=rules,
        gates=gates,
        versions=signoff.versions(case.editions, stale),
        found=found,
        stage=stage,
        copy=copy,
        copies=copies,
        roles=roles,
        signed=signed,
        obstacles=obstacles,
        spoilt=frozenset(a.signature.form for a in made if not a.bound),
        findings=(
            *stuck,
            *signoff.uncounted(news, copies, copy.binds if copy else "", signed, _signable(premises)),
            *_late(case, found, signed),
        ),
        due=due(
            record,
            rules,
            case.joined,
            next(gate.passed for gate in gates if gate.gate == "G1"),
            may,
            "none" if stage in ("draft", "gated") else stage,
            today=premises.today,
            policy=premises.settings.policy,
            again=found.deadline if found else None,
            told=case.when.told,
        ),
        queries=queries,
    )


def _signable(premises: Premises) -> list[str]:
    return [p.proforma for p in premises.proformas.values() if p.signable]


def _copies(case: _Case, before: str) -> dict[str, Copy]:
    """The forms that were given out for signature as of a revision, by number, in their order.

    One that was signed into a version, whose wording is not kept, or that amends a version which is not the newest,
    binds nobody any more.
    """
    ledger = case.premises.ledger
    proforma = next((p for p in case.premises.proformas.values() if p.edition), None)
    since = case.edition.revision if case.edition else 0
    binds: dict[tuple[int, int], str] = {}
    found = {}
    for issue in takewhile(lambda issue: issue.form != before, ledger.issues(case.plan)):
        revision = issue.revision or 0
        if not issue.to_sign or revision > case.number or proforma is None:
            continue
        full = issue.proforma == proforma.proforma
        amends = 0 if full else sum(e.completed <= revision for e in case.editions)
        wording = proforma.as_of(issue.version) if full else proforma
        known = wording.version == issue.version if full else amends == len(case.editions)
        current, key = revision > since and known, (revision, wording.version)
        if current and key not in binds:
            binds[key] = signoff.binding_digest(ledger.record(case.plan, revision), wording)
        found[issue.form] = Copy(issue, binds[key] if current else "", amends)
    return found


def _open_copy(case: _Case, copies: Mapping[str, Copy]) -> Copy | None:
    """What may be signed now: the last content given out, while the plan still says it and it is not in force yet."""
    last = next((copy for copy in reversed(list(copies.values())) if copy.binds), None)
    if last is None:
        return None
    proforma = case.premises.edition_proforma
    if last.issue.proforma == proforma.proforma:
        proforma = proforma.as_of(last.issue.version)
    if case.in_force is not None and last.binds == signoff.binding_digest(case.in_force, proforma):
        return None
    printed = case.premises.ledger.record(case.plan, last.revision)
    if {*keys_of(case.record, "waivers")} - {*keys_of(printed, "waivers")}:
        return None  # What was waived since is to stand on what is signed.
    return last if signoff.still_says(printed, case.record, case.rules, case.when) else None


def _signed(made: Iterable[Attempt], copies: Mapping[str, Copy], copy: Copy | None) -> dict[str, Signature]:
    """The signatures that count under what is out, by role."""
    if copy is None:
        return {}
    bound = (attempt.signature for attempt in made if attempt.bound)
    return signoff.signed_copies(bound, {form: c.binds for form, c in copies.items()}, copy.binds)


def _large(copies: Mapping[str, Copy], copy: Copy | None) -> bool | None:
    """Whether what is out for signature is out in large print, too; None = nothing is out."""
    return any(c.issue.manner.large for c in copies.values() if c.binds == copy.binds) if copy else None


def _roles(case: _Case, out: Record) -> tuple[str, ...]:
    """Who has to sign a record that is out, or that would go out now."""
    again = case.moved(out)
    return (again.must_sign if again else ()) or case.rules.who_signs(out, case.premises.today).who


def _late(case: _Case, found: Drift | None, signed: Mapping[str, Signature]) -> Iterator[str]:
    """G11 and G12: what was signed late, under what is out and in the version in force, and what is overdue.

    Nothing is overdue while clocks stand still.
    """
    last = found.deadline if found else signing_day(case.record, case.rules, case.joined)
    yield from signoff.late(signed.values(), last)
    if case.edition:
        yield from signoff.late(case.edition.signatures, _last_day(case.premises, case.edition, case.joined))
    if not (ended(case.record) or on_break(case.record, case.premises.today, case.when.told)):
        yield from overdue(case.record, case.rules, case.premises.today, None if case.edition else last)


def since_before(premises: Premises, edition: Edition) -> Drift | None:
    """How a version differs from the one before it, as things stood when it was given out; None for the first."""
    ledger, plan = premises.ledger, edition.plan
    before = next((e for e in ledger.editions(plan) if e.number == edition.number - 1), None)
    if before is None:
        return None
    record = ledger.record(plan, edition.revision)
    rules = rules_for(record, premises.today, premises.settings.policy)
    revisions = [r for r in ledger.revisions(plan) if r.number <= edition.revision]
    signed, review = ledger.record(plan, before.revision), next_review(record, rules, premises.settings.policy)
    return drift(signed, record, rules, moment(revisions, edition.effective, review, signed, before.revision))


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
