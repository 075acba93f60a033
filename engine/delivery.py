"""The outbox kept current: which documents must lie there for a plan, under what names, and no others of ours.

Everything here can be done again and again: what is there already and current is left as it is (law 2), so that
recovering from anything is doing it again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import product

from engine import guides, outbox, sharing, signoff
from engine.documents import BLANKS, STANDARD, Medium, new_issue, render, sheet_of, slip_rows, worked_out
from engine.files import open_elsewhere, safe_name
from engine.layout import own_row
from engine.model import Edition, Issue, Manner, Variant, canonical, digest
from engine.names import named
from engine.places import Record
from engine.plan import may_see
from engine.premises import Premises
from engine.proforma import ROLE_LETTER, Keep, Proforma
from engine.sheet import Sheet, display_name
from engine.standing import Standing, standing

SUFFIX: Mapping[str, str] = {"word": ".docx", "pdf": ".pdf"}


def person_folder(premises: Premises, record: Record, plan: str) -> str:
    """The folder of one learner: `Kaur, Amrit (P-7K3QX9ZA)`."""
    family, given = (str(record.get(f"learner.{part}_name") or "") for part in ("family", "given"))
    return named(premises.settings.names.folder, family_name=family, given_name=given, plan=plan)


def file_name(premises: Premises, proforma: Proforma, medium: str, record: Record, manner: Manner = STANDARD) -> str:
    """What a kept document is called."""
    learner = display_name(record, proforma.eyes | frozenset(ROLE_LETTER.get(manner.role, ""))) or "learner"
    pattern = premises.settings.names.document
    title = f"{proforma.title}, {manner.section}" if manner.section else proforma.title
    mark = "" if manner.section else proforma.mark
    return named(pattern, title=title, mark=mark, learner=learner) + SUFFIX[medium]


def move(premises: Premises, plan: str) -> bool:
    """Moves a plan's folders whole when its learner is called otherwise now, with what people have put into them.

    A folder in which somebody has a file open stays, and is moved another time; tells whether none had to.
    """
    whole = True
    now = person_folder(premises, premises.ledger.record(plan), plan)
    lying = [(ours, ours.path.split("/")) for ours in premises.ledger.derived.outputs(plan)]
    for ours, (folder, was, name) in ((ours, parts) for ours, parts in lying if len(parts) == 3 and parts[1] != now):
        old, new = premises.outbox / folder / was, premises.outbox / folder / now
        if not outbox.move(old, new):
            whole = False
            continue
        with premises.ledger.writing():
            premises.ledger.derived.forget(ours.path)
            premises.ledger.derived.wrote(f"{folder}/{now}/{name}", ours.sha256, ours.plan, ours.form)
    return whole


def wished(record: Record, usual: Manner) -> Manner:
    """The manner in which a learner wants the documents that lie in the learner's own folder."""
    large = str(record.get("learner.type_size") or "").startswith("Large")
    plain = bool(record.get("learner.plain_words"))
    variants: Mapping[tuple[bool, bool], Variant] = {
        (False, False): "standard", (True, False): "large-print",
        (False, True): "plain", (True, True): "plain-large-print",
    }  # fmt: skip
    return replace(usual, variant=variants[large, plain])


@dataclass(frozen=True, slots=True)
class Wanted:
    """What must lie in the outbox for a plan, as of its newest revision.

    Attributes:
        there: where the plan stands, with these forms given out.
        entry: how many entries the ledger's journal had by then.
        paths: where a document must lie, and the number of the form each must hold.
        missing: the forms of those that do not stand there yet.
    """

    there: Standing
    entry: int
    paths: Mapping[str, str]
    missing: Mapping[str, Issue]


def wanted(premises: Premises, plan: str) -> Wanted:
    """What must lie there for a plan; gives out the forms that it takes. Nothing is written yet.

    A plan that was joined to another has none of its own, but for its sealed versions.
    """
    ledger = premises.ledger
    there = standing(premises, plan)
    if there.record.get("closing.into"):
        return Wanted(there, ledger.entries(), {}, {})
    near = {d.clock for d in there.due if d.near(premises.today)}
    earlier, before = ledger.issues(plan), ledger.entries()
    paths: dict[str, str] = {}
    missing: dict[str, Issue] = {}
    with ledger.writing():
        usual = Manner(size=premises.settings.forms.size)
        for proforma in premises.proformas.values():
            for keep in (*proforma.keep, *_ready(premises, proforma, there)):
                if keep.when == "due" and not (proforma.clock in near and _may_lie(proforma, there)):
                    continue
                if keep.when == "asked" and not slip_rows(there.queries, keep.folder, proforma.eyes):
                    continue
                if not _has_a_copy(premises, proforma, there, keep.folder):
                    continue
                for manner, medium in product(_manners(proforma, there, keep, usual, premises.today), keep.media):
                    name = file_name(premises, proforma, medium, there.record, manner)
                    path = f"{keep.folder}/{person_folder(premises, there.record, plan)}/{name}"
                    issue = _current(premises, proforma, there, medium, keep, manner, earlier)
                    paths[path] = issue.form
                    if not _holds(premises, path, issue.form) and not _waits_beside(premises, path, issue.form):
                        missing[path] = issue
    entry = ledger.entries()
    # Giving forms out may have moved the plan's state.
    return Wanted(standing(premises, plan) if entry > before else there, entry, paths, missing)


def _has_a_copy(premises: Premises, proforma: Proforma, there: Standing, role: str) -> bool:
    """Whether those whose folder it is may have a form: one that is out for signature, only whoever signs it."""
    if proforma.signable and role in ROLE_LETTER and role not in there.roles:
        return False
    if there.rules.part_of(role, there.record, premises.today) is None:
        return True
    if there.ended:
        return False
    return proforma.owned or sharing.may_have(there.record, proforma, premises.owned, role, there.rules, premises.today)


def _manners(proforma: Proforma, there: Standing, keep: Keep, usual: Manner, today: dt.date) -> Iterator[Manner]:
    """In which manner a form lies in a folder: whole for its audience, else somebody's own part, or what is shared."""
    if keep.when == "shared":
        for heading in sharing.visible(there.record, proforma, keep.folder, today):
            yield replace(usual, role=keep.folder, section=heading)
    elif keep.folder == "staff" or keep.folder in proforma.audience:
        yield wished(there.record, usual) if keep.folder == "learner" else usual
    else:
        yield replace(usual, role=keep.folder)


def _ready(premises: Premises, proforma: Proforma, there: Standing) -> Iterator[Keep]:
    """Where the settings have a form lie ready whether it is due or not."""
    if there.ended or proforma.signable or proforma.settles or proforma.serves:
        return
    always = {keep.folder for keep in proforma.keep if keep.when == "always"}
    for folder, names in premises.settings.ready.model_dump().items():
        if proforma.proforma in names and folder not in always:
            yield Keep(folder=folder, media=("word",), when="ready")


def sheets(premises: Premises, found: Wanted) -> dict[str, Sheet]:
    """What must be typeset, by path."""
    return {path: sheet_of(premises, issue) for path, issue in found.missing.items()}


def deliver(premises: Premises, found: Wanted, contents: Mapping[str, bytes]) -> int:
    """Puts a plan's documents where they must lie, and takes away those that are no longer wanted; tells how many.

    Args:
        contents: what was typeset, by path.
    """
    count = 0
    for path, content in contents.items():
        count += put(premises, path, content, found.there.plan, found.paths[path])
    _clear(premises, found.there.plan, found.paths)
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
    lying = {ours.path: ours for ours in premises.ledger.derived.outputs(plan) if ours.form}
    arrived = {form for path, form in wanted.items() if path in lying and lying[path].form == form}
    for path, ours in lying.items():
        beside = ours.form in wanted.values() and ours.form not in arrived
        if path not in wanted and not beside and outbox.remove(premises.outbox, ours):
            with premises.ledger.writing():
                premises.ledger.derived.forget(path)


def _current(
    premises: Premises, proforma: Proforma, there: Standing, medium: Medium, keep: Keep, manner: Manner,
    issues: list[Issue],
) -> Issue:  # fmt: skip
    """The issue whose document is current: the last one if it still says what is so, else a new one.

    A working document moves with every revision; a form that lies ready to be filled in or signed only when
    something on it has changed.

    Args:
        issues: what was given out for the plan before.
    """
    earlier = [
        i
        for i in issues
        if (i.proforma, i.medium, i.folder, i.manner) == (proforma.proforma, medium, keep.folder, manner)
        # What is out for signature stays out in the wording that it has.
        and (i.version == proforma.version or proforma.signable)
    ]
    if earlier:
        last = earlier[-1]
        if proforma.signable:
            out = there.copies.get(last.form)
            if out and there.copy and out.binds == there.copy.binds and last.form not in there.spoilt:
                return last
        elif last.revision == there.latest.number:
            return last
        elif keep.when in ("due", "ready", "shared") and last.row == own_row(proforma, there.record):
            printed = premises.ledger.record(there.plan, last.revision)
            if _prints(printed, proforma, manner) == _prints(there.record, proforma, manner):
                return last
        elif keep.when == "asked" and worked_out(premises, last) == slip_rows(
            there.queries, keep.folder, proforma.eyes
        ):
            return last
    issue = new_issue(premises, proforma, there.plan, medium, keep.folder, manner, issues)
    with premises.ledger.writing():
        premises.ledger.give_out(issue)
    return issue


def _prints(record: Record, proforma: Proforma, manner: Manner) -> Record:
    """What a copy prints of a record: of one section alone, or no more than one role may see."""
    alone = proforma.section(manner.section) if manner.section else None
    found = signoff.content(record, proforma.model_copy(update={"sections": (alone,)}) if alone else proforma)
    letters = ROLE_LETTER.get(manner.role, "")
    return {path: value for path, value in found.items() if may_see(path, letters)}


def _holds(premises: Premises, path: str, form: str) -> bool:
    """Whether the document of a form stands at a path."""
    there = premises.ledger.derived.output(path)
    return bool(there and there.form == form and (premises.outbox / path).exists())


def _waits_beside(premises: Premises, path: str, form: str) -> bool:
    """Whether a document stands beside its place because somebody has the one there open."""
    return open_elsewhere(premises.outbox / path) and _holds(premises, outbox.beside(path), form)


def waits(premises: Premises, found: Wanted) -> bool:
    """Whether a document of a plan has to be put in its place yet, once what is open there is closed."""
    return any(_waits_beside(premises, path, form) for path, form in found.paths.items())


def stands(premises: Premises, path: str) -> bool:
    """Whether a file of ours stands at a path of the outbox."""
    return premises.ledger.derived.output(path) is not None and (premises.outbox / path).exists()


def put(premises: Premises, path: str, content: bytes, plan: str | None = None, form: str | None = None) -> int:
    """Writes a file into the outbox and remembers whose it is; 1 if it was not there already.

    A crash between the two leaves a file that nobody remembers; written again, it is the same (law 6), and so is ours.
    """
    at = outbox.put(premises.outbox, path, content, premises.ledger.derived.output)
    if at is None:
        return 0
    with premises.ledger.writing():
        premises.ledger.derived.wrote(at, digest(content), plan, form)
        saw(premises, at)
    return 1


def saw(premises: Premises, path: str) -> None:
    """Remembers how a file looks that holds what was written; inside `ledger.writing()`."""
    found = (premises.outbox / path).stat()
    premises.ledger.derived.saw(path, found.st_size, found.st_mtime_ns)


def blank_forms(premises: Premises, anew: bool = False) -> int:
    """Keeps the current blank of every proforma in `outbox/blank forms`, with its guides; tells how many it wrote.

    Args:
        anew: whether what they are made of may have changed, so that those are written again of which it has.
    """
    from engine.writing.pdf import write_guide

    count, paths = 0, set[str]()
    said = premises.ledger.derived.said
    made_of = {name: _made_of(premises, form) for name, form in premises.proformas.items()} if anew else {}
    reworded = {name for name, now in made_of.items() if said(f"blank {name}") != now}
    handed_out = ("", "request")
    # Other people's forms come last: what is wrong with one of them keeps none of ours away.
    for proforma in sorted(premises.proformas.values(), key=lambda p: bool(p.blank)):
        if proforma.amends or proforma.settles or proforma.serves not in handed_out:
            continue
        media: tuple[Medium, ...] = (proforma.medium,) if proforma.medium else ("word", "pdf")
        manner = STANDARD if proforma.blank else Manner(size=premises.settings.forms.size)
        for medium in media:
            issue = blank(premises, proforma, medium, manner)
            path = f"{BLANKS}/{safe_name(proforma.title)}{SUFFIX[medium]}"
            paths.add(path)
            if proforma.proforma in reworded or not _holds(premises, path, issue.form):
                count += put(premises, path, render(premises, issue).content, None, issue.form)
        for path, sheet in _guides(premises, proforma):
            paths.add(path)
            if proforma.proforma in reworded or not stands(premises, path):
                count += put(premises, path, write_guide(sheet))
    if anew:
        with premises.ledger.writing():
            for name in reworded:
                premises.ledger.derived.say(f"blank {name}", made_of[name])
        _clear_blanks(premises, paths)
    return count


def _made_of(premises: Premises, proforma: Proforma) -> str:
    """The digest of all that a blank and its guides are made of."""
    settings = premises.settings
    said = proforma.model_dump(mode="json", exclude={"earlier"})
    return digest(canonical([version("counterpart"), settings.provider.model_dump(), settings.forms.size, said]))


def _guides(premises: Premises, proforma: Proforma) -> Iterator[tuple[str, Sheet]]:
    """The companions of a form, each with its path."""
    provider = premises.settings.provider
    for kind, sheet in (
        ("guide for learners", guides.for_learners(proforma, provider.name, provider.tell_learners)),
        ("notes for staff", guides.for_staff(proforma, provider.name)),
    ):
        if sheet:
            yield f"{BLANKS}/guides/{safe_name(f'{proforma.title} - {kind}')}.pdf", sheet


def _clear_blanks(premises: Premises, wanted: Collection[str]) -> None:
    """Takes away the blanks that are called otherwise now, or are no longer used."""
    for ours in premises.ledger.derived.outputs():
        old = ours.path.startswith(f"{BLANKS}/") and ours.path not in wanted
        if old and outbox.remove(premises.outbox, ours):
            with premises.ledger.writing():
                premises.ledger.derived.forget(ours.path)


def blank(premises: Premises, proforma: Proforma, medium: Medium, manner: Manner = STANDARD) -> Issue:
    """The current blank of a proforma in one manner: one number for all its copies, given once."""
    for issue in premises.ledger.issues(None, proforma.proforma):
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
    """Puts copies of a sealed version where its parties look; tells how many it wrote.

    Where its proforma is gone, nobody can tell who they are; the copies then stay where they were put before.

    Raises:
        Declined: when its proforma is gone, and no copy was put anywhere before.
    """
    sha256 = digest(content)
    lying = [ours.path for ours in premises.ledger.derived.outputs(edition.plan) if ours.sha256 == sha256]
    known = edition.proforma in premises.proformas or not lying
    paths = list(_sealed_paths(premises, edition)) if known else lying
    return sum(
        put(premises, path, content, edition.plan)
        for path in paths
        if path not in lying or not (premises.outbox / path).exists()
    )


def _sealed_paths(premises: Premises, edition: Edition) -> Iterator[str]:
    """Where copies of a sealed version lie."""
    record, proforma = premises.ledger.record(edition.plan), premises.proforma_of(edition)
    # It keeps the name that the learner had when it was signed, as the words in it do.
    learner = display_name(premises.ledger.record(edition.plan, edition.revision), proforma.eyes)
    name = named(premises.settings.names.sealed, number=str(edition.number), learner=learner) + ".pdf"
    for folder in SEALED_FOLDERS:
        if folder == "staff" or folder in proforma.audience:
            yield f"{folder}/{person_folder(premises, record, edition.plan)}/{name}"
