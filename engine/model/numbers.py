"""What everything is known by: one way to write JSON, its digest, and numbers that people can read out."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any


def canonical(body: Any) -> str:
    """JSON in one way only: keys sorted, no blanks, characters as they are."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(text: str | bytes) -> str:
    """SHA-256 in lower-case hexadecimal."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def short_number(prefix: str, *parts: object) -> str:
    """A number that people can read out, the same wherever it is made of the same parts: `F-7K3QX9ZA`.

    Forty bits in base 32 without the letters that look like digits.
    """
    bits = hashlib.sha256(canonical([str(p) for p in parts]).encode()).digest()[:5]
    letters = base64.b32encode(bits).decode().translate(str.maketrans("ILOU", "0189"))
    return f"{prefix}-{letters}"
