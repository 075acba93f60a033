"""Model targets: a guide for setting targets, put into a plan with their words kept, to tell how far one has moved.

Source: domain.md A1-20, A1-24. They are data beside the proformas, for a provider to change.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.edited import tree_of
from engine.errors import Mistake
from engine.model import Decision, Outcome
from engine.places import Record, Value
from engine.plan import PLACES, keys_of, next_key

FILE = "models.yaml"
"""Where the models stand, beside the proformas."""

Model = Mapping[str, Value]
"""What a model says, by the columns of a target."""

_FROM, _WORDS = "template", "model"
"""The columns of a target that say which model it came from, and in which words."""


def load(folder: Path) -> Mapping[str, Model]:
    """Reads the model targets that stand beside proformas, by name; there may be none.

    Raises:
        Mistake: when the file, or a model in it, is not what it should be.
    """
    file = folder / FILE
    if not file.exists():
        return {}
    tree = tree_of(file)
    told = tree.get("models") if isinstance(tree, dict) else None
    if not isinstance(told, dict) or not all(isinstance(model, dict) for model in told.values()):
        raise Mistake(f"{file}: under `models:` stands a name for each, with its columns.", "Write it so.")
    return {str(name): _read(file, str(name), model) for name, model in told.items()}


def _read(file: Path, name: str, said: Mapping[Any, Any]) -> Model:
    if not said.get("text"):
        raise Mistake(f"{file}: the model “{name}” has no text.", "Write `text:` and what the target is.")
    found: dict[str, Value] = {}
    for column, words in said.items():
        place = PLACES.get(f"targets[KEY].{column}")
        if place is None:
            raise Mistake(f"{file}: a target has no “{column}”, as the model “{name}” says.", "Mend that line.")
        try:
            found[str(column)] = place.parse(str(words))
        except ValueError as error:
            raise Mistake(f"{file}: the model “{name}”, {column}: {error}.", "Mend that line.") from error
    return found


def taken(record: Record, name: str, model: Model) -> tuple[Decision, ...]:
    """What a plan says when a model is put into it: a target of its own, which says where it comes from."""
    row = f"targets[{next_key(record, 'targets')}]"
    said = {**model, _FROM: name, _WORDS: model["text"]}
    return tuple(
        Decision(place=f"{row}.{column}", outcome=Outcome.ACCEPTED, rule="model", theirs=value)
        for column, value in said.items()
    )


def divergence(record: Record, key: str) -> float | None:
    """How far a target has moved from its model's words: 0 = not at all, 1 = it shares nothing with them.

    Returns:
        None where it came from no model, or the model's words are not known.
    """
    from rapidfuzz import fuzz

    now, words = record.get(f"targets[{key}].text"), record.get(f"targets[{key}].{_WORDS}")
    if now is None or words is None:
        return None
    return round(1 - fuzz.ratio(_bare(now), _bare(words)) / 100, 2)


def untouched(record: Record) -> tuple[str, ...]:
    """The keys of the targets that still say word for word what their models say."""
    return tuple(
        key
        for key in keys_of(record, "targets")
        if (words := record.get(f"targets[{key}].{_WORDS}")) is not None
        and _bare(record.get(f"targets[{key}].text")) == _bare(words)
    )


def moved(record: Record) -> tuple[str, ...]:
    """How far each target that came from a model has moved from it, a sentence for each."""
    found = []
    for key in keys_of(record, "targets"):
        share = divergence(record, key)
        if share is not None:
            name = record.get(f"targets[{key}].{_FROM}")
            how = (
                f"{share:.0%} of its words are its own" if share else "it is word for word the model: make it your own"
            )
            found.append(f"Target {key} began as the model “{name}”; {how}.")
    return tuple(found)


def _bare(words: Value) -> str:
    return " ".join(str(words or "").casefold().split())
