"""What is hashed of a kept row: commitments to people's values, never the values themselves (law 10).

Each value is kept with a salt; what enters a digest is SHA-256 over both. So a value and its salt can be destroyed
one day, their commitment left in their place, and every digest and chain still holds.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from engine.model import canonical, digest

SAID = frozenset(
    {"base", "theirs", "ours", "others", "becomes", "reason", "question", "name", "by", "taken", "lines", "sender"}
)
"""Keys of a row under which people's names and answers stand; they are committed to, not hashed as they are."""


def salted(body: Any) -> Any:
    """The body with its learner's values as `{"salt", "value"}`, ready to be committed to."""
    if isinstance(body, list):
        return [salted(part) for part in body]
    if not isinstance(body, dict):
        return body
    said = {key: body[key] for key in sorted(SAID & body.keys()) if body[key] is not None}
    rest = {key: salted(value) for key, value in body.items() if key not in SAID}
    if said:
        rest["said"] = {"salt": secrets.token_hex(16), "value": said}
    if isinstance(rest.get("record"), dict):
        rest["record"] = {p: {"salt": secrets.token_hex(16), "value": v} for p, v in rest["record"].items()}
    return rest


def unsalted(body: Any) -> Any:
    """The inverse of `salted`; a value that was destroyed is simply not there."""
    if isinstance(body, list):
        return [unsalted(part) for part in body]
    if not isinstance(body, dict):
        return body
    rest = {
        key: unsalted(value) if isinstance(value, (dict, list)) else value
        for key, value in body.items()
        if key not in ("said", "record")
    }
    rest |= body.get("said", {}).get("value", {})
    if "record" in body:
        rest["record"] = {path: kept["value"] for path, kept in body["record"].items() if "value" in kept}
    return rest


def committed(body: Any) -> Any:
    """The body with each salted value replaced by its commitment, which is what gets hashed."""
    if isinstance(body, list):
        return [committed(part) for part in body]
    if not isinstance(body, dict):
        return body
    if body.keys() == {"salt", "value"}:
        return {"commitment": digest(body["salt"] + canonical(body["value"]))}
    return {key: committed(value) for key, value in body.items()}


def row_digest(body: str) -> str:
    """The digest of a row: SHA-256 over its canonical JSON with commitments in place of values."""
    return digest(canonical(committed(json.loads(body))))
