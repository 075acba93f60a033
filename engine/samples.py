"""Samples drawn: which plans, recorded in each with what the records answer, and the forms for those who look."""

from __future__ import annotations

from collections.abc import Iterator

from engine.audits import Audited
from engine.audits.checklist import Answered
from engine.errors import Declined
from engine.model import Decision, Outcome
from engine.places import Record
from engine.plan import keys_of, next_key
from engine.premises import Premises
from engine.proforma import Proforma
from engine.workflow import append_revision

TABLE = "samples"
RULE = "sample"


def form_for(premises: Premises) -> Proforma:
    """The proforma that is about a sample.

    Raises:
        Declined: when the workspace has none.
    """
    found = next((p for p in premises.proformas.values() if p.about == TABLE), None)
    if found is None:
        raise Declined("No proforma here is about a sample.", f"One of them needs `about: {TABLE}`.")
    return found


def draw(premises: Premises, found: Audited, name: str, by: str) -> dict[str, str]:
    """Draws a sample and records it in each plan; the plans with why each was drawn.

    A sample of a name is drawn once: asked for again, it is the same plans.
    """
    known = dict(_drawn(premises, found, name))
    if known:
        return known
    chosen = dict(found.population.draw(name))
    with premises.ledger.writing():
        for plan, why in chosen.items():
            record = premises.ledger.record(plan)
            append_revision(premises, plan, "sample", tuple(_decisions(premises, found, plan, record, name, why)), by)
    return chosen


def _drawn(premises: Premises, found: Audited, name: str) -> Iterator[tuple[str, str]]:
    for member in found.population.members:
        if member.sampled:
            record = premises.ledger.record(member.plan)
            for key in keys_of(record, TABLE):
                if record.get(f"{TABLE}[{key}].sample") == name:
                    yield member.plan, str(record.get(f"{TABLE}[{key}].why") or "")


def _decisions(
    premises: Premises, found: Audited, plan: str, record: Record, name: str, why: str
) -> Iterator[Decision]:
    row = f"{TABLE}[{next_key(record, TABLE)}]"
    said = {f"{row}.sample": name, f"{row}.drawn": premises.today.isoformat(), f"{row}.why": why}
    for answered in answered_for(found, plan):
        line = f"checks[{answered.line.line}]"
        said |= {f"{line}.line": answered.line.text, f"{line}.answer": answered.answer,
                 f"{line}.evidence": answered.evidence, f"{line}.priority": ""}  # fmt: skip
    for place, value in said.items():
        before = record.get(place)
        if value and value != before:
            yield Decision(place=place, outcome=Outcome.ACCEPTED, rule=RULE, theirs=value, ours=before)
        elif not value and before is not None:
            yield Decision(place=place, outcome=Outcome.CLEARED, rule=RULE, ours=before)


def answered_for(found: Audited, plan: str) -> Iterator[Answered]:
    """The lines as a plan's records answer them; those that only all plans together can, as these do."""
    whole = {answered.line.line: answered for answered in found.lines}
    for answered in found.of(plan):
        yield whole[answered.line.line] if answered.line.of == "provider" else answered
