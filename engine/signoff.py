"""What a signature binds to, who has signed, and whether that makes a funding-body version. Pure, over values.

The rules are M17 and M18 of domain.md C4, and the gates G10 and G12 of C3, which are of signatures: one signable
content at a time, bound only by those who signed exactly that, on a full copy or on the amendment sheet of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from engine.drift import MATERIAL, Drift, Moment, drift
from engine.gates import Gate
from engine.model import Edition, Issue, Query, Revision, Signature, canonical, digest, taken_back
from engine.places import Change, Record, Value
from engine.plan import change_of, is_signature, is_waiver, place_of, split
from engine.proforma import Proforma
from engine.rules import Rules


def content(record: Record, proforma: Proforma) -> dict[str, Value]:
    """The places that a form prints, with their values."""
    carried = proforma.places()
    return {path: value for path, value in record.items() if (p := place_of(path)) and p.path in carried}


def content_digest(record: Record, proforma: Proforma) -> str:
    """The digest of what a form prints: the same digest, the same words above the signature."""
    return digest(canonical(content(record, proforma)))


def binding_digest(record: Record, proforma: Proforma) -> str:
    """What a signature binds to: what the version prints, in whose words, and all else that the funding body relies on.

    The gates that were waived are part of it, so that nobody's signature stands under a waiver that they did not see.

    Args:
        proforma: the one whose signing makes a version; an amendment sheet stands for the same content (M17).
    """
    relied_on = {
        path: value for path, value in record.items() if change_of(path, record) in MATERIAL or is_waiver(path)
    }
    return digest(canonical([proforma.version, {**relied_on, **content(record, proforma)}]))


# ── Copies ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Copy:
    """A form that was given out for signature.

    Attributes:
        binds: digest of what a signature on it binds to.
        amends: number of the version that it amends; 0 = a full copy.
    """

    issue: Issue
    binds: str
    amends: int = 0

    @property
    def revision(self) -> int:
        """The revision that it prints."""
        return self.issue.revision or 0


def still_says(printed: Record, now: Record, rules: Rules, when: Moment) -> bool:
    """Whether what was printed for signature may still be signed, although the plan has moved on.

    A note-on change is listed at the next issue, so it takes no copy back: unless it is who signs that has changed.
    """
    found = drift(printed, now, rules, when)
    corrected = any(d.effect is Change.IDENTITY or d.place in rules.signatories for d in found.noted)
    return not found.stale and not corrected


@dataclass(frozen=True, slots=True)
class Attempt:
    """A name and a date in a signature block, whether it counts or not.

    Attributes:
        bound: whether it stands under what was printed, unchanged (M18).
        proforma: the name of the form's proforma, as far as known.
    """

    signature: Signature
    bound: bool
    proforma: str | None


def attempts(revisions: Iterable[Revision]) -> tuple[Attempt, ...]:
    """Every signature that was written, in the order they were recorded; one that is completed later comes again.

    None that was taken back as entered in error, or whose name or date a person has had removed.
    """
    rows: dict[str, dict[str, Value]] = {}
    made: list[tuple[str, Attempt]] = []
    history = tuple(revisions)
    gone = taken_back(history)
    for revision in (r for r in history if r.undoes is None and r.number not in gone):
        touched: dict[str, None] = {}
        for decision in revision.decisions:
            row = split(decision.place)
            if row and is_signature(decision.place) and decision.applies:
                rows.setdefault(row[1], {})[row[2]] = decision.theirs
                touched[row[1]] = None
        for key in touched:
            said, (form, _, role) = rows[key], key.partition(" ")
            if said.get("name") and said.get("date"):
                signed = Signature(
                    role=role,
                    name=str(said["name"]),
                    date=dt.date.fromisoformat(str(said["date"])),
                    method=str(said.get("method") or ""),
                    form=form,
                    submission=revision.submission,
                    received=revision.recorded.date(),
                    revision=revision.number,
                )
                made.append((key, Attempt(signed, bool(said.get("bound")), revision.proforma)))
            else:
                made = [(row, attempt) for row, attempt in made if row != key]
    return tuple(attempt for _, attempt in made)


def signatures(revisions: Iterable[Revision]) -> tuple[Signature, ...]:
    """Every signature that binds, in the order they were recorded; none that was taken back as entered in error."""
    return tuple(attempt.signature for attempt in attempts(revisions) if attempt.bound)


def signed_copies(made: Iterable[Signature], issued: Mapping[str, str], wanted: str) -> dict[str, Signature]:
    """The signatures under one content, by role.

    Args:
        made: signatures that bind.
        issued: number of each form issued for signature, to the digest of what it binds to.
        wanted: the digest asked for.
    """
    return {s.role: s for s in made if issued.get(s.form) == wanted}


def uncounted(
    made: Iterable[Attempt],
    copies: Mapping[str, Copy],
    wanted: str,
    signed: Collection[str],
    signable: Collection[str | None],
) -> Iterator[str]:
    """The signatures that were written for nothing, each with why: never silently (M18).

    Args:
        made: those since the last version was complete.
        copies: every form given out for signature, by number.
        wanted: the digest of what is out for signature; "" = nothing is.
        signed: roles whose signatures count.
        signable: names of the proformas that are signed for a version.
    """
    last = {attempt.signature.role: attempt for attempt in made if attempt.signature.form in copies
            or attempt.proforma in signable}  # fmt: skip
    for role, attempt in last.items():
        if role in signed:
            continue
        form, copy = attempt.signature.form, copies.get(attempt.signature.form)
        said = f"The {role} signed on {attempt.signature.date:%d/%m/%Y}, but it does not count: "
        again = "a fresh copy is out, to be signed" if wanted else "a fresh copy follows when it can be signed"
        if copy is None:
            yield f"{said}the form was a blank, which shows no plan; {again}."
        elif not attempt.bound and not attempt.signature.method:
            yield f"{said}its name and date do not both stand on form {form} as they were written; {again}."
        elif not attempt.bound:
            yield f"{said}what form {form} printed had been changed by hand; {again}."
        elif copy.binds != wanted:
            yield f"{said}what form {form} printed has been replaced since; {again}."


AT_SIGNING = frozenset({"G8", "G9"})
"""The gates that are looked through again at signing: what they ask for may come after the copy was given out."""


def obstacles(
    signed: Mapping[str, Signature], roles: Iterable[str], open_queries: Iterable[Query],
    printed: Mapping[str, dt.date], gates: Iterable[Gate] = (), withdrawn: Collection[str] = (),
) -> tuple[str, ...]:  # fmt: skip
    """What stands between a signed copy and a funding-body version, each a sentence; nothing = it may be made.

    Args:
        printed: the day each form was given out, by number. G10: nobody signs before that; merge sees to it that
            nobody signs after the form came back.
        withdrawn: the gates that were waived on what was given out, and are so no more.
    """
    found = [f"the {role} has not signed" for role in roles if role not in signed]
    names = [" ".join(s.name.casefold().split()) for s in signed.values()]
    if len(set(names)) < len(names):
        found.append("one person has signed in two roles")
    found += [
        f"the {s.role} signed on {s.date:%d/%m/%Y}, before the copy was given out on {printed[s.form]:%d/%m/%Y}"
        for s in signed.values()
        if s.form in printed and s.date < printed[s.form]
    ]
    found += [gate.why for gate in gates if gate.gate in {*AT_SIGNING, *withdrawn} and not gate.passed]
    for query in open_queries:
        place = place_of(query.place)
        if place and place.change in MATERIAL:
            found.append(f"question {query.query} is open, on something the funding body relies on")
        if query.kind == "remark" and query.submission in {s.submission for s in signed.values()}:
            found.append(f"question {query.query} is open, on words that stand beside a signature")
    return tuple(found)


def late(signed: Iterable[Signature], last: dt.date | None) -> tuple[str, ...]:
    """G12: the signatures made after their day. Each keeps its true date; that it is late is told, no more."""
    return tuple(
        f"The {s.role} signed on {s.date:%d/%m/%Y}, after the last day for it, {last:%d/%m/%Y}."
        for s in signed
        if last and s.date > last
    )


# ── Versions ────────────────────────────────────────────────────────────────────────────────────────────────────


def make_edition(
    issue: Issue, signed: Mapping[str, Signature], number: int, revision_hash: str, content_: str, rules: Rules,
    recorded: dt.datetime, completed: int,
) -> Edition:  # fmt: skip
    """The funding-body version that the signatures make.

    Args:
        issue: a full copy of what was signed.
        content_: digest of what it prints.
        completed: the plan's newest revision, after which nothing stood against it.
    """
    assert issue.plan is not None
    return Edition(
        plan=issue.plan,
        number=number,
        revision=issue.revision or 0,
        revision_hash=revision_hash,
        completed=completed,
        form=issue.form,
        proforma=issue.proforma,
        version=issue.version,
        effective=max(s.date for s in signed.values()),
        recorded=recorded,
        content=content_,
        rules=rules.rules,
        signatures=tuple(sorted(signed.values(), key=lambda s: s.role)),
    )


@dataclass(frozen=True, slots=True)
class Version:
    """A funding-body version with where it stands: `in force`, `stale`, or `superseded` since a day."""

    edition: Edition
    state: str
    until: dt.date | None = None


def versions(editions: Sequence[Edition], stale: bool) -> tuple[Version, ...]:
    """Every version of a plan, the first first; each is in force from its own day until the next one's."""
    newest = "stale" if stale else "in force"
    older = (Version(e, "superseded", after.effective) for e, after in pairwise(editions))
    return (*older, *(Version(e, newest) for e in editions[-1:]))


def state(edition: Edition | None, stale: bool, copy_open: bool, signed: int, ready: bool) -> str:
    """`draft`, `gated`, `issued`, `part-signed`, `in force` or `stale`; a superseded version is behind the newest."""
    if edition is not None:
        return "stale" if stale else "in force"
    if copy_open:
        return "part-signed" if signed else "issued"
    return "gated" if ready else "draft"


# ── In words ────────────────────────────────────────────────────────────────────────────────────────────────────


def named(roles: Iterable[str]) -> str:
    """Roles as they stand in a sentence: `the learner, the employer and the provider`."""
    *first, last = [f"the {role}" for role in roles] or ["nobody"]
    return f"{', '.join(first)} and {last}" if first else last


def standing(edition: Edition | None, found: Drift | None, number: int, name: Callable[[str], str]) -> str:
    """The sentence that says whether anybody has to sign again, as of a revision, and why not.

    Args:
        name: a place in words; "" = it is not named.
    """
    if edition is None or found is None:
        return "There is no funding-body version yet."
    if edition.completed == number:
        return f"Funding-body version {edition.number} is signed by everybody who has to sign, and in force."
    if found.stale:
        seen = Drift(tuple(reason for reason in found.reasons if name(reason.place)))
        if not seen.stale:
            return f"Funding-body version {edition.number} is stale, because of something that is not shown here."
        because = "; ".join(dict.fromkeys(reason.because for reason in seen.reasons))
        by = f", by {seen.deadline:%d/%m/%Y}" if seen.deadline else ""
        return (
            f"Funding-body version {edition.number} is stale, because {because}. "
            f"To sign again: {named(seen.must_sign)}{by}."
        )
    moved = _moved(found, name)
    return (
        f"No new signature is needed, because nothing that funding-body version {edition.number} relies on has changed"
        + (f". {moved}." if moved else ".")
    )


def _moved(found: Drift, name: Callable[[str], str]) -> str:
    """What has changed and why that does not matter, like with like."""
    groups: dict[str, dict[str, None]] = {}
    for difference in (*found.noted, *found.working):
        words = name(difference.place)
        if words:
            groups.setdefault(difference.because, {})[words] = None
    said = "; ".join(f"{_some(tuple(words))}: {because}" for because, words in groups.items())
    return said[:1].upper() + said[1:]


def _some(words: Sequence[str], most: int = 4) -> str:
    """A list that stays short."""
    more = len(words) - most
    return ", ".join(words[:most]) + (f" and {more} more" if more > 0 else "")
