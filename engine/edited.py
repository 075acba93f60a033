"""YAML files that people edit, read: as what they are meant to be, or with the mistake in them named."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from engine.errors import Mistake

M = TypeVar("M", bound=BaseModel)


def tree_of(file: Path) -> Any:
    """What a file says, as mappings and lists; None where it says nothing.

    Raises:
        Mistake: when it is no YAML, and in which line.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return YAML(typ="safe").load(file.read_text("utf-8"))
    except MarkedYAMLError as error:
        at = f"line {error.problem_mark.line + 1}" if error.problem_mark else "somewhere"
        raise Mistake(f"{file}, {at}: {error.problem}.", "Mend that line and try again.") from error
    except (YAMLError, UnicodeDecodeError) as error:
        says = " ".join(str(error).split())
        raise Mistake(f"{file} cannot be read: {says}.", "Save it as plain text in UTF-8.") from error


def read_as(file: Path, model: type[M]) -> M:
    """What a file says, as a model of ours; what stands empty in it counts as left out.

    Raises:
        Mistake: when it is no YAML, or not what the model asks for, and where.
    """
    tree = tree_of(file)
    said = {key: value for key, value in tree.items() if value is not None} if isinstance(tree, dict) else tree
    try:
        return model.model_validate({} if said is None else said)
    except ValidationError as error:
        first = error.errors()[0]
        where = ", ".join(str(step + 1) if isinstance(step, int) else step for step in first["loc"])
        raise Mistake(f"{file}{', ' if where else ''}{where}: {first['msg']}.", "Mend that.") from error
