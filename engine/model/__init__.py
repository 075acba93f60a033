"""The nouns: the values that pass from room to room, all frozen.

What a file says (`said`: `Form` of `Field`s, `Remark`s, or a `Refusal`; its `Stamp`, its `Answer`s), what was decided
and is kept (`kept`: `Decision`, `Submission`, `Revision`, `Query`, `Issue`, `Edition`), and the numbers that all of it
is known by (`numbers`).
"""

from engine.model.kept import (
    Decision,
    Edition,
    Issue,
    Kept,
    Manner,
    Outcome,
    Output,
    Query,
    Rendition,
    Revision,
    Seal,
    Settlement,
    Signature,
    Step,
    Submission,
    Variant,
    taken_back,
)
from engine.model.numbers import (
    canonical,
    digest,
    short_number,
)
from engine.model.said import (
    Answer,
    Enclosed,
    Field,
    FieldKind,
    Form,
    Media,
    Message,
    Refusal,
    Remark,
    Stamp,
    State,
    Tab,
)

__all__ = [
    "Answer",
    "Decision",
    "Edition",
    "Enclosed",
    "Field",
    "FieldKind",
    "Form",
    "Issue",
    "Kept",
    "Manner",
    "Media",
    "Message",
    "Outcome",
    "Output",
    "Query",
    "Refusal",
    "Remark",
    "Rendition",
    "Revision",
    "Seal",
    "Settlement",
    "Signature",
    "Stamp",
    "State",
    "Step",
    "Submission",
    "Tab",
    "Variant",
    "canonical",
    "digest",
    "short_number",
    "taken_back",
]
