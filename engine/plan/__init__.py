"""The plan: the record of one learner's programme. Each place in it is declared here, and only here.

A field's `About` says its change class, who may see it, who may assert it and how sensitive it is (domain.md C1);
its type says how it is answered and what is valid. `PLACES` lists the places this makes; a record is their values by
path, and `Plan` the same values typed and validated.

    written      how answers are written: formats, checks, scales
    people       learner, contacts, staff, employer, sharing
    needs        background, assessment, prior learning, needs and support
    aims         aspiration, goals, targets, milestones, measures
    programme    episode, breaks, aims, training, changes, the end
    quality      samples, the checklist, and what follows from them
    kept         reviews, logs, notes, evidence, signatures
    office       what office forms ask
    record       the whole record, and paths into it
    sound        which values cannot stand together
"""

from engine.plan.entity import is_key
from engine.plan.people import GRANTED_TO
from engine.plan.record import (
    IDENTIFYING,
    PLACES,
    TABLES,
    WHOLES,
    Plan,
    change_of,
    computed,
    finished,
    flatten,
    in_order,
    is_signature,
    is_waiver,
    keys_of,
    may_see,
    nest,
    next_key,
    pattern,
    place_of,
    signature_row,
    split,
    typed,
)
from engine.plan.sound import UNTOLD, contradictions, held_together

__all__ = [
    "GRANTED_TO",
    "IDENTIFYING",
    "PLACES",
    "TABLES",
    "UNTOLD",
    "WHOLES",
    "Plan",
    "change_of",
    "computed",
    "contradictions",
    "finished",
    "flatten",
    "held_together",
    "in_order",
    "is_key",
    "is_signature",
    "is_waiver",
    "keys_of",
    "may_see",
    "nest",
    "next_key",
    "pattern",
    "place_of",
    "signature_row",
    "split",
    "typed",
]
