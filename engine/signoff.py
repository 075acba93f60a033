"""May the plan be signed off, by whom, and is what was signed still what is so? Pure, over values.

The gates G1 to G12 and the change matrix are those of domain.md C3; what they ask for by year stands in the rules.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.model import Edition, Issue, Query, Revision, Signature, canonical, digest, taken_back
from engine.places import Change, Record, Value
from engine.plan import keys_of, place_of, split
from engine.proforma import Proforma
from engine.rules import Rules

MATERIAL = frozenset({Change.FUNDING, Change.LOCKED})
"""The change classes whose places the funding body relies on."""


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition for sign-off.

    Attributes:
        why: a sentence that says what is missing; "" when passed.
        waivable: whether a named person may waive it, with a reason.
    """

    gate: str
    passed: bool
    why: str
    waivable: bool


def gates(record: Record, rules: Rules, today: dt.date, words: Mapping[str, str]) -> tuple[Gate, ...]:
    """The gates before a funding-body version is issued for signature (domain.md C3), waived ones as passed.

    Args:
        words: places to the words people know them by.
    """
    found = (
        Gate("G1", *_passed(_unassessed(record, rules, today)), True),
        Gate("G3", *_passed(_unmet_needs(record)), False),
        Gate("G4", *_passed(_voiceless(record)), False),
        Gate("G5", *_passed(_unsaid(record, rules, words)), False),
    )
    waived = set(keys_of(record, "waivers"))
    return tuple(Gate(g.gate, True, "", g.waivable) if g.gate in waived and g.waivable else g for g in found)


def _passed(why: str) -> tuple[bool, str]:
    return not why, why


def _unassessed(record: Record, rules: Rules, today: dt.date) -> str:
    """G1: every subject the rules name has a result, or was waived with a reason, on or before today."""
    missing = []
    for subject in rules.assessed:
        row = f"assessments[{subject}]"
        state, day = record.get(f"{row}.state"), record.get(f"{row}.date")
        done = state == "Done" and record.get(f"{row}.level") and day and str(day) <= today.isoformat()
        waived = state == "Waived" and record.get(f"{row}.reason")
        if not done and not waived:
            missing.append(subject)
    return f"initial assessment is not complete: {', '.join(missing)}" if missing else ""


def _unmet_needs(record: Record) -> str:
    """G3: every need has an action, or was declined."""
    bare = [
        key
        for key in keys_of(record, "needs")
        if not record.get(f"needs[{key}].action") and record.get(f"needs[{key}].status") != "Declined"
    ]
    return f"support needs without an action: {', '.join(bare)}" if bare else ""


def _voiceless(record: Record) -> str:
    """G4: something in the plan is the learner's own: an aspiration, a goal or a target."""
    own = any(
        (place := place_of(path)) and "L" in place.by and path.startswith(("aspiration.", "goals[", "targets["))
        for path in record
    )
    return "" if own else "nothing in the plan is in the learner's own words yet: an aspiration, a goal or a target"


def _unsaid(record: Record, rules: Rules, words: Mapping[str, str]) -> str:
    """G5: every place that the rules want on the version is filled."""
    empty = [words.get(place, place) for place in rules.must_say(record) if record.get(place) in (None, "")]
    return f"the plan does not say yet: {', '.join(empty)}" if empty else ""


# ── What was signed ─────────────────────────────────────────────────────────────────────────────────────────────


def content(record: Record, proforma: Proforma) -> dict[str, Value]:
    """The places that a form prints, with their values."""
    carried = proforma.places()
    return {path: value for path, value in record.items() if (p := place_of(path)) and p.path in carried}


def content_digest(record: Record, proforma: Proforma) -> str:
    """What a signature on the form binds to: the same digest, the same words above the signature."""
    return digest(canonical(content(record, proforma)))


def signatures(revisions: Iterable[Revision]) -> tuple[Signature, ...]:
    """Every signature that binds, in the order they were recorded; none that was taken back as entered in error."""
    rows: dict[str, dict[str, Value]] = {}
    found: list[Signature] = []
    history = tuple(revisions)
    gone = taken_back(history)
    for revision in (r for r in history if r.undoes is None and r.number not in gone):
        for decision in revision.decisions:
            row = split(decision.place)
            if row is None or row[0] != "signatures" or not decision.applies:
                continue
            said = rows.setdefault(row[1], {})
            said[row[2]] = decision.theirs
            if row[2] == "bound" and said.get("name") and said.get("date"):
                form, _, role = row[1].partition(" ")
                found.append(
                    Signature(
                        role=role,
                        name=str(said["name"]),
                        date=dt.date.fromisoformat(str(said["date"])),
                        method=str(said.get("method") or ""),
                        form=form,
                        submission=revision.submission,
                        received=revision.recorded.date(),
                        revision=revision.number,
                    )
                )
    return tuple(found)


def signed_copies(made: Iterable[Signature], issued: Mapping[str, str], wanted: str) -> dict[str, Signature]:
    """The signatures under one content, by role.

    Args:
        made: signatures that bind.
        issued: number of each form issued for signature, to the digest of what it printed.
        wanted: the digest asked for.
    """
    return {s.role: s for s in made if issued.get(s.form) == wanted}


def obstacles(signed: Mapping[str, Signature], roles: Iterable[str], open_queries: Iterable[Query]) -> tuple[str, ...]:
    """What stands between a signed copy and a funding-body version, each a sentence; nothing = it may be made."""
    found = [f"the {role} has not signed" for role in roles if role not in signed]
    names = [s.name.casefold() for s in signed.values()]
    if len(set(names)) < len(names):
        found.append("one person has signed in two roles")
    for query in open_queries:
        place = place_of(query.place)
        if place and place.change in MATERIAL:
            found.append(f"question {query.query} is open, on something the funding body relies on")
        if query.kind == "remark" and query.submission in {s.submission for s in signed.values()}:
            found.append(f"question {query.query} is open, on words that stand beside a signature")
    return tuple(found)


def make_edition(
    issue: Issue, signed: Mapping[str, Signature], number: int, revision_hash: str, content_: str, rules: Rules,
    recorded: dt.datetime,
) -> Edition:  # fmt: skip
    """The funding-body version that the signatures make."""
    assert issue.plan is not None
    return Edition(
        plan=issue.plan,
        number=number,
        revision=issue.revision or 0,
        revision_hash=revision_hash,
        completed=max(s.revision for s in signed.values()),
        form=issue.form,
        proforma=issue.proforma,
        version=issue.version,
        effective=max(s.date for s in signed.values()),
        recorded=recorded,
        content=content_,
        rules=rules.rules,
        signatures=tuple(sorted(signed.values(), key=lambda s: s.role)),
    )


# ── Is it stale ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Reason:
    """One change that makes the signed version stale."""

    place: str
    was: Value
    now: Value
    because: str
    rule: str


@dataclass(frozen=True, slots=True)
class Drift:
    """The working document against the signed version, place by place.

    Attributes:
        must_sign: roles that have to sign again; none when it is not stale.
        note_on: places that the next issue will carry without a signature.
        working_only: places that do not touch the signed version.
    """

    reasons: tuple[Reason, ...]
    must_sign: tuple[str, ...]
    note_on: tuple[str, ...]
    working_only: tuple[str, ...]

    @property
    def stale(self) -> bool:
        """Whether the signed version is no longer what is so."""
        return bool(self.reasons)


def drift(signed: Record, now: Record, rules: Rules) -> Drift:
    """What has changed since a version was signed, and what follows (the change matrix, domain.md C3)."""
    changed = sorted(path for path in {*signed, *now} if signed.get(path) != now.get(path))
    by_class: dict[Change, list[str]] = {change: [] for change in Change}
    for path in changed:
        place = place_of(path)
        if place:
            by_class[place.change].append(path)
    reasons = []
    for path in sorted(p for change in MATERIAL for p in by_class[change]):
        why = rules.why_stale(path)
        reasons.append(Reason(path, signed.get(path), now.get(path), why.because, rules.cite(why.rule)))
    return Drift(
        tuple(reasons),
        rules.who_signs(now).who if reasons else (),
        (*by_class[Change.NOTE_ON], *by_class[Change.IDENTITY]),
        tuple(by_class[Change.WORKING]),
    )


def standing(edition: Edition | None, found: Drift | None, number: int) -> str:
    """The sentence on receipts that says whether anybody has to sign again, as of a revision."""
    if edition is None or found is None:
        return "There is no funding-body version yet."
    if edition.completed == number:
        return f"Funding-body version {edition.number} is signed by everybody who has to sign, and in force."
    if found.stale:
        because = "; ".join(dict.fromkeys(reason.because for reason in found.reasons))
        who = " and ".join(found.must_sign)
        return f"Funding-body version {edition.number} is stale, because {because}. To sign again: {who}."
    return f"No new signature is needed: nothing that funding-body version {edition.number} relies on has changed."


def state(edition: Edition | None, found: Drift | None, copy_open: bool, signed: int) -> str:
    """`none`, `issued`, `part-signed`, `in force` or `stale`."""
    if edition is not None:
        return "stale" if found and found.stale else "in force"
    if not copy_open:
        return "none"
    return "part-signed" if signed else "issued"
