"""Names of files and folders in the outbox, written from a pattern that an administrator may change."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from engine.errors import Mistake
from engine.files import safe_name

if TYPE_CHECKING:
    from jinja2 import Template


def named(pattern: str, **words: str) -> str:
    """The name that a Jinja2 pattern makes of some words, such as every system takes; never empty.

    Raises:
        Mistake: when the pattern is not sound, or asks for a word that is not offered.
    """
    from jinja2 import TemplateError

    try:
        found = _template(pattern).render(words)
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        offered = ", ".join(words)
        raise Mistake(f"The name pattern “{pattern}” does not work: {error}.", f"It may use {offered}.") from error
    return safe_name(re.sub(r"\s+", " ", found))


@lru_cache(maxsize=32)
def _template(pattern: str) -> Template:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(undefined=StrictUndefined).from_string(pattern)
