"""The file of settings, `counterpart.toml`: read, a mistake in it told in words, and what a new one holds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from pydantic import ValidationError

from engine.errors import Mistake
from engine.settings import Settings

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

FILE = "counterpart.toml"


def load(workspace: Path) -> Settings:
    """The workspace's settings; the defaults where it has no settings file.

    Raises:
        Mistake: naming the setting that cannot be.
    """
    import tomllib

    file = workspace / FILE
    if not file.exists():
        return Settings()
    try:
        tree: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
        return Settings.model_validate(tree)
    except tomllib.TOMLDecodeError as error:
        raise Mistake(f"{file}: {error}.", "Mend that line.") from error
    except ValidationError as error:
        raise _mistake(file, error.errors()[0]) from error


def _mistake(file: Path, found: ErrorDetails) -> Mistake:
    """What is wrong with a setting, and what may be meant instead."""
    import difflib

    name = ".".join(str(part) for part in found["loc"])
    if found["type"] == "extra_forbidden":
        known = _known(found["loc"][:-1])
        meant = difflib.get_close_matches(str(found["loc"][-1]), known, 1)
        advice = f"Is it “{meant[0]}” that is meant?" if meant else f"There are: {', '.join(known)}."
        return Mistake(f"{file}: there is no setting “{name}”.", advice)
    wanted = _WANTED.get(found["type"])
    says = f"it has to be {wanted}" if wanted else found["msg"].replace("Input should be", "it has to be")
    return Mistake(f"{file}: the setting “{name}”: {says}.", "Mend that setting.")


def _known(group: Sequence[int | str]) -> tuple[str, ...]:
    """The names of the settings in a group, by where it stands."""
    inside: Any = Settings
    for name in group:
        fields = getattr(inside, "model_fields", None)
        inside = fields[name].annotation if fields else get_args(inside)[-1]
    return tuple(inside.model_fields)


_WANTED = {
    "int_type": "a whole number", "int_parsing": "a whole number", "int_from_float": "a whole number",
    "float_type": "a number", "float_parsing": "a number", "bool_type": "true or false",
    "bool_parsing": "true or false", "string_type": "words between quotation marks",
    "tuple_type": "a list between square brackets", "set_type": "a list between square brackets",
    "frozen_set_type": "a list between square brackets", "dict_type": "a group of settings of its own",
    "model_type": "a group of settings of its own", "date_type": "a day, like 2027-01-31",
    "date_from_datetime_parsing": "a day, like 2027-01-31",
}  # fmt: skip
"""What a setting has to be, by the kind of mistake that pydantic finds."""


TEMPLATE = """\
# The settings of this workspace. Every line may be left out.

[provider]
name = {provider}
# What every guide for learners ends with: whom to call, equality, health and safety.
# tell_learners = ["Reception: 01632 960100", "If you do not feel safe, talk to Ms Okafor."]

[policy]
# The last day of each half term, for plans that are reviewed every half term.
# half_terms = [2026-10-23, 2026-12-18, 2027-02-12, 2027-03-25, 2027-05-28, 2027-07-21]
# The age below which a parent or carer signs too, on the day of signing; 0 = never.
# parents_sign_under = 18
# Whether every learner keeps a log, filed every six weeks.
# learning_logs = true
# Whether training that is moved to another month is signed for again, and not only noted.
# months_count = true

[forms]
# How much the forms ask: "short", "standard" or "full".
# size = "short"
# The words that hold here, as proformas/vocabulary.yaml has them.
# words = ["IEP", "pupil"]

[ready]
# Forms that lie pre-filled in each person's folder whether they are due or not.
# A review lies there when it is due; with 'progress-review' here, always.
staff = ['support-plan', 'change-of-circumstances']
learner = ['my-changes']

# Who may ask for what on a request: people by name, with their roles, and how the file system and e-mails know them.
# [people."Dana Marsh"]
# roles = ["provider"]
# known_as = ["dana", "dana.marsh@provider.example"]

[watch]
# Seconds a file must have been still before it is taken.
rest = 0.5

# A folder of the inbox that a scanner writes to may want longer.
# [watch.folders]
# "Scans" = 60
"""
