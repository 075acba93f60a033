"""The distinguished encoding of ASN.1: as much of it as a signature container is put together from."""

from __future__ import annotations


def der(tag: int, *parts: bytes) -> bytes:
    """The parts under a tag, with their length in the fewest bytes."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(length))) + length + content
