"""The frozen nouns as the JSON that is promised to other programs (README, “Every command”)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.drift import Drift
from engine.model import Query, Revision
from engine.places import ROLES, Place, Record
from engine.plan import nest
from engine.premises import waits_for
from engine.proforma import Proforma
from engine.signoff import Version
from engine.standing import Standing


def proforma(found: Proforma) -> dict[str, Any]:
    """A proforma with what it asks."""
    questions = [
        {
            "name": question.fields[0] if question.fields else place.path,
            "place": question.ask if question.fields and "[" in question.ask else place.path,
            "label": question.label,
            "kind": place.kind,
            "choices": list(place.choices),
            "repeats": bool(section.table),
            "class": place.change,
            "format": place.format,
            "by": list(question.by),
            "fields": list(question.fields),
            "size": question.size,
        }
        for section, question, place in found.questions()
    ]
    signatures = [
        {
            "name": f"signatures[{signer.role}].{part}",
            "place": f"signatures[KEY].{part}",
            "label": f"Signed by the {signer.called or signer.role}: {part}",
            "kind": "text" if part == "name" else "date",
            "choices": [],
            "repeats": False,
            "class": "working-only",
            "format": part,
            "by": [signer.role],
        }
        for signer in found.signed
        for part in ("name", "date")
    ]
    return {
        "proforma": found.proforma,
        "title": found.title,
        "version": found.version,
        "questions": [*questions, *signatures],
    }


def place(found: Place) -> dict[str, Any]:
    """A place of the plan, for whoever writes a form."""
    return {
        "place": found.path,
        "format": found.format,
        "choices": list(found.choices),
        "answered": " or ".join(found.choices) if found.choices else found.format,
        "seen_by": [ROLES[letter] for letter in ROLES if letter in found.audience],
        "said_by": [ROLES[letter] for letter in ROLES if letter in found.by],
        "class": found.change,
    }


def line(kept: Mapping[str, Any]) -> dict[str, Any]:
    """One plan in `plans`, from its line of the overview."""
    told = {name: kept[name] for name in ("plan", "learner", "revision", "edition_state", "open_queries")}
    first = kept["due"][0][1] if kept["due"] else None
    return told | {"edition": kept["edition"] or None, "next_due": first, "ended": kept["ended"] or None}


def plan(there: Standing, found_hash: str, shown: Version | None = None) -> dict[str, Any]:
    """One plan in `show`.

    Args:
        shown: the funding-body version that is looked at, where it is not the newest.
    """
    version = shown or next(iter(there.versions[-1:]), None)
    return {
        "plan": there.plan,
        "revision": there.latest.number,
        "hash": found_hash,
        "parent": there.latest.parent,
        "record": nest(there.record),
        "queries": [query(q, there.record) for q in there.queries],
        "edition": edition(version) if version else None,
        "editions": [edition(v) for v in there.versions],
        "edition_state": there.state,
        "stage": there.stage,
        "ended": there.ended or None,
        "due": [{"what": d.what, "day": d.day.isoformat()} for d in there.due],
        "gates": [
            {"gate": g.gate, "passed": g.passed, "why": g.why, "note": g.note, "waivable_by": list(g.waivers)}
            for g in there.gates
        ],
        "to_sign": _to_sign(there),
        "findings": list(there.findings),
    }


def edition(found: Version) -> dict[str, Any]:
    """A funding-body version, with where it stands and from when to when it is in force (None = until further)."""
    return {
        **found.edition.model_dump(mode="json"),
        "state": found.state,
        "in_force_from": found.edition.effective.isoformat(),
        "in_force_to": found.until.isoformat() if found.until else None,
    }


def _to_sign(there: Standing) -> dict[str, Any] | None:
    """What is out for signature, who has signed it, and who is still to; None = nothing is out."""
    if there.copy is None:
        return None
    return {
        "revision": there.copy.revision,
        "forms": [form for form, copy in there.copies.items() if copy.binds == there.copy.binds],
        "signed": {role: signature.date.isoformat() for role, signature in there.signed.items()},
        "waits_for": [role for role in there.roles if role not in there.signed],
    }


def query(found: Query, record: Record) -> dict[str, Any]:
    """One open question; `record`: of the plan that it is about."""
    return {
        "query": found.query,
        "plan": found.plan,
        "place": found.place,
        "kind": found.kind,
        "question": found.question,
        "choices": list(found.choices),
        "base": found.base,
        "theirs": found.theirs,
        "ours": found.ours,
        "submission": found.submission,
        "raised": found.raised.isoformat(),
        "waits_for": [{"role": role, "name": name or None} for role, name in waits_for(found, record)],
    }


def revision(found_hash: str, found: Revision) -> dict[str, Any]:
    """One revision in `history`."""
    return {
        "revision": found.number,
        "hash": found_hash,
        "parent": found.parent,
        "recorded": found.recorded.isoformat(),
        "effective": found.effective.isoformat(),
        "cause": found.cause,
        "by": found.by,
        "reason": found.reason,
        "undoes": found.undoes,
        "joined": found.joined,
        "submission": found.submission,
        "form": found.form,
        "same": found.same,
        "decisions": [
            {
                "place": d.place,
                "outcome": d.outcome,
                "rule": d.rule,
                "base": d.base,
                "theirs": d.theirs,
                "ours": d.ours,
                "box": d.box,
                "reason": d.reason,
            }
            for d in found.decisions
        ],
    }


def drift(there: Standing) -> dict[str, Any]:
    """The working document against the funding-body version, place by place."""
    found = there.found or Drift()
    return {
        "edition": there.edition.number if there.edition else None,
        "revision": there.latest.number,
        "stale": found.stale,
        "reasons": [
            {
                "place": d.place,
                "from": d.was,
                "to": d.now,
                "rule": d.rule,
                "because": d.because,
                "must_sign": list(d.who),
                "deadline": d.deadline.isoformat() if d.deadline else None,
            }
            for d in found.reasons
        ],
        "must_sign": list(found.must_sign),
        "deadline": found.deadline.isoformat() if found.deadline else None,
        "note_on": list(found.note_on),
        "working_only": list(found.working_only),
        "why_not": {d.place: d.because for d in (*found.noted, *found.working)},
        "signed_again": sorted(there.signed) if there.edition else [],
        "findings": list(there.findings),
    }
