"""Whether the packed objects of a PDF are as they were saved: the checksum that the PDF library passes over.

Fields stand in object streams, which a flipped bit can change into other fields and other answers without a word from
the library. Each is packed with a checksum of what it unpacks to, so the damage can be known.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

_TELLING = re.compile(rb"/(?:(?:ObjStm|XRef)\b|Encrypt)")
_STARTS = re.compile(rb"stream\r?\n")
_HEAD = 2000
"""Bytes before and after the words that name such a stream in which its own dictionary stands, at most."""

_PIECE, _MOST = 1 << 12, 1 << 20
"""Bytes at a time, packed and unpacked. What stands behind a stream is copied with its last piece, so that is small."""

_FILTER = re.compile(rb"/Filter[\s\0]*\[?[\s\0]*/FlateDecode\b")

_DOUBT = ("the file is damaged: some of its fields are not as they were saved",)


def doubts(content: bytes, unpacked: int) -> tuple[str, ...]:
    """A plain sentence when the checksum of packed objects is wrong; nothing when all are right, or none is packed.

    Args:
        unpacked: the most bytes that all of them together are unpacked to; the rest is taken as it is.
    """
    left = unpacked
    for start in _streams(content):
        unpacker = zlib.decompressobj()
        at = start
        try:
            while not unpacker.eof and left > 0 and at < len(content):
                left -= len(unpacker.decompress(unpacker.unconsumed_tail or content[at : at + _PIECE], _MOST))
                if not unpacker.unconsumed_tail:
                    at += _PIECE
        except zlib.error:
            return _DOUBT
        if not unpacker.eof and left > 0:
            return _DOUBT
    return ()


def _streams(content: bytes) -> Iterator[int]:
    """Where the packed bytes of each object stream begin, as far as it is packed in the one way that has a checksum."""
    words = list(_TELLING.finditer(content))
    if any(word[0] == b"/Encrypt" for word in words):
        return
    for word in words:
        begins = _STARTS.search(content, word.end(), word.end() + _HEAD)
        if not begins:
            continue
        opened = content.rfind(b" obj", max(0, word.start() - _HEAD), word.start())
        dictionary = content[max(opened, 0) : begins.start()]
        if opened >= 0 and b"endobj" not in dictionary and _FILTER.search(dictionary):
            yield begins.end()
