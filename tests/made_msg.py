"""Outlook messages made byte by byte, as Outlook lays them out: folders and streams in a compound file."""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Mapping, Sequence
from typing import Any

Tree = Mapping[str, Any]
"""Streams (bytes) and folders (mappings) by name."""

_SECTOR = 512
_END, _FREE, _FAT, _NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF


def compound(tree: Tree) -> bytes:
    """A compound file with these streams and folders."""
    entries: list[list[Any]] = [["Root Entry", 5, _NONE, _NONE, b""]]
    _lay_out(tree, 0, entries)
    small, small_chain, starts = _small(entries)
    entries[0][4] = small
    sectors: list[bytes] = []
    chain: list[int] = []

    def add(content: bytes) -> int:
        start = len(sectors)
        pieces = [content[n : n + _SECTOR].ljust(_SECTOR, b"\0") for n in range(0, len(content), _SECTOR)]
        sectors.extend(pieces)
        chain.extend([*range(start + 1, start + len(pieces)), _END] if pieces else [])
        return start if pieces else _END

    starts = [add(entry[4]) if n in (0, *_large(entries)) else starts[n] for n, entry in enumerate(entries)]
    directory = b"".join(
        _entry(name, kind, right, child, start, len(content))
        for (name, kind, right, child, content), start in zip(entries, starts, strict=True)
    )
    first = add(directory.ljust(-(-len(directory) // _SECTOR) * _SECTOR, b"\0"))
    small_chain += [_FREE] * (-len(small_chain) % 128)
    small_at = add(struct.pack(f"<{len(small_chain)}L", *small_chain))
    count = 1
    while count * 128 < len(sectors) + count:
        count += 1
    fat_at = len(sectors)
    table = [*chain, *[_FAT] * count]
    table += [_FREE] * (count * 128 - len(table))
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    header += struct.pack("<HHHHHHLLLLLL", 0x3E, 3, 0xFFFE, 9, 6, 0, 0, 0, count, first, 0, _CUTOFF)
    header += struct.pack("<LLLL", small_at, len(small_chain) // 128, _END, 0)
    header += struct.pack("<109L", *range(fat_at, fat_at + count), *[_FREE] * (109 - count))
    return header + b"".join(sectors) + struct.pack(f"<{len(table)}L", *table)


_CUTOFF = 4096
"""Bytes below which a stream lies among the small ones."""


def _large(entries: list[list[Any]]) -> list[int]:
    return [n for n, entry in enumerate(entries) if len(entry[4]) >= _CUTOFF]


def _small(entries: list[list[Any]]) -> tuple[bytes, list[int], list[int]]:
    """The small streams one after the other, their chain, and where each entry begins."""
    whole, chain, starts = b"", list[int](), []
    for *_, content in entries:
        if not 0 < len(content) < _CUTOFF:
            starts.append(_END)
            continue
        starts.append(len(chain))
        pieces = -(-len(content) // 64)
        chain += [*range(len(chain) + 1, len(chain) + pieces), _END]
        whole += content.ljust(pieces * 64, b"\0")
    return whole, chain, starts


def _lay_out(tree: Tree, parent: int, entries: list[list[Any]]) -> None:
    last = None
    for name in sorted(tree, key=lambda n: (len(n), n.upper())):
        inside, at = tree[name], len(entries)
        entries.append([name, 2 if isinstance(inside, bytes) else 1, _NONE, _NONE, b""])
        if last is None:
            entries[parent][3] = at
        else:
            entries[last][2] = at
        last = at
        if isinstance(inside, bytes):
            entries[at][4] = inside
        else:
            _lay_out(inside, at, entries)


def _entry(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
    words = name.encode("utf-16-le")
    head = words.ljust(64, b"\0") + struct.pack("<HBBLLL", len(words) + 2, kind, 1, _NONE, right, child)
    return head + bytes(36) + struct.pack("<LQ", start, size)


def _text(number: int, words: str) -> tuple[bytes, str, bytes]:
    content = words.encode("utf-16-le")
    return struct.pack("<HHLQ", 0x1F, number, 6, len(content) + 2), f"__substg1.0_{number:04X}001F", content


def _bytes(number: int, content: bytes) -> tuple[bytes, str, bytes]:
    return struct.pack("<HHLQ", 0x102, number, 6, len(content)), f"__substg1.0_{number:04X}0102", content


def _whole(number: int, value: int) -> bytes:
    return struct.pack("<HHLQ", 0x3, number, 6, value)


def attached(name: str, content: bytes, cid: str = "") -> Tree:
    """A file attached to a message."""
    said = [_text(0x3707, name), _bytes(0x3701, content), *([_text(0x3712, cid)] if cid else [])]
    properties = bytes(8) + b"".join(s[0] for s in said) + _whole(0x3705, 1)
    return {"__properties_version1.0": properties} | {s[1]: s[2] for s in said}


def embedded(message: Tree) -> Tree:
    """A message attached to a message."""
    return {"__properties_version1.0": bytes(8) + _whole(0x3705, 5), "__substg1.0_3701000D": message}


def message(
    name: str, address: str, subject: str, sent: dt.datetime, files: Sequence[Tree] = (), html: str = "",
    header: int = 32,
) -> Tree:  # fmt: skip
    """A message; `header` is 24 for one that lies in another."""
    said = [_text(0x0037, subject), _text(0x0C1A, name), _text(0x0C1F, address), _text(0x1000, "Please find attached.")]
    said += [_bytes(0x1013, html.encode())] if html else []
    ticks = int((sent - dt.datetime(1601, 1, 1, tzinfo=dt.UTC)).total_seconds()) * 10_000_000
    moment = struct.pack("<HHLQ", 0x40, 0x0039, 6, ticks)
    properties = bytes(header) + b"".join(s[0] for s in said) + moment
    inside: dict[str, Any] = {"__properties_version1.0": properties} | {s[1]: s[2] for s in said}
    return inside | {f"__attach_version1.0_#{n:08X}": file for n, file in enumerate(files)}
