"""A zip container opened within limits, and the XML in it parsed with nothing fetched and nothing expanded."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from io import BytesIO

from lxml import etree

from engine.errors import Unreadable
from engine.reading.limits import Limits, keep_within

_BROKEN = (
    "Open it in the program it was made with, save it again under a new name and send that copy; if it does not open, "
    "ask whoever sent it for another."
)

_RATIO_FROM = 1_000_000
_PIECE = 1 << 16
_HEAD = struct.Struct("<4s22xHH")
"""The head of a part: its mark, and how long its name and what stands behind the name are."""

_UNUSUAL, _UTF_8 = 0x61, 0x800
"""The flags for a password and for patches; the flag for a name in UTF-8."""

_DOUBTS = 3
"""So many sentences about damage are enough."""

# What zipfile raises on bytes that are not as they say: RuntimeError for entries with a password.
_ZIP_TROUBLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)

_STRICT = (
    (
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    ),
    (b"http://purl.oclc.org/ooxml/officeDocument/", b"http://schemas.openxmlformats.org/officeDocument/2006/"),
)

_PARSER = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    huge_tree=False,
    load_dtd=False,
    remove_comments=True,
    remove_pis=True,
)


class Container:
    """The parts of a zip container, by name. Names are only ever looked up, never used as paths."""

    def __init__(self, content: bytes, limits: Limits) -> None:
        """Opens the container and checks what it declares.

        Raises:
            Unreadable: when it is damaged or over a limit.
        """
        try:
            self._zip = zipfile.ZipFile(BytesIO(content))
        except _ZIP_TROUBLE as error:
            raise Unreadable("This file is damaged or was cut short while it was copied.", _BROKEN) from error
        entries = self._zip.infolist()
        keep_within("parts inside it", len(entries), limits.entries)
        keep_within("unpacked size", sum(e.file_size for e in entries), limits.unpacked, " bytes")
        for entry in entries:
            if entry.file_size > _RATIO_FROM:
                ratio = entry.file_size // max(entry.compress_size, 1)
                keep_within("packing (a small file that unpacks into a very large one)", ratio, limits.ratio, " times")
        self._content, self._entries = content, entries
        self._names = {e.filename: e for e in entries}
        self._folded = {_folded(e.filename): e for e in entries}
        self._proved: set[str] = set()
        self._missing: dict[str, None] = {}

    @property
    def names(self) -> frozenset[str]:
        """The names of all parts."""
        return frozenset(self._names)

    def part(self, name: str) -> bytes | None:
        """The bytes of a part, proved by its checksum; None when there is none of that name.

        Raises:
            Unreadable: when the part cannot be unpacked, or there are two of that name that differ.
        """
        entry = self._names.get(name) or self._folded.get(_folded(name))
        if entry is None:
            return None
        if name in self._doubled():
            raise Unreadable(f"This file is damaged: it holds two different parts called “{name}”.", _BROKEN)
        try:
            content = self._unpacked(entry) or self._zip.read(entry)
        except _ZIP_TROUBLE as error:
            raise Unreadable(f"This file is damaged: its part “{name}” cannot be unpacked.", _BROKEN) from error
        self._proved.add(entry.filename)
        return content

    def _doubled(self) -> frozenset[str]:
        """The names that two parts with different content have: programs differ in which of them they show."""
        if len(self._folded) == len(self._entries):
            return frozenset()
        return frozenset(
            e.filename for e in self._entries if e.CRC != self._folded[_folded(e.filename)].CRC
        )  # fmt: skip

    def holds(self, name: str) -> bool:
        """Whether there is a part of that name."""
        return name in self._names or _folded(name) in self._folded

    def beside(self, name: str) -> bool:
        """Whether other parts stand in the same folder as this one."""
        folder = _folded(name).rpartition("/")[0]
        return any(n.rpartition("/")[0] == folder and n != _folded(name) for n in self._folded)

    def misses(self, name: str) -> None:
        """Notes that another part refers to this one, which is not there."""
        self._missing[name] = None

    def doubts(self) -> tuple[str, ...]:
        """What is damaged in the file beside the parts that were read, each a plain sentence.

        No answer stands in those parts, but a file that is known to be damaged may have lost some with them.
        """
        found = [f"the file is damaged: its part “{name}” is missing" for name in self._missing]
        if "[content_types].xml" not in self._folded:
            found.append("the file is damaged: its list of parts is missing")
        found += [f"the file is damaged: it holds two different parts called “{n}”" for n in sorted(self._doubled())]
        for entry in self._entries:
            if entry.filename not in self._proved and not self._sound(entry):
                found.append(f"the file is damaged: its part “{entry.filename}” is not as it was saved")
        return tuple(found[:_DOUBTS])

    def _unpacked(self, entry: zipfile.ZipInfo) -> bytes | None:
        """A part's bytes, when all about it is as usual and its checksum right: five times faster than `zipfile`.

        None where anything is out of the ordinary: then `zipfile` has the word.
        """
        start = entry.header_offset + _HEAD.size
        head = self._content[entry.header_offset : start]
        if entry.flag_bits & _UNUSUAL or entry.compress_type not in (0, 8) or len(head) < _HEAD.size:
            return None
        magic, name_length, extra_length = _HEAD.unpack(head)
        name = self._content[start : start + name_length]
        if magic != b"PK\3\4" or name != entry.orig_filename.encode("utf-8" if entry.flag_bits & _UTF_8 else "cp437"):
            return None
        start += name_length + extra_length
        packed = self._content[start : start + entry.compress_size]
        if entry.compress_type:
            try:
                packed = zlib.decompressobj(-15).decompress(packed, entry.file_size + 1)
            except zlib.error:
                return None
        return packed if len(packed) == entry.file_size and zlib.crc32(packed) == entry.CRC else None

    def _sound(self, entry: zipfile.ZipInfo) -> bool:
        """Whether a part's bytes are those that its checksum was made of."""
        if entry.file_size <= _RATIO_FROM and self._unpacked(entry) is not None:
            return True
        try:
            with self._zip.open(entry) as content:
                while content.read(_PIECE):
                    pass
        except _ZIP_TROUBLE:
            return False
        return True

    def tree(self, name: str) -> etree._Element | None:
        """A part as XML; None when there is none of that name, or it is empty.

        Raises:
            Unreadable: when the part is no XML or declares a document type.
        """
        content = self.part(name)
        return parse_xml(content, name) if content and content.strip() else None


def _folded(name: str) -> str:
    """A part's name as the standard compares them."""
    return name.lower().replace("\\", "/")


def parse_xml(content: bytes, name: str) -> etree._Element:
    """The root of an XML document, in the transitional namespaces whatever it was written in.

    Raises:
        Unreadable: when it is no XML, is nested too deeply, or declares a document type.
        MemoryError: when there is too little of it.
    """
    try:
        root = etree.fromstring(content, _PARSER)
        if isinstance(root.tag, str) and root.tag.startswith("{http://purl.oclc.org/ooxml/"):
            plain = etree.tostring(root, encoding="utf-8")
            for strict, transitional in _STRICT:
                plain = plain.replace(strict, transitional)
            root = etree.fromstring(plain, _PARSER)
    except etree.XMLSyntaxError as error:
        if "ERR_NO_MEMORY" in str(error.error_log):
            raise MemoryError(name) from error
        raise _no_xml(name, str(error).casefold()) from error
    except (ValueError, LookupError) as error:
        raise _no_xml(name, "") from error
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise _no_xml(name, "entity")
    return root


def _no_xml(name: str, said: str) -> Unreadable:
    """Why a part is not read as XML, by what the parser said of it."""
    if "depth" in said:
        return Unreadable(f"This file is over the limit on nesting: its part “{name}” goes deeper than 256.", _BROKEN)
    if "huge" in said:
        why = f"This file is over the limit on text: its part “{name}” holds more than 10 million characters in a row."
        return Unreadable(why, _BROKEN)
    if "entit" in said or "doctype" in said:
        return Unreadable(
            f"This file is not safe to read: its part “{name}” declares a document type, which no Word file does.",
            "Send the form as your word processor saves it.",
        )
    return Unreadable(f"This file is damaged: its part “{name}” is not well-formed.", _BROKEN)


_NO_STORY = frozenset(["hyperlink", "image", "attachedTemplate", "oleObject", "audio", "video"])
"""What a file may refer to and not hold without being damaged."""

_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_RELATIONS = f"{_RELATION}s"


def relations(container: Container, of: str) -> list[tuple[str, str]]:
    """What a part refers to inside the container: the last word of each relation's type, and the part's name.

    Args:
        of: the part; "" for the package itself.
    """
    folder, _, leaf = of.rpartition("/")
    name = f"{folder}/_rels/{leaf}.rels" if folder else f"_rels/{leaf}.rels"
    root = container.tree(name)
    if root is None and (not of or container.beside(of)):
        container.misses(name)
    elif root is not None and root.tag != _RELATIONS:
        raise Unreadable(f"This file is damaged: its part “{name}” is not what it should be.", _BROKEN)
    found = []
    for relation in root.iter(_RELATION) if root is not None else ():
        if relation.get("TargetMode") != "External":
            target = _resolved(folder, relation.get("Target") or "")
            kind = re.split(r"[/#]", relation.get("Type") or "")[-1]
            found.append((kind, target))
            if kind not in _NO_STORY and not container.holds(target):
                container.misses(target)
    return found


def _resolved(folder: str, target: str) -> str:
    """A relation's target as the name of a part."""
    steps = [] if target.startswith("/") else [s for s in folder.split("/") if s]
    for step in target.replace("\\", "/").split("/"):
        if step == "..":
            del steps[-1:]
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps)
