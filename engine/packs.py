"""Packs for inspectors: the story of a chosen learner or sample in one PDF, for one audience, with signed originals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine import auditing, evidence, story
from engine.audits import Case, Finding
from engine.documents import new_issue
from engine.errors import Declined, WrongUse
from engine.layout import lay_out
from engine.model import Edition, Stamp, short_number
from engine.places import ROLES, Record
from engine.plan import may_see, place_of
from engine.premises import Premises
from engine.proforma import ROLE_LETTER, Proforma
from engine.proofs import unsaid
from engine.samples import TABLE
from engine.sheet import Block, Sheet, display_name
from engine.versions import is_confided, signed_forms

if TYPE_CHECKING:
    from engine.writing.pdf import Attachment

INSIDE = frozenset("TMQ")
"""Those who may read what is for staff alone."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A plan in a pack, with what the audits found in it."""

    case: Case
    findings: tuple[Finding, ...]


def chosen(premises: Premises, wanted: str) -> tuple[str, ...]:
    """The plans that are meant: a plan by its number, or all plans of a sample by its name.

    Raises:
        WrongUse: when there is neither.
    """
    if premises.ledger.newest(wanted):
        return (wanted,)
    found = tuple(
        case.plan
        for case in auditing.cases(premises)
        if any(row.get("sample") == wanted for _, row in case.rows(TABLE))
    )
    if not found:
        raise WrongUse(f"There is no plan and no sample “{wanted}”.", "`counterpart plans` lists the plans.")
    return found


def pack(premises: Premises, plans: Sequence[str], audience: str, title: str) -> bytes:
    """One PDF about some plans, for the eyes of one audience.

    Args:
        audience: a word of `ROLES`.

    Raises:
        WrongUse: when there is no such audience.
        Declined: when a plan's own words cannot be shown as they are.
    """
    from engine.writing.pdf import write_bundle

    if audience not in ROLE_LETTER:
        raise WrongUse(f"There is no audience “{audience}”.", f"There are: {', '.join(ROLES.values())}.")
    eyes = frozenset({ROLE_LETTER[audience]})
    inside = bool(eyes & INSIDE)
    found = auditing.audited(premises) if inside else None
    some = [
        Chosen(case, tuple(found.by_plan.get(case.plan, ())) if found else ())
        for case in auditing.cases(premises) if case.plan in plans
    ]  # fmt: skip
    sheet, attachments = _sheet(premises, some, eyes, title, audience)
    content = write_bundle(sheet, attachments)
    wrong = unsaid(sheet, content)
    if wrong:
        raise Declined(f"The pack does not show what it should ({'; '.join(wrong[:3])}).", "Please tell us.")
    return content


def _sheet(
    premises: Premises, some: Sequence[Chosen], eyes: frozenset[str], title: str, audience: str
) -> tuple[Sheet, tuple[Attachment, ...]]:
    stories: list[Block] = []
    rest: list[Block] = []
    attachments: list[Attachment] = []
    for one in some:
        learner = _named(one.case.record, eyes) or one.case.plan
        before = f"{learner}: " if len(some) > 1 else ""
        files, left_out = _originals(premises, one.case, eyes)
        attachments += files
        stories += [_headed(block, before) for block in story.story(one.case, eyes)]
        rest += [_headed(block, before) for block in _further(premises, one, eyes, files, left_out)]
    stamp = Stamp("inspection-pack", 1, short_number("F", "pack", title, audience, premises.today), *_of_one(some))
    whose = _named(some[0].case.record, eyes) if len(some) == 1 else title
    return Sheet(
        "Inspection pack", "", premises.settings.provider.name, whose, stamp, premises.today,
        mark=f"For the {audience}", blocks=tuple(stories), evidence=tuple(rest), static=True,
    ), tuple(_unique(attachments))  # fmt: skip


def _of_one(some: Sequence[Chosen]) -> tuple[str | None, int | None]:
    return (some[0].case.plan, some[0].case.steps[-1].number) if len(some) == 1 else (None, None)


def _named(record: Record, eyes: frozenset[str]) -> str:
    seen = may_see("learner.given_name", eyes) and may_see("learner.family_name", eyes)
    return display_name(record, eyes) if seen else ""


def _headed(block: Block, before: str) -> Block:
    return replace(block, heading=f"{before}{block.heading}")


def _further(
    premises: Premises, one: Chosen, eyes: frozenset[str], files: Sequence[Attachment], left_out: Sequence[str]
) -> Iterator[Block]:
    """What stands behind the story: both versions, the reviews, distance travelled, signatures, what is attached."""
    case = one.case
    working = next((p for p in premises.proformas.values() if p.mark and not p.edition and not p.amends), None)
    if working:
        yield from _version(premises, working, case.plan, case.record, eyes, "Working document")
    for edition in case.editions[-1:]:
        signed, called = case.at(edition.revision), f"Funding-body version {edition.number}"
        proforma = _issue_of(premises, *_form_of(edition))
        if proforma:
            yield from _version(premises, proforma, case.plan, signed, eyes, called)
        else:
            yield Block(called, lines=(f"The form it stands on, “{edition.proforma}”, is not kept here any more.",))
    yield from story.reviews(case, eyes)
    travelled = story.distance(case, eyes)
    if travelled:
        yield travelled
    for edition in case.editions:
        if may_see("signatures[KEY].name", eyes):
            yield _headed(evidence.signatures_of(edition), f"Version {edition.number}: ")
    if one.findings:
        asked = story.asked_about(one.findings)
        if asked:
            yield asked
    lines = (*(f"Attached to this file: {file.name}, {file.description}." for file in files), *left_out)
    yield Block("Signed originals", lines=lines or ("Nothing was signed yet.",))


def _version(
    premises: Premises, proforma: Proforma, plan: str, record: Record, eyes: frozenset[str], called: str
) -> Iterator[Block]:
    """A document's questions and answers, as far as the audience may see them."""
    issue = new_issue(premises, proforma, plan, "pdf", "").model_copy(update={"to_sign": True})
    for block in lay_out(proforma, record, issue, "").blocks:
        boxes = tuple(replace(box, help="") for box in block.boxes if box.shown and may_see(box.name, eyes))
        seen = [n for n in range(len(block.columns)) if block.rows and may_see(block.rows[0].boxes[n].name, eyes)]
        rows = tuple(
            replace(row, boxes=tuple(row.boxes[n] for n in seen))
            for row in block.rows
            if any(b.shown for b in row.boxes)
        )
        columns = tuple(block.columns[n] for n in seen)
        if boxes or (rows and columns):
            yield Block(f"{called}: {block.heading}", boxes=boxes, columns=columns if rows else (), rows=rows,
                        row_noun=block.row_noun)  # fmt: skip


def _originals(premises: Premises, case: Case, eyes: frozenset[str]) -> tuple[list[Attachment], list[str]]:
    """The signed forms as they came, and the sealed versions; those that say more than the audience may see are not."""
    from engine.writing.pdf import Attachment

    files, left_out = [], []
    for edition in case.editions:
        for came, ending in signed_forms(premises, edition):
            given = premises.ledger.issue(came.form) if came.form else None
            proforma = _issue_of(premises, *((given.proforma, given.version) if given else _form_of(edition)))
            # Never by the name that it came under, which may say anything.
            called = f"Signed form {came.form or came.sha256[:8]}{ending}"
            if not _may_have(proforma, eyes) or is_confided(premises, came, eyes):
                left_out.append(f"Not attached, because it says more than is for these eyes: {called}.")
                continue
            about = f"a signed form of version {edition.number} as it came on {came.received:%d/%m/%Y}"
            files.append(Attachment(called, came.media_type, about, "Source", premises.archive.get(came.sha256)))
        files += _sealed(premises, edition) if _may_have(_issue_of(premises, *_form_of(edition)), eyes) else []
    return files, left_out


def _sealed(premises: Premises, edition: Edition) -> Iterator[Attachment]:
    from engine.writing.pdf import Attachment

    for seal in premises.ledger.seals(edition.plan):
        if seal.number == edition.number:
            about = f"the sealed version {edition.number}, in force from {edition.effective:%d/%m/%Y}"
            name = f"Funding-body version {edition.number} {edition.plan}.pdf"
            yield Attachment(name, "application/pdf", about, "Source", premises.sealed.get(seal.sha256))


def _form_of(edition: Edition) -> tuple[str, int]:
    return edition.proforma, edition.version


def _issue_of(premises: Premises, name: str, version: int) -> Proforma | None:
    """A form as it was when it was given out; None where the workspace has it no more."""
    found = premises.proformas.get(name)
    return found.as_of(version) if found else None


def _may_have(proforma: Proforma | None, eyes: frozenset[str]) -> bool:
    """Whether an audience may see everything that a form asks, and so the form itself; not where nobody can tell."""
    return proforma is not None and all(
        (place := place_of(path)) is not None and eyes <= place.audience for path in proforma.places()
    )


def _unique(files: Sequence[Attachment]) -> Iterator[Attachment]:
    """The files, none of one name with another."""
    seen: set[str] = set()
    for file in files:
        name = file.name
        while name in seen:
            stem, suffix = Path(name).stem, Path(name).suffix
            name = f"{stem} (more){suffix}"
        seen.add(name)
        yield replace(file, name=name)
