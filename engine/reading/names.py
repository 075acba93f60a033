"""Names of fields, each once in a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from engine.model import Field


def unique(fields: Sequence[Field]) -> tuple[Field, ...]:
    """The fields, with a number behind a name that was there before: `Text1`, `Text1 (2)`."""
    names = {field.name for field in fields}
    if len(names) == len(fields):
        return tuple(fields)
    taken: Counter[str] = Counter()
    named = []
    for field in fields:
        taken[field.name] += 1
        name = field.name
        while taken[field.name] > 1 and (name := f"{field.name} ({taken[field.name]})") in names:
            taken[field.name] += 1
        names.add(name)
        named.append(field if name == field.name else field._replace(name=name))
    return tuple(named)
