"""Everything that is kept, held against what is remembered of it: history, originals, sealed files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.model import digest
from engine.premises import Premises


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that `verify` found wrong."""

    what: str
    where: str
    why: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What `verify` looked at, and what it found."""

    checked: dict[str, int]
    problems: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.problems


def verify(premises: Premises) -> Verified:
    """Checks the chains, the journal, the archive, the editions and every sealed file, wherever it lies."""
    problems = [
        *(Finding(*problem) for problem in premises.ledger.problems()),
        *(Finding(*problem) for problem in premises.ledger.index_problems()),
        *_originals(premises),
        *_sealed(premises),
        *_copies(premises),
        *_editions(premises),
    ]
    ledger = premises.ledger
    checked = {
        "plans": len(ledger.plans()),
        "revisions": sum(ledger.plans().values()),
        "submissions": len(ledger.submissions()),
        "editions": sum(len(ledger.editions(plan)) for plan in ledger.plans()),
        "sealed files": len(ledger.seals()),
    }
    return Verified(checked, tuple(problems))


def mend(premises: Premises) -> None:
    """Brings sealed files back that are damaged or gone, from their copies in the outbox."""
    copies = {ours.sha256: ours.path for ours in premises.ledger.derived.outputs()}
    for kept in premises.ledger.seals():
        file, path = premises.sealed.folder / kept.sha256, copies.get(kept.sha256)
        good = file.exists() and digest(file.read_bytes()) == kept.sha256
        if not good and path and (premises.outbox / path).exists():
            content = (premises.outbox / path).read_bytes()
            if digest(content) == kept.sha256:
                file.unlink(missing_ok=True)
                premises.sealed.keep(content)


def verify_file(file: Path) -> tuple[bool, tuple[str, ...]]:
    """Whether a file is a sealed version as it was sealed, with only the file in hand; and what is to be said of it."""
    from engine.writing.seal_check import check

    report = check(file.read_bytes())
    if not report.sealed:
        return False, ("it carries no Counterpart seal",)
    said = (f"sealed by {report.signer} on {report.signed_at:%d/%m/%Y}",) if report.good and report.signed_at else ()
    return report.good, (*report.problems, *said, *report.notes)


def _originals(premises: Premises) -> Iterator[Finding]:
    for name, why in premises.archive.problems():
        yield Finding("archived original", str(premises.archive.folder / name), why)
    for submission in premises.ledger.submissions():
        if not submission.set_aside and not (premises.archive.folder / submission.sha256).exists():
            yield Finding("archived original", submission.sha256, f"“{submission.name}” is no longer in the archive")


def _sealed(premises: Premises) -> Iterator[Finding]:
    """The kept sealed files; each must be the bytes that were sealed, by the certificate recorded, in this history."""
    from engine.writing.seal_check import check

    heads = premises.ledger.heads()
    for kept in premises.ledger.seals():
        file = premises.sealed.folder / kept.sha256
        if kept.head not in heads:
            where = f"{kept.plan} version {kept.number}"
            yield Finding("journal", where, "the entry that this seal names is no longer in the journal")
        if not file.exists():
            yield Finding("sealed file", str(file), "it is missing")
            continue
        report = check(file.read_bytes())
        if digest(file.read_bytes()) != kept.sha256:
            yield Finding("sealed file", str(file), "its bytes are not what was sealed")
        for problem in report.problems:
            yield Finding("sealed file", str(file), problem)
        if report.good and report.fingerprint != kept.fingerprint:
            yield Finding("sealed file", str(file), "it was sealed with another certificate than the one recorded")


def _copies(premises: Premises) -> Iterator[Finding]:
    """The copies of sealed files in the outbox."""
    from engine.writing.seal_check import check

    by_hash = {kept.sha256 for kept in premises.ledger.seals()}
    for ours in premises.ledger.derived.outputs():
        copy = premises.outbox / ours.path
        if ours.sha256 in by_hash and copy.exists() and digest(copy.read_bytes()) != ours.sha256:
            why = "; ".join(check(copy.read_bytes()).problems) or "it is not the file that was sealed"
            yield Finding("sealed file", str(copy), why)


def _editions(premises: Premises) -> Iterator[Finding]:
    """The funding-body versions: each sealed, and of the revision that was signed."""
    sealed = {(kept.plan, kept.number) for kept in premises.ledger.seals()}
    for plan in premises.ledger.plans():
        for edition in premises.ledger.editions(plan):
            where = f"{plan} version {edition.number}"
            if (plan, edition.number) not in sealed:
                yield Finding("edition", where, "it is signed but not sealed yet")
            if premises.ledger.hash(plan, edition.revision) != edition.revision_hash:
                yield Finding("edition", where, "its revision is not the one that was signed")
