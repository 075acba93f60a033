"""What a sealed version says of where it comes from: how each signature was made, and which form said each answer.

The same is written for people, as an appendix, and for programs, in the record that the file carries. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.model import Edition, Revision
from engine.places import Kind, Place, Record
from engine.plan import nest, place_of, split
from engine.proforma import Proforma
from engine.sheet import Block, Box, Column, TableRow

FORMAT = "counterpart-edition-1"
SCHEMA_FILE = "record.schema.json"

Sources = Mapping[str, Revision]
"""For each place, the revision that its value comes from."""


def sources(revisions: Sequence[Revision], printed: Record) -> dict[str, Revision]:
    """Where each printed value comes from: the last revision that put one there.

    Args:
        revisions: those up to the one that is printed, the first first.
    """
    found = {d.place: revision for revision in revisions for d in revision.decisions if d.applies}
    return {place: found[place] for place in printed if place in found}


# ── For people ──────────────────────────────────────────────────────────────────────────────────────────────────


def appendix(
    edition: Edition, said: Mapping[str, str], found: Sources, head: str, earlier: Sequence[str]
) -> tuple[Block, ...]:
    """The evidence as blocks of a sheet.

    Args:
        said: the places that are printed, in their order, each in the words beside its answer.
        head: the journal's newest hash when it is sealed.
        earlier: the versions before this one, each as a line.
    """
    rests = (
        f"Plan {edition.plan}, revision {edition.revision}, hash {edition.revision_hash}.",
        f"What is printed above has the digest {edition.content}.",
        f"In force from {edition.effective:%d/%m/%Y}, under the rules of {edition.rules}.",
        f"The ledger’s journal stood at {head} when this was sealed.",
    )
    blocks = (
        Block("Earlier versions", lines=tuple(earlier)) if earlier else None,
        signatures_of(edition),
        _answers(said, found),
        Block("What this version rests on", lines=rests),
    )
    return tuple(filter(None, blocks))


def signatures_of(edition: Edition) -> Block:
    """A table with a column for each signature: who, in what capacity, how, when, on which form, in which file."""
    made = edition.signatures
    told = {
        "Who": [s.name for s in made],
        "As": [s.role for s in made],
        "How": [s.method for s in made],
        "Dated": [f"{s.date:%d/%m/%Y}" for s in made],
        "Received": [f"{s.received:%d/%m/%Y}" for s in made],
        "Form": [s.form for s in made],
        "Recorded": [f"revision {s.revision}" for s in made],
        "File": [s.submission or "none: signed before a member of staff" for s in made],
    }
    columns = tuple(Column(f"Signature of the {s.role}", 1) for s in made)
    return Block("How each signature was made", columns=columns, rows=_table(told), row_noun="evidence")


def _answers(said: Mapping[str, str], found: Sources) -> Block | None:
    """A table of every answer with the revision, the form and the file that it came from."""
    rows = {}
    for number, (place, words) in enumerate(((p, w) for p, w in said.items() if p in found), 1):
        revision = found[place]
        form, file = revision.form or revision.cause, (revision.submission or "")[:12]
        rows[str(number)] = [words, str(revision.number), f"{revision.recorded:%d/%m/%Y}", form, file or "none"]
    if not rows:
        return None
    columns = (
        Column("Answer", 4),
        Column("Revision", 1),
        Column("Recorded", 1),
        Column("Form", 1.6),
        Column("File", 1.6),
    )
    files = sorted({r.submission for p, r in found.items() if p in said and r.submission})
    return Block(
        "Where each answer comes from",
        lines=("A file is named by the beginning of its SHA-256:", *(f"{f}." for f in files)) if files else (),
        columns=columns,
        rows=_table(rows),
        row_noun="No.",
    )


def _table(told: Mapping[str, Sequence[str]]) -> tuple[TableRow, ...]:
    return tuple(
        TableRow(key, tuple(Box("", "", Kind.TEXT, words, words) for words in cells)) for key, cells in told.items()
    )


# ── For programs ────────────────────────────────────────────────────────────────────────────────────────────────


def record_of(edition: Edition, printed: Record, found: Sources, head: str) -> dict[str, object]:
    """The record that a sealed file carries, as `schema` describes it."""
    return {
        "$schema": SCHEMA_FILE,
        "format": FORMAT,
        "edition": edition.model_dump(mode="json"),
        "record": nest(printed),
        "sources": {
            place: {
                "revision": r.number,
                "recorded": r.recorded.isoformat(),
                "cause": r.cause,
                "form": r.form,
                "submission": r.submission,
            }
            for place, r in sorted(found.items())
        },
        "journal": head,
    }


def schema(proforma: Proforma) -> dict[str, object]:
    """The JSON schema (2020-12) of a record that prints this form: its places, and no others."""
    groups: dict[str, dict[str, object]] = {}
    for path in sorted(proforma.places()):
        place = place_of(path)
        assert place is not None
        row = split(path)
        group, leaf = (row[0], row[2]) if row else path.split(".")
        groups.setdefault(group, {})[leaf] = _type(place)
    tables = {path.partition("[")[0] for path in proforma.places() if "[KEY]" in path}
    record = {
        group: {"type": "object", "additionalProperties": _object(leaves)} if group in tables else _object(leaves)
        for group, leaves in groups.items()
    }
    source = {
        "revision": {"type": "integer", "minimum": 1},
        "recorded": {"type": "string", "format": "date-time"},
        "cause": {"type": "string"},
        "form": {"type": ["string", "null"]},
        "submission": _HASH | {"type": ["string", "null"]},
    }
    whole = {
        "$schema": {"const": SCHEMA_FILE},
        "format": {"const": FORMAT},
        "edition": Edition.model_json_schema(mode="serialization"),
        "record": _object(record),
        "sources": {"type": "object", "additionalProperties": _object(source, tuple(source))},
        "journal": {"type": "string"},
    }
    about = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{proforma.title}: a funding-body version as its sealed file carries it",
        "description": "Dates are ISO 8601, texts as they were written, in a table the rows by their keys.",
    }
    # The parts of an edition that have names of their own stand where a reference from inside finds them.
    edition = dict(whole["edition"])
    return about | {"$defs": edition.pop("$defs", {})} | _object(whole | {"edition": edition}, tuple(whole))


_HASH: dict[str, object] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}


def _object(properties: Mapping[str, object], required: Sequence[str] = ()) -> dict[str, object]:
    found: dict[str, object] = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    return found | ({"required": list(required)} if required else {})


def _type(place: Place) -> dict[str, object]:
    """What a value of a place is in JSON."""
    match place.format:
        case "tick" | "yes-no":
            return {"type": "boolean"}
        case "number":
            return {"type": "integer"}
        case "date":
            return {"type": "string", "format": "date"}
        case "choice":
            return {"enum": list(place.choices)}
        case _:
            return {"type": "string"}
