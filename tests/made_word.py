"""Small Word files made in tests: a body and whatever else stands in the package."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NAMES = (
    f'xmlns:w="{W}" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)


def zipped(parts: dict[str, str | bytes]) -> bytes:
    """A zip container of the parts."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as container:
        for name, content in parts.items():
            container.writestr(name, content)
    return file.getvalue()


def word(body: str, main: str = "word/document.xml", beside: Mapping[str, str] | None = None, **more: str) -> bytes:
    """A Word file with this body; `more` are parts beside it (`header`, `comments`, `custom`, `core`).

    Args:
        beside: other parts of the package, by their whole names.
    """
    folder, leaf = main.rsplit("/", 1)
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": _relations(
            f"{_OFFICE}/officeDocument {main}",
            *(f"{_OFFICE}/custom-properties docProps/custom.xml" for _ in ["custom"] if "custom" in more),
            *(f"{_OFFICE}/metadata/core-properties docProps/core.xml" for _ in ["core"] if "core" in more),
        ),
        f"{folder}/_rels/{leaf}.rels": _relations(
            *(f"{_OFFICE}/{name} {name}.xml" for name in more if name not in ("custom", "core"))
        ),
        **(beside or {}),
        main: f"<w:document {_NAMES}><w:body>{body}</w:body></w:document>",
    }
    for name, content in more.items():
        parts[f"docProps/{name}.xml" if name in ("custom", "core") else f"{folder}/{name}.xml"] = content
    return zipped(parts)


def _relations(*lines: str) -> str:
    inside = "".join(
        f'<Relationship Id="r{n}" Type="{line.split()[0]}" Target="{line.split()[1]}"/>' for n, line in enumerate(lines)
    )
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inside}</Relationships>'
    )


def part(root: str, inside: str) -> str:
    """Another part in WordprocessingML, such as a header."""
    return f"<w:{root} {_NAMES}>{inside}</w:{root}>"


def run(words: str, look: str = "") -> str:
    """A run of text."""
    return f'<w:r>{f"<w:rPr>{look}</w:rPr>" if look else ""}<w:t xml:space="preserve">{words}</w:t></w:r>'


def p(inside: str) -> str:
    """A paragraph; bare words become a run."""
    return f"<w:p>{inside if inside.startswith('<') or not inside else run(inside)}</w:p>"


def tc(words: str) -> str:
    """A cell: words, or XML that is the inside of a cell."""
    return f"<w:tc>{words if words.startswith('<') else p(words)}</w:tc>"


def tr(*cells: str, look: str = "") -> str:
    """A row of cells as XML."""
    return f"<w:tr>{look}{''.join(cells)}</w:tr>"


def table(*rows: tuple[str, ...], headed: bool = False) -> str:
    """A table; a cell is words, or XML that is the inside of a cell."""
    look = "<w:trPr><w:tblHeader/></w:trPr>"
    written = (tr(*map(tc, row), look=look if headed and n == 0 else "") for n, row in enumerate(rows))
    return f"<w:tbl>{''.join(written)}</w:tbl>"


def control(inside: str, tag: str = "", alias: str = "", nature: str = "<w:text/>", hint: bool = False) -> str:
    """A content control around XML."""
    return (
        "<w:sdt><w:sdtPr>"
        + (f'<w:alias w:val="{alias}"/>' if alias else "")
        + (f'<w:tag w:val="{tag}"/>' if tag else "")
        + ("<w:showingPlcHdr/>" if hint else "")
        + f"{nature}</w:sdtPr><w:sdtContent>{inside}</w:sdtContent></w:sdt>"
    )
