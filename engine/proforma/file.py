"""Definitions read from their files: parsed when they change, checked always, mistakes told by line and column."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from engine.errors import Mistake
from engine.files import write_whole
from engine.model import canonical, digest
from engine.proforma.form import Proforma
from engine.proforma.sound import mistakes

FILE = "proforma.yaml"
"""The definition that is current, in its folder; beside it, as `v1.yaml`, stand those of earlier issues."""

Memory = Mapping[str, Any]
"""What definitions say that were sound when they were read, by the digest of their bytes."""


def load(folder: Path, memory: Memory = MappingProxyType({})) -> Proforma:
    """Reads and checks `proforma.yaml` in a folder, and the earlier issues beside it.

    Raises:
        Mistake: naming file, line and column, when a file is not a sound definition.
    """
    files = _files(folder)
    current, *earlier = (_read(file, memory) for file in files)
    for file, form in zip(files[1:], earlier, strict=True):
        if file.stem != f"v{form.version}" or form.version >= current.version:
            raise Mistake(
                f"{file}: an earlier issue that calls itself version {form.version}; {FILE} is {current.version}.",
                "Each is called like its version, as v1.yaml, and the current one has the highest.",
            )
    return current.model_copy(update={"earlier": tuple(sorted(earlier, key=lambda form: -form.version))})


def _files(folder: Path) -> list[Path]:
    """The files of a proforma, the current definition first."""
    return [folder / FILE, *sorted(folder.glob("v*.yaml"))]


def _read(file: Path, memory: Memory) -> Proforma:
    content = file.read_bytes()
    told = memory.get(digest(content))
    if told is not None:
        # It was sound when it was read; the plan may have changed since, so it is looked through again.
        with suppress(ValidationError):
            found = Proforma.model_validate(told)
            if next(mistakes(found), None) is None and found.proforma == file.parent.name:
                return found
    return _read_anew(file, content)


def _read_anew(file: Path, content: bytes) -> Proforma:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    try:
        tree: Any = YAML(typ="rt").load(content.decode("utf-8"))
    except MarkedYAMLError as error:
        mark = error.problem_mark
        at = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "somewhere"
        raise Mistake(f"{file}, {at}: {error.problem}.", "Mend that line and try again.") from error
    try:
        found = Proforma.model_validate(plain(tree))
    except ValidationError as error:
        first = error.errors()[0]
        raise Mistake(f"{file}, {position_of(tree, first['loc'])}: {first['msg']}.", "Mend that line.") from error
    for wrong in mistakes(found):
        raise Mistake(f"{file}, {position_of(tree, wrong.where)}: {wrong.says}.", "Mend that line.")
    if found.proforma != file.parent.name:
        raise Mistake(f"{file}: it calls itself “{found.proforma}”.", f"Name it like its folder, {file.parent.name}.")
    return found


def load_all(folder: Path, kept: Path | None = None) -> Mapping[str, Proforma]:
    """Every proforma of a folder by name, in the order of the names.

    Args:
        kept: a file that remembers what the definitions say, so that they are parsed only when they change; it may be
            deleted at any time.
    """
    memory = _remembered(kept)
    homes = sorted(file.parent for file in folder.glob(f"*/{FILE}"))
    found = {home.name: load(home, memory) for home in homes}
    if kept is not None:
        now = {
            digest(file.read_bytes()): form.model_dump(mode="json", exclude={"earlier"}, exclude_defaults=True)
            for home in homes
            for file, form in zip(_files(home), _issues(found[home.name], _files(home)), strict=True)
        }
        if now != memory:
            with suppress(OSError):  # A workspace that may only be looked at remembers nothing.
                write_whole(kept, canonical(now).encode())
    return found


def _issues(form: Proforma, files: list[Path]) -> Iterator[Proforma]:
    """The definitions that files hold, each in the place of its file."""
    return (form if file.name == FILE else form.as_of(int(file.stem.removeprefix("v"))) for file in files)


def _remembered(kept: Path | None) -> Memory:
    try:
        found = json.loads(kept.read_bytes()) if kept else {}
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def plain(tree: Any) -> Any:
    """The tree without ruamel's own types, which pydantic's strict tuples would not take."""
    if isinstance(tree, dict):
        return {str(key): plain(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return tuple(plain(value) for value in tree)
    return tree


def position_of(tree: Any, where: tuple[str | int, ...]) -> str:
    """Line and column in the file of the deepest part of a path that the file has, in words."""
    line, column = spot_of(tree, where)
    return f"line {line}, column {column}"


def spot_of(tree: Any, where: tuple[str | int, ...]) -> tuple[int, int]:
    """Line and column in the file of the deepest part of a path that the file has, both from 1."""
    line, column = 0, 0
    for step in where:
        try:
            line, column = tree.lc.data[step][:2] if isinstance(step, int) else tree.lc.data[step][2:4]
            tree = tree[step]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
    return line + 1, column + 1
