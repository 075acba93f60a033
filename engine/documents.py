"""A plan's record into the documents that lie in the outbox: which there must be, what stands on each, where it goes.

Everything here can be done again and again: what is there already and current is left as it is (law 2), and a
document is the same bytes each time (law 6), so that recovering from anything is doing it again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from engine import outbox, signoff
from engine.archive import Archive
from engine.clocks import Due, due
from engine.errors import Declined
from engine.files import safe_name
from engine.ledger import Ledger
from engine.model import Edition, Issue, Output, Query, Rendition, Revision, canonical, digest, short_number
from engine.places import Record
from engine.plan import TABLES, may_see, nest, next_key, place_of
from engine.proforma import Proforma
from engine.rules import Rules, rules_for
from engine.settings import Settings
from engine.sheet import Block, Sheet, display_name, lay_out, sealed

if TYPE_CHECKING:
    from engine.writing.pdf import Attachment

Medium = Literal["word", "pdf"]
SUFFIX: Mapping[str, str] = {"word": ".docx", "pdf": ".pdf"}
BLANKS = "blank forms"


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
    rules = rules_for(record, premises.today)
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
        due(record, rules, revisions[0].effective, assessed, may, state),
        queries,
    )


def _queries_at(ledger: Ledger, plan: str, number: int) -> Iterator[Query]:
    """The questions that were open when a revision was the newest."""
    for query, settled in ledger.queries(plan):
        raised = query.raised_in or 0
        if raised <= number and (settled is None or (settled.revision or 0) > number):
            yield query


# ── Giving out ──────────────────────────────────────────────────────────────────────────────────────────────────


def new_issue(premises: Premises, proforma: Proforma, plan: str | None, medium: Medium, folder: str) -> Issue:
    """A form's number and what it stands for: of the plan's newest revision, or blank. Not yet recorded."""
    ledger = premises.ledger
    revision = ledger.newest(plan) if plan else None
    same = [
        i
        for i in ledger.issues(plan)
        if (i.proforma, i.version, i.revision, i.medium, i.folder)
        == (proforma.proforma, proforma.version, revision, medium, folder)
    ]
    parts = (proforma.proforma, proforma.version, plan, revision, medium, folder, len(same))
    row = "" if not proforma.about else next_key(ledger.record(plan), proforma.about) if plan else "new"
    return Issue(
        form=short_number("F", *parts),
        proforma=proforma.proforma,
        version=proforma.version,
        plan=plan,
        revision=revision,
        medium=medium,
        folder=folder,
        # A blank is the same form whenever it is written, so it bears no day of its own.
        printed=premises.today if plan else BLANK_DAY,
        row=row,
        to_sign=bool(plan and proforma.edition),
    )


BLANK_DAY = dt.date(2026, 1, 1)
"""The day in the properties of a blank form; it is not printed."""


def sheet_of(premises: Premises, issue: Issue) -> Sheet:
    """What stands on a form that was given out; a function of the record alone (law 6)."""
    proforma = premises.proformas[issue.proforma]
    name = premises.settings.provider.name
    if issue.plan is None or issue.revision is None:
        return lay_out(proforma, {}, issue, name)
    there = standing(replace(premises, today=issue.printed), issue.plan, issue.revision)
    signers = frozenset(there.rules.who_signs(there.record).who) if proforma.edition else None
    notices = tuple(_notices(premises, there, proforma.eyes)) if proforma.mark and not proforma.edition else ()
    return lay_out(proforma, there.record, issue, name, proforma.mark, notices, signers)


def _notices(premises: Premises, there: Standing, eyes: frozenset[str]) -> Iterator[Block]:
    """What the working document says about itself: open questions, the signed version, what is due, what changed.

    Only of places that everybody who holds the document may see (law 8).
    """
    asked = tuple(f"{q.question} ({q.query})" for q in there.queries if may_see(q.place, eyes))
    if asked:
        yield Block("Questions still open", lines=asked)
    lines = [signoff.standing(there.edition, there.found)]
    lines += [f"Before it can be signed: {gate.why}." for gate in there.gates if not gate.passed]
    yield Block("The funding-body version", lines=tuple(lines))
    if there.due:
        yield Block("What is due", lines=tuple(f"{d.what}: by {d.day:%d/%m/%Y}." for d in there.due))
    changes = [d for d in there.latest.decisions if d.applies and may_see(d.place, eyes) and not _is_signature(d.place)]
    if changes:
        words = labels(premises.proformas)
        said = tuple(f"{label_of(words, d.place)}: {_change(d.place, d.ours, d.theirs)}" for d in changes[:12])
        more = (f"and {len(changes) - 12} more.",) if len(changes) > 12 else ()
        yield Block(f"What changed in revision {there.latest.number}", lines=(*said, *more))


def _is_signature(path: str) -> bool:
    return path.startswith("signatures[")


def _change(path: str, was: object, now: object) -> str:
    place = place_of(path)
    show = [place.show(v) if place and (v is None or isinstance(v, (str, bool, int))) else str(v) for v in (was, now)]
    old, new = (text if len(text) <= 120 else f"{text[:117]}…" for text in show)
    return f"“{old}” is now “{new}”" if old and new else f"“{new}”" if new else f"“{old}” was removed"


def labels(proformas: Mapping[str, Proforma]) -> dict[str, str]:
    """The words that people know each place by, rows as KEY: those of the first proforma that asks for it."""
    found: dict[str, str] = {}
    for proforma in proformas.values():
        for _, question, place in proforma.questions():
            found.setdefault(place.path, question.label)
    return found


def label_of(words: Mapping[str, str], path: str) -> str:
    """A place in words: the label of its question, with the row's key."""
    place = place_of(path)
    if place is None:
        return path
    key = path[path.index("[") + 1 : path.index("]")] if place.repeats else ""
    table, _, column = place.path.partition("[KEY].")
    known = words.get(place.path) or f"{TABLES[table].noun}, {column}".replace("_", " ").capitalize()
    return f"{known} ({key})" if key else known


def render(premises: Premises, issue: Issue) -> Rendition:
    """The document of a form that was given out, read back and found to say what the record says (law 7).

    Raises:
        Declined: when it does not read back as it was written; nothing leaves then.
    """
    sheet = sheet_of(premises, issue)
    if issue.medium == "word":
        from engine.writing.word import write_form
    else:
        from engine.writing.pdf import write_form
    rendition = write_form(sheet)
    wrong = disagreements(sheet, rendition.content)
    if wrong:
        raise Declined(f"“{sheet.title}” was held back: it does not read back as written ({'; '.join(wrong[:3])}).")
    return rendition


def disagreements(sheet: Sheet, content: bytes) -> list[str]:
    """Where a document, read back, says something else than the sheet it was written from."""
    from engine.reading import read

    form = read(content)
    if form.refused:
        return [form.refused.reason]
    wrong = [] if form.stamps == (sheet.stamp,) else ["its stamp"]
    said = {field.name: field.value for field in form.fields}
    for box in sheet.boxes():
        place = place_of(box.name)
        read_back = said.get(box.name)
        assert place is not None
        words = read_back if isinstance(read_back, (str, bool)) else None
        try:
            value = place.parse(words)
        except ValueError:
            value = words
        if box.name not in said or value != box.value:
            wrong.append(f"{box.label}: “{box.shown}” came back as “{read_back or ''}”")
    return wrong


# ── The outbox ──────────────────────────────────────────────────────────────────────────────────────────────────


def person_folder(record: Record, plan: str) -> str:
    """The folder of one learner: `Kaur, Amrit (P-7K3QX9ZA)`."""
    names = [str(record.get(p) or "") for p in ("learner.family_name", "learner.given_name")]
    return safe_name(f"{', '.join(n for n in names if n) or 'Learner'} ({plan})")


def file_name(proforma: Proforma, medium: str, record: Record) -> str:
    """What a kept document is called."""
    mark = f" - {proforma.mark.lower()}" if proforma.mark else ""
    return safe_name(f"{proforma.title}{mark} - {display_name(record) or 'learner'}") + SUFFIX[medium]


def refresh(premises: Premises, plan: str) -> int:
    """Writes every document of a plan that is missing or no longer current; tells how many."""
    there = standing(premises, plan)
    written = premises.ledger.written()
    wanted: set[str] = set()
    count = 0
    near = {d.clock for d in there.due if d.near(premises.today)}
    for proforma in premises.proformas.values():
        for keep in proforma.keep:
            if keep.when == "due" and (proforma.clock not in near or (proforma.edition and not there.may_sign)):
                continue
            for medium in keep.media:
                name = file_name(proforma, medium, there.record)
                path = f"{keep.folder}/{person_folder(there.record, plan)}/{name}"
                wanted.add(path)
                issue = _current(premises, proforma, there, medium, keep.folder, keep.when)
                count += _write(premises, path, issue, written)
    for ours in written.values():
        if ours.plan == plan and ours.form and ours.path not in wanted and outbox.remove(premises.outbox, ours):
            with premises.ledger.writing():
                premises.ledger.forget(ours.path)
    return count


def _current(premises: Premises, proforma: Proforma, there: Standing, medium: Medium, folder: str, when: str) -> Issue:
    """The issue whose document is current: the last one if it still says what is so, else a new one.

    A working document moves with every revision; a form that lies ready to be filled in or signed only when
    something on it has changed.
    """
    earlier = [
        i
        for i in premises.ledger.issues(there.plan)
        if (i.proforma, i.version, i.medium, i.folder) == (proforma.proforma, proforma.version, medium, folder)
    ]
    if earlier:
        last = earlier[-1]
        if last.revision == there.latest.number:
            return last
        if when == "due" and last.row == (next_key(there.record, proforma.about) if proforma.about else ""):
            printed = premises.ledger.record(there.plan, last.revision)
            if signoff.content(printed, proforma) == signoff.content(there.record, proforma):
                return last
    issue = new_issue(premises, proforma, there.plan, medium, folder)
    with premises.ledger.writing():
        premises.ledger.give_out(issue)
    return issue


def _write(premises: Premises, path: str, issue: Issue, written: Mapping[str, Output]) -> int:
    """Writes the document of an issue at its path, unless it stands there; 1 if written."""
    there = written.get(path)
    if there and there.form == issue.form and (premises.outbox / path).exists():
        return 0
    return put(premises, path, render(premises, issue).content, issue.plan, issue.form, written)


def put(
    premises: Premises, path: str, content: bytes, plan: str | None, form: str | None, written: Mapping[str, Output]
) -> int:
    """Writes a file into the outbox and remembers it; 1 if it was not there already."""
    at = outbox.put(premises.outbox, path, content, written)
    if at is None:
        return 0
    with premises.ledger.writing():
        premises.ledger.wrote(at, digest(content), plan, form)
    return 1


def blank_forms(premises: Premises) -> int:
    """Keeps the current blank of every proforma in `outbox/blank forms`; tells how many it wrote."""
    written = premises.ledger.written()
    count = 0
    for proforma in premises.proformas.values():
        for medium in ("word", "pdf"):
            issue = blank(premises, proforma, medium)
            count += _write(premises, f"{BLANKS}/{safe_name(proforma.title)}{SUFFIX[medium]}", issue, written)
    return count


def blank(premises: Premises, proforma: Proforma, medium: Medium) -> Issue:
    """The current blank of a proforma: one number for all its copies, given once."""
    for issue in premises.ledger.issues(None):
        if (issue.proforma, issue.version, issue.medium) == (proforma.proforma, proforma.version, medium):
            return issue
    issue = new_issue(premises, proforma, None, medium, BLANKS)
    with premises.ledger.writing():
        premises.ledger.give_out(issue)
    return issue


# ── The funding-body version ────────────────────────────────────────────────────────────────────────────────────


def sealed_sheet(premises: Premises, edition: Edition, head: str) -> tuple[Sheet, tuple[Attachment, ...]]:
    """What is sealed: the version as static text with its signatures and evidence, and the files it carries.

    Args:
        head: the journal's newest hash, which ties the file to the ledger's whole history (law 10).
    """
    from engine.writing.pdf import Attachment

    proforma = premises.proformas[edition.proforma]
    record = premises.ledger.record(edition.plan, edition.revision)
    copy = premises.ledger.issue(edition.form)
    assert copy is not None
    signers = frozenset(s.role for s in edition.signatures)
    sheet = lay_out(proforma, record, copy, premises.settings.provider.name, signers=signers)
    attachments = [
        Attachment(
            "record.json",
            "application/json",
            "the record that this version prints, for programs",
            "Data",
            canonical(_record_of(edition, signoff.content(record, proforma), head)).encode(),
        )
    ]
    for sha256 in dict.fromkeys(s.submission for s in edition.signatures if s.submission):
        came = premises.ledger.submission(sha256)
        if came:
            suffix = ".pdf" if came.media_type == "application/pdf" else ".docx"
            roles = " and ".join(s.role for s in edition.signatures if s.submission == sha256)
            name = f"signed-by-{roles.replace(' ', '-')}-{sha256[:8]}{suffix}"
            about = f"the form as it came back, signed by the {roles}"
            attachments.append(Attachment(name, came.media_type, about, "Source", premises.archive.get(sha256)))
    return sealed(sheet, edition.number, edition.signatures, _evidence(edition, head)), tuple(attachments)


def _record_of(edition: Edition, printed: Record, head: str) -> dict[str, object]:
    return {
        "format": "counterpart-edition-1",
        "edition": edition.model_dump(mode="json"),
        "record": nest(printed),
        "journal": head,
    }


def _evidence(edition: Edition, head: str) -> tuple[Block, ...]:
    """The appendix: how each signature was made, and what the version rests on."""
    signatures = tuple(
        f"{s.role.capitalize()}: {s.name}, signed {s.date:%d/%m/%Y}, {s.method}; form {s.form}, received "
        f"{s.received:%d/%m/%Y}" + (f", file {s.submission}" if s.submission else "") + f", revision {s.revision}."
        for s in edition.signatures
    )
    rests = (
        f"Plan {edition.plan}, revision {edition.revision}, hash {edition.revision_hash}.",
        f"What is printed above has the digest {edition.content}.",
        f"In force from {edition.effective:%d/%m/%Y}, under the rules of {edition.rules}.",
        f"The ledger's journal stood at {head} when this was sealed.",
    )
    return (Block("How each signature was made", lines=signatures), Block("What this version rests on", lines=rests))


SEALED_FOLDERS = ("staff", "learner", "employer", "funding-body")
"""The audience folders that get a copy of a sealed version, as far as its proforma's audience goes."""


def place_sealed(premises: Premises, edition: Edition, content: bytes) -> int:
    """Puts copies of a sealed version where its parties look; tells how many it wrote."""
    record = premises.ledger.record(edition.plan)
    audience = premises.proformas[edition.proforma].audience
    written = premises.ledger.written()
    name = safe_name(f"Funding-body version {edition.number} - sealed - {display_name(record)}") + ".pdf"
    folders = [f for f in SEALED_FOLDERS if f == "staff" or f in audience]
    paths = [f"{folder}/{person_folder(record, edition.plan)}/{name}" for folder in folders]
    missing = [p for p in paths if not (p in written and (premises.outbox / p).exists())]
    return sum(put(premises, path, content, edition.plan, None, written) for path in missing)
