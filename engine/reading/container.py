"""A zip container opened within limits, and the XML in it parsed with nothing fetched and nothing expanded."""

from __future__ import annotations

import re
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
        self._names = {e.filename: e for e in entries}
        self._folded = {e.filename.lower().replace("\\", "/"): e for e in entries}

    @property
    def names(self) -> frozenset[str]:
        """The names of all parts."""
        return frozenset(self._names)

    def part(self, name: str) -> bytes | None:
        """The bytes of a part; None when there is none of that name.

        Raises:
            Unreadable: when the part cannot be unpacked.
        """
        entry = self._names.get(name) or self._folded.get(name.lower())
        if entry is None:
            return None
        try:
            return self._zip.read(entry)
        except _ZIP_TROUBLE as error:
            raise Unreadable(f"This file is damaged: its part “{name}” cannot be unpacked.", _BROKEN) from error

    def tree(self, name: str) -> etree._Element | None:
        """A part as XML; None when there is none of that name, or it is empty.

        Raises:
            Unreadable: when the part is no XML or declares a document type.
        """
        content = self.part(name)
        return parse_xml(content, name) if content and content.strip() else None


def parse_xml(content: bytes, name: str) -> etree._Element:
    """The root of an XML document, in the transitional namespaces whatever it was written in.

    Raises:
        Unreadable: when it is no XML, is nested too deeply, or declares a document type.
    """
    try:
        root = etree.fromstring(content, _PARSER)
        if isinstance(root.tag, str) and root.tag.startswith("{http://purl.oclc.org/ooxml/"):
            plain = etree.tostring(root, encoding="utf-8")
            for strict, transitional in _STRICT:
                plain = plain.replace(strict, transitional)
            root = etree.fromstring(plain, _PARSER)
    except etree.XMLSyntaxError as error:
        if "depth" in str(error):
            raise Unreadable(
                f"This file is over the limit on nesting: its part “{name}” goes deeper than 256.", _BROKEN
            ) from error
        raise Unreadable(f"This file is damaged: its part “{name}” is not well-formed.", _BROKEN) from error
    except (ValueError, LookupError) as error:
        raise Unreadable(f"This file is damaged: its part “{name}” is not well-formed.", _BROKEN) from error
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise Unreadable(
            f"This file is not safe to read: its part “{name}” declares a document type, which no Word file does.",
            "Send the form as your word processor saves it.",
        )
    return root


_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


def relations(container: Container, of: str) -> list[tuple[str, str]]:
    """What a part refers to inside the container: the last word of each relation's type, and the part's name.

    Args:
        of: the part; "" for the package itself.
    """
    folder, _, leaf = of.rpartition("/")
    root = container.tree(f"{folder}/_rels/{leaf}.rels" if folder else f"_rels/{leaf}.rels")
    found = []
    for relation in root.iter(_RELATION) if root is not None else ():
        if relation.get("TargetMode") != "External":
            target = _resolved(folder, relation.get("Target") or "")
            found.append((re.split(r"[/#]", relation.get("Type") or "")[-1], target))
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
