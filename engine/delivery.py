"""The outbox kept current: which documents must lie there for a plan, under what names, and no others of ours.

Everything here can be done again and again: what is there already and current is left as it is (law 2), so that
recovering from anything is doing it again.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine import outbox, signoff
from engine.documents import BLANKS, STANDARD, Medium, new_issue, render, slip_rows, worked_out
from engine.files import safe_name
from engine.model import Edition, Issue, Manner, Variant, digest
from engine.names import named
from engine.places import Record
from engine.premises import Premises
from engine.proforma import Keep, Proforma
from engine.sheet import display_name, own_row
from engine.standing import Standing, standing

SUFFIX: Mapping[str, str] = {"word": ".docx", "pdf": ".pdf"}


def person_folder(premises: Premises, record: Record, plan: str) -> str:
    """The folder of one learner: `Kaur, Amrit (P-7K3QX9ZA)`."""
    family, given = (str(record.get(f"learner.{part}_name") or "") for part in ("family", "given"))
    return named(premises.settings.names.folder, family_name=family, given_name=given, plan=plan)


def file_name(premises: Premises, proforma: Proforma, medium: str, record: Record) -> str:
    """What a kept document is called."""
    learner = display_name(record, proforma.eyes) or "learner"
    pattern = premises.settings.names.document
    return named(pattern, title=proforma.title, mark=proforma.mark, learner=learner) + SUFFIX[medium]


def move(premises: Premises, plan: str) -> None:
    """Moves a plan's folders whole when its learner is called otherwise now, with what people have put into them.

    A folder in which somebody has a file open stays, and is moved another time.
    """
    now = person_folder(premises, premises.ledger.record(plan), plan)
    lying = [(ours, ours.path.split("/")) for ours in premises.ledger.outputs(plan)]
    for ours, (folder, was, name) in ((ours, parts) for ours, parts in lying if len(parts) == 3 and parts[1] != now):
        old, new = premises.outbox / folder / was, premises.outbox / folder / now
        if not outbox.move(old, new):
            continue
        with premises.ledger.writing():
            premises.ledger.forget(ours.path)
            premises.ledger.wrote(f"{folder}/{now}/{name}", ours.sha256, ours.plan, ours.form)


def wished(record: Record) -> Manner:
    """The manner in which a learner wants the documents that lie in the learner's own folder."""
    large = str(record.get("learner.type_size") or "").startswith("Large")
    plain = bool(record.get("learner.plain_words"))
    variants: Mapping[tuple[bool, bool], Variant] = {
        (False, False): "standard", (True, False): "large-print",
        (False, True): "plain", (True, True): "plain-large-print",
    }  # fmt: skip
    return Manner(variants[large, plain])


def refresh(premises: Premises, plan: str) -> int:
    """Writes every document of a plan that is missing or no longer current; tells how many.

    A plan that was joined to another has none of its own, but for its sealed versions.
    """
    there = standing(premises, plan)
    wanted: dict[str, str] = {}
    if there.record.get("closing.into"):
        _clear(premises, plan, wanted)
        return 0
    count = 0
    near = {d.clock for d in there.due if d.near(premises.today)}
    for proforma in premises.proformas.values():
        for keep in proforma.keep:
            if keep.when == "due" and not (proforma.clock in near and _may_lie(proforma, there)):
                continue
            if keep.when == "asked" and not slip_rows(there.queries, keep.folder):
                continue
            manner = wished(there.record) if keep.folder == "learner" else STANDARD
            for medium in keep.media:
                name = file_name(premises, proforma, medium, there.record)
                path = f"{keep.folder}/{person_folder(premises, there.record, plan)}/{name}"
                issue = _current(premises, proforma, there, medium, keep, manner)
                wanted[path] = issue.form
                count += _write(premises, path, issue)
    _clear(premises, plan, wanted)
    return count


def _may_lie(proforma: Proforma, there: Standing) -> bool:
    """Whether a form that is due may lie ready: one for signature when the gates let it, a sheet when it amends."""
    amending = there.found is not None and there.found.stale
    return not proforma.signable or (there.may_sign and (amending or not proforma.amends))


def _clear(premises: Premises, plan: str, wanted: Mapping[str, str]) -> None:
    """Takes away the documents of ours that are no longer wanted.

    One that had to be put beside a document that was open stays until it stands in its own place.

    Args:
        wanted: the paths where a document must lie, and the number of the form each must hold.
    """
    lying = {ours.path: ours for ours in premises.ledger.outputs(plan) if ours.form}
    arrived = {form for path, form in wanted.items() if path in lying and lying[path].form == form}
    for path, ours in lying.items():
        beside = ours.form in wanted.values() and ours.form not in arrived
        if path not in wanted and not beside and outbox.remove(premises.outbox, ours):
            with premises.ledger.writing():
                premises.ledger.forget(path)


def _current(
    premises: Premises, proforma: Proforma, there: Standing, medium: Medium, keep: Keep, manner: Manner
) -> Issue:
    """The issue whose document is current: the last one if it still says what is so, else a new one.

    A working document moves with every revision; a form that lies ready to be filled in or signed only when
    something on it has changed.
    """
    earlier = [
        i
        for i in premises.ledger.issues(there.plan)
        if (i.proforma, i.version, i.medium, i.folder, i.manner)
        == (proforma.proforma, proforma.version, medium, keep.folder, manner)
    ]
    if earlier:
        last = earlier[-1]
        if proforma.signable:
            out = there.copies.get(last.form)
            if out and there.copy and out.binds == there.copy.binds and last.form not in there.spoilt:
                return last
        elif last.revision == there.latest.number:
            return last
        elif keep.when == "due" and last.row == own_row(proforma, there.record):
            printed = premises.ledger.record(there.plan, last.revision)
            if signoff.content(printed, proforma) == signoff.content(there.record, proforma):
                return last
        elif keep.when == "asked" and worked_out(premises, last) == slip_rows(there.queries, keep.folder):
            return last
    issue = new_issue(premises, proforma, there.plan, medium, keep.folder, manner)
    with premises.ledger.writing():
        premises.ledger.give_out(issue)
    return issue


def _write(premises: Premises, path: str, issue: Issue) -> int:
    """Writes the document of an issue at its path, unless it stands there; 1 if written."""
    there = premises.ledger.output(path)
    if there and there.form == issue.form and (premises.outbox / path).exists():
        return 0
    return put(premises, path, render(premises, issue).content, issue.plan, issue.form)


def stands(premises: Premises, path: str) -> bool:
    """Whether a file of ours stands at a path of the outbox."""
    return premises.ledger.output(path) is not None and (premises.outbox / path).exists()


def put(premises: Premises, path: str, content: bytes, plan: str | None = None, form: str | None = None) -> int:
    """Writes a file into the outbox and remembers whose it is; 1 if it was not there already."""
    at = outbox.put(premises.outbox, path, content, premises.ledger.output)
    if at is None:
        return 0
    with premises.ledger.writing():
        premises.ledger.wrote(at, digest(content), plan, form)
    return 1


def blank_forms(premises: Premises) -> int:
    """Keeps the current blank of every proforma in `outbox/blank forms`; tells how many it wrote."""
    count = 0
    for proforma in (p for p in premises.proformas.values() if not p.amends and not p.settles):
        for medium in ("word", "pdf"):
            issue = blank(premises, proforma, medium)
            count += _write(premises, f"{BLANKS}/{safe_name(proforma.title)}{SUFFIX[medium]}", issue)
    return count


def blank(premises: Premises, proforma: Proforma, medium: Medium, manner: Manner = STANDARD) -> Issue:
    """The current blank of a proforma in one manner: one number for all its copies, given once."""
    for issue in premises.ledger.issues(None):
        if (issue.proforma, issue.version, issue.medium, issue.manner) == (
            proforma.proforma, proforma.version, medium, manner,
        ):  # fmt: skip
            return issue
    issue = new_issue(premises, proforma, None, medium, BLANKS, manner)
    with premises.ledger.writing():
        premises.ledger.give_out(issue)
    return issue


SEALED_FOLDERS = ("staff", "learner", "employer", "funding-body")
"""The audience folders that get a copy of a sealed version, as far as its proforma's audience goes."""


def place_sealed(premises: Premises, edition: Edition, content: bytes) -> int:
    """Puts copies of a sealed version where its parties look; tells how many it wrote."""
    record = premises.ledger.record(edition.plan)
    proforma = premises.proformas[edition.proforma]
    # It keeps the name that the learner had when it was signed, as the words in it do.
    learner = display_name(premises.ledger.record(edition.plan, edition.revision), proforma.eyes)
    name = named(premises.settings.names.sealed, number=str(edition.number), learner=learner) + ".pdf"
    folders = [f for f in SEALED_FOLDERS if f == "staff" or f in proforma.audience]
    paths = [f"{folder}/{person_folder(premises, record, edition.plan)}/{name}" for folder in folders]
    return sum(put(premises, path, content, edition.plan) for path in paths if not stands(premises, path))
