"""What stands on a copy that is given out for signature, and nowhere else: what it asks its signers to agree to.

Whoever signs is to see what they sign. What not everybody may see (support that is claimed for) stands on a copy of
their own, which nobody signs who may not see it, and which leaves the provider's hands for theirs alone (law 8).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from engine.amendment import beyond, lines, listed_for, told
from engine.drift import Drift
from engine.layout import lay_out
from engine.model import Edition, Issue
from engine.places import Record
from engine.plan import keys_of, may_see
from engine.premises import Premises, label_of, labels
from engine.proforma import ROLE_LETTER, Proforma
from engine.sheet import Block, Sheet
from engine.standing import Standing, standing


def as_given_out(premises: Premises, issue: Issue) -> Standing:
    """Where its plan stood when a form was given out."""
    assert issue.plan is not None
    return standing(replace(premises, today=issue.printed), issue.plan, issue.revision, issue.form)


def sheet_to_sign(premises: Premises, issue: Issue, there: Standing) -> Sheet:
    """A copy for signature; whoever may not see what it says has changed signs on another."""
    proforma, eyes = premises.proforma_of(issue), _eyes(premises, issue)
    signers = _signers(proforma, issue, there)
    here = _here(premises, issue, there)
    formal = _formal(premises, there, _changed(proforma, there), eyes) if proforma.edition else _amends(there)
    about = (*formal, *_confided(signers - here, issue), *_left_out(proforma, issue.role))
    record = {**there.record, **(amended(premises, issue, there) if proforma.amends else {})}
    provider = premises.settings.provider.name
    return lay_out(proforma, record, issue, provider, proforma.mark, about, frozenset(here))


def _signers(proforma: Proforma, issue: Issue, there: Standing) -> frozenset[str]:
    return frozenset(there.roles if proforma.amends else there.rules.who_signs(there.record, issue.printed).who)


def _here(premises: Premises, issue: Issue, there: Standing) -> set[str]:
    """The roles that have a place to sign on a copy."""
    eyes, signers = _eyes(premises, issue), _signers(premises.proforma_of(issue), issue, there)
    return {role for role in signers if not _says_more(there, eyes, frozenset(ROLE_LETTER[role]))}


def copies_for(premises: Premises, role: str, copies: Sequence[Issue]) -> Sequence[Issue]:
    """Those of the copies on which a role may sign, the fittest last: its own, before it one for many hands.

    What was made for another's eyes comes first, for it may not show all that this role is to see.
    """
    fit = [c for c in copies if role in _here(premises, c, as_given_out(premises, c))]
    own = frozenset(ROLE_LETTER[role])
    return sorted(fit, key=lambda c: 2 if _own(c) == own else 0 if _own(c) else 1)


def amended(premises: Premises, issue: Issue, there: Standing) -> Record:
    """The lines of an amendment sheet (M17)."""
    words = labels(premises.proformas)
    found = _changed(premises.proforma_of(issue), there)
    return lines(found, lambda path: label_of(words, path), _eyes(premises, issue))


def _changed(proforma: Proforma, there: Standing) -> Drift:
    """What has changed since the version in force; what is only listed is the same on each copy."""
    return listed_for(there.found, proforma.eyes) if there.found else Drift()


def _confided(others: Iterable[str], issue: Issue) -> Iterator[Block]:
    """Who signs on another copy, because they may not see what this one says has changed."""
    if others:
        who = " and the ".join(sorted(others))
        told_so = f"It says something that the {who} may not see, who will sign on another copy."
        back = ("Please give it back to the provider, and to nobody else.",) if _own(issue) else ()
        yield Block("Who does not sign this copy", lines=(told_so, *back))


def says_more(premises: Premises, issue: Issue, eyes: frozenset[str]) -> bool:
    """Whether a copy for signature says of what has changed more than an audience may see, so that it is not theirs."""
    if issue.plan is None or not issue.to_sign:
        return False
    there = as_given_out(premises, issue)
    return _says_more(there, _eyes(premises, issue), eyes)


def _says_more(there: Standing, eyes: frozenset[str], others: frozenset[str]) -> bool:
    return there.found is not None and beyond(there.found, eyes, others)


def _eyes(premises: Premises, issue: Issue) -> frozenset[str]:
    """Letters of those who hold a copy for signature: whose own it is, else the form's whole audience."""
    return _own(issue) or premises.proforma_of(issue).eyes


def _own(issue: Issue) -> frozenset[str]:
    """The letter of the one role whose own copy it is; none = it goes from hand to hand."""
    return frozenset(ROLE_LETTER.get(issue.role or issue.folder, ""))


def _amends(there: Standing) -> Iterator[Block]:
    """Which version an amendment sheet belongs to."""
    if there.edition is not None:
        line = (
            f"This sheet belongs to funding-body version {there.edition.number} of the plan {there.plan}, signed on "
            f"form {there.edition.form}. What that prints has the digest {there.edition.content}."
        )
        yield Block("The version that this amends", lines=(told_of(there.edition), line))


def _left_out(proforma: Proforma, role: str) -> Iterator[Block]:
    """What a role that signs may not see, by its labels, so that nobody signs unawares (law 8)."""
    hidden = [q.label for _, q, place in proforma.questions() if role and not may_see(place.path, ROLE_LETTER[role])]
    if hidden:
        line = f"The {role} may not see what the plan says of: {'; '.join(hidden)}. It is part of what is signed."
        yield Block("What this copy does not show", lines=(line, "The provider can tell you more."))


def _formal(premises: Premises, there: Standing, found: Drift, eyes: frozenset[str]) -> Iterator[Block]:
    """What the version that is out for signature says of itself, and of those before it."""
    earlier = [version.edition for version in there.versions]
    number = len(earlier) + 1
    replaces = f" When it is signed it replaces version {number - 1}." if earlier else ""
    yield Block(
        "What you are asked to sign",
        lines=(
            f"This is funding-body version {number} of the plan {there.plan}, made from its change "
            f"{there.latest.number} under the rules of {there.rules.rules}.{replaces}",
            "What each party agrees to stands above the place for their signature, on the last page.",
        ),
    )
    yield from waived(there.record, eyes)
    if earlier:
        yield Block("Earlier versions", lines=tuple(told_of(e) for e in earlier))
    words = labels(premises.proformas)
    changed = tuple(told(found, lambda path: label_of(words, path), eyes))
    if changed:
        yield Block(f"What has changed since version {number - 1}", lines=changed)


def waived(record: Record, eyes: frozenset[str]) -> Iterator[Block]:
    """The gates that were waived, so that everybody who signs a version or relies on it knows: who did, and why."""
    lines = tuple(
        f"{gate} was waived by {said['by']}{', ' + said['role'] if said['role'] else ''}: {said['reason']}."
        for gate in keys_of(record, "waivers")
        if (said := {part: str(record.get(f"waivers[{gate}].{part}") or "") for part in ("by", "role", "reason")})
        and all(may_see(f"waivers[{gate}].{part}", eyes) for part in said)
    )
    if lines:
        yield Block("What was waived", lines=lines)


def told_of(edition: Edition) -> str:
    """A funding-body version as a line in the register of versions."""
    signed = ", ".join(f"{s.name} ({s.role}, {s.date:%d/%m/%Y})" for s in edition.signatures)
    return (
        f"Version {edition.number}: in force from {edition.effective:%d/%m/%Y}, made from revision {edition.revision} "
        f"under the rules of {edition.rules}; signed by {signed}."
    )
