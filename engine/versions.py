"""What is sealed: a funding-body version as static text, with its signatures, its evidence and the files it carries."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Literal

from engine import evidence, signoff
from engine.amendment import told
from engine.layout import lay_out
from engine.model import Edition, Media, Submission, canonical
from engine.places import Record
from engine.premises import Premises, label_of, labels
from engine.proforma import Proforma
from engine.reading.sniff import ENDINGS
from engine.sheet import Block, Box, Sheet, sealed
from engine.signable import says_more, told_of, waived
from engine.standing import since_before

if TYPE_CHECKING:
    from engine.writing.pdf import Attachment


def sealed_sheet(premises: Premises, edition: Edition, head: str) -> tuple[Sheet, tuple[Attachment, ...]]:
    """What is sealed: the version as static text with its signatures and evidence, and the files it carries.

    Args:
        head: the journal's newest hash, which ties the file to the ledger's whole history (law 10).
    """
    ledger = premises.ledger
    record = ledger.record(edition.plan, edition.revision)
    signed = ledger.issue(edition.form)
    assert signed is not None
    proforma = premises.proforma_of(signed)
    # Whatever variant was signed, and for whose hand: what is sealed is the whole of it.
    copy = signed.model_copy(update={"variant": "standard", "role": "", "section": ""})
    signers = frozenset(s.role for s in edition.signatures)
    sheet = lay_out(proforma, record, copy, premises.settings.provider.name, signers=signers)
    printed = signoff.content(record, proforma)
    found = evidence.sources(ledger.revisions(edition.plan)[: edition.revision], printed)
    words = labels({proforma.proforma: proforma})
    said = {box.name: label_of(words, box.name) for block in sheet.blocks for box in _boxes(block) if box.shown}
    earlier = [told_of(e) for e in ledger.editions(edition.plan) if e.number < edition.number]
    confided = tuple(came for came, _ in signed_forms(premises, edition) if is_confided(premises, came, proforma.eyes))
    proofs = (
        *_circumstances(premises, edition, proforma, record),
        *evidence.appendix(edition, said, found, head, earlier),
        *_not_attached(confided),
    )
    return sealed(sheet, edition.number, edition.signatures, proofs), (
        _json("record.json", "the record that this version prints, for programs", "Data",
              evidence.record_of(edition, printed, found, head)),
        _json(evidence.SCHEMA_FILE, "what the record holds, as a JSON schema", "Supplement", evidence.schema(proforma)),
        *_originals(premises, edition, confided),
    )  # fmt: skip


def _boxes(block: Block) -> Iterator[Box]:
    yield from block.boxes
    for row in block.rows:
        yield from row.boxes


def _json(name: str, about: str, relation: Literal["Data", "Supplement"], body: dict[str, object]) -> Attachment:
    from engine.writing.pdf import Attachment

    return Attachment(name, "application/json", about, relation, canonical(body).encode())


def signed_forms(premises: Premises, edition: Edition) -> Iterator[tuple[Submission, str]]:
    """The files that hold a version's signatures, each once and with the ending that its kind has.

    One that was too large to be kept is left out.
    """
    for sha256 in dict.fromkeys(s.submission for s in edition.signatures if s.submission):
        came = premises.ledger.submission(sha256)
        if came and not came.set_aside:
            yield came, _ENDINGS.get(came.media_type, "")


_ENDINGS = {Media.PDF: ".pdf", Media.WORD: ".docx", **{media: f".{ending}" for media, ending in ENDINGS.items()}}


def _originals(premises: Premises, edition: Edition, confided: Collection[Submission]) -> Iterator[Attachment]:
    """The forms that were signed, as they came back; not those that say more than all who hold the version may see."""
    from engine.writing.pdf import Attachment

    for came, ending in signed_forms(premises, edition):
        if came in confided:
            continue
        roles = " and ".join(s.role for s in edition.signatures if s.submission == came.sha256)
        name = f"signed-by-{roles.replace(' ', '-')}-{came.sha256[:8]}{ending}"
        about = f"the form as it came back, signed by the {roles}"
        yield Attachment(name, came.media_type, about, "Source", premises.archive.get(came.sha256))


def _not_attached(confided: Collection[Submission]) -> Iterator[Block]:
    """The signed forms that the version does not carry, by their hashes: the provider keeps them."""
    if confided:
        why = (
            "The provider keeps these, because they say, or may say, what not everybody who holds this version may see:"
        )
        yield Block("Signed forms that are not attached", lines=(why, *(f"{c.form}: {c.sha256}." for c in confided)))


def is_confided(premises: Premises, came: Submission, eyes: frozenset[str]) -> bool:
    """Whether a signed form says more than an audience may see: of the plan, or beside its boxes.

    How large somebody's print is may be nobody else's business, and nobody can tell what stands in a remark.
    """
    given = premises.ledger.issue(came.form) if came.form else None
    asked = premises.ledger.queries(came.plan) if came.plan else []
    beside = any(q.kind == "remark" and q.submission == came.sha256 for q, _ in asked)
    return beside or (given is not None and (given.variant != "standard" or says_more(premises, given, eyes)))


def _circumstances(premises: Premises, edition: Edition, proforma: Proforma, record: Record) -> Iterator[Block]:
    """What who relies on a version should know: the gates that were waived, and what is not as in the one before."""
    yield from waived(record, proforma.eyes)
    found = since_before(premises, edition)
    words = labels(premises.proformas)
    changed = tuple(told(found, lambda path: label_of(words, path), proforma.eyes)) if found else ()
    if changed:
        yield Block(f"What has changed since funding-body version {edition.number - 1}", lines=changed)
