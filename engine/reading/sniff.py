"""What a file is, from its bytes alone, and the words for those that are no form."""

from __future__ import annotations

from dataclasses import dataclass

from engine.model import Media, Refusal

ENDINGS = {
    "application/vnd.oasis.opendocument.text": "odt",
    "application/msword": "doc",
    "application/rtf": "rtf",
}
"""The kinds of file that are converted, and the ending by which LibreOffice knows them."""

_SAVE_AS_WORD = (
    "Open it in the program it was made with, choose Save As, pick “Word document (.docx)” and send that file."
)
_SEND_FORM = "Send the form itself, as a Word file (.docx) or a PDF that can be filled in."
_UNLOCK = "Open it with its password, take the password off (File › Info › Protect Document) and send it again."


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file is: its media type, and why it is not read, where it is not."""

    media: str
    refusal: Refusal | None = None


def _no(media: str, reason: str, advice: str = _SEND_FORM, evidence: str = "") -> Kind:
    return Kind(media, Refusal(reason, advice, evidence))


MAIL = "message/rfc822"
OUTLOOK = "application/vnd.ms-outlook"
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


_PICTURE = "This is a picture, not a form."
_PICTURE_ADVICE = (
    "Send the form as the Word or PDF file that was filled in. If it was filled in on paper, type the answers into the "
    "form or give the paper to the office."
)
_SHEET = "This is a spreadsheet, not a form."
_SLIDES = "This is a presentation, not a form."
_MAIL_BEGINS = (b"mime-version:", b"from:", b"received:", b"return-path:", b"delivered-to:")
_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"BM", "image/bmp"),
)
_ARCHIVES = ((b"7z\xbc\xaf\x27\x1c", "7-Zip"), (b"Rar!\x1a\x07", "RAR"), (b"\x1f\x8b", "gzip"))
_ARCHIVE_ADVICE = "Unpack it and send the forms one by one."

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def sniff(content: bytes) -> Kind:
    """What a file is; a zip container comes back as `application/zip`, to be told apart by `sniff_zip`."""
    head = content[:1024]
    if not head.strip(b"\x00") and not content.strip(b"\x00"):
        reason = (
            "This file is empty." if not content else "This file holds nothing but zeros: its content never arrived."
        )
        return _no(
            "application/octet-stream", reason, "Check that it was saved and copied to the end, then send it again."
        )
    if b"%PDF-" in head:
        return Kind(Media.PDF)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return Kind("application/zip")
    if head.startswith(_OLE):
        return _ole(content)
    if head.startswith(b"{\\rtf"):
        return Kind("application/rtf")
    if media := next((media for magic, media in _PICTURES if head.startswith(magic)), None) or _boxed_picture(head):
        return _no(media, _PICTURE, _PICTURE_ADVICE, "Photograph")
    if packer := next((name for magic, name in _ARCHIVES if head.startswith(magic)), None):
        return _no("application/octet-stream", f"This is a packed {packer} archive, not a form.", _ARCHIVE_ADVICE)
    if media := _recording(head):
        return _no(media, "This is a recording, not a form.", evidence="Recording")
    return _text(head)


def _recording(head: bytes) -> str | None:
    """The media type of sound and film, by how such files begin."""
    if head[4:8] == b"ftyp":
        return "audio/mp4" if head[8:11] == b"M4A" else "video/mp4"
    if head[:4] == b"RIFF":
        return {b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}.get(head[8:12])
    kinds = (
        (b"ID3", "audio/mpeg"), (b"\xff\xfb", "audio/mpeg"), (b"\xff\xf3", "audio/mpeg"), (b"OggS", "audio/ogg"),
        (b"fLaC", "audio/flac"), (b"#!AMR", "audio/amr"), (b"\x1aE\xdf\xa3", "video/webm"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/x-ms-asf"),
    )  # fmt: skip
    return next((media for magic, media in kinds if head.startswith(magic)), None)


def _boxed_picture(head: bytes) -> str | None:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        return "image/heic" if head[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"heif") else None
    return None


def _ole(content: bytes) -> Kind:
    """The containers that Office used before 2007, and uses still around files with a password."""
    # Names in the container's directory are UTF-16; some programs write other capitals.
    folded = content.lower()

    def holds(name: str) -> bool:
        return name.lower().encode("utf-16-le") in folded

    if holds("EncryptedPackage"):
        return _no(Media.WORD, "This file is locked with a password.", _UNLOCK)
    if holds("WordDocument"):
        return Kind("application/msword")
    if holds("Workbook") or holds("Book"):
        return _no("application/vnd.ms-excel", _SHEET, evidence="Document")
    if holds("PowerPoint Document"):
        return _no("application/vnd.ms-powerpoint", _SLIDES, evidence="Document")
    if holds("__substg1.0_") or holds("__properties_version1.0"):
        return Kind(OUTLOOK)
    return _no(
        "application/x-ole-storage",
        "This is a file of an old Office program, and no form that can be read.",
        _SAVE_AS_WORD,
    )


def sniff_zip(names: frozenset[str], mimetype: bytes = b"") -> Kind:
    """What a zip container is, from the names of its parts, and what the part `mimetype` says where there is one."""
    folded = {name.lower().replace("\\", "/") for name in names}
    office = "[content_types].xml" in folded or "_rels/.rels" in folded

    def under(folder: str) -> bool:
        return any(name.startswith(folder) for name in folded)

    if office and under("xl/") and not under("word/"):
        return _no(SPREADSHEET, _SHEET, evidence="Document")
    if office and under("ppt/") and not under("word/"):
        media = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
        return _no(media, _SLIDES, evidence="Document")
    if office:
        return Kind(Media.WORD)
    if "mimetype" in folded or "content.xml" in folded:
        if b"spreadsheet" in mimetype or b"presentation" in mimetype or b"graphics" in mimetype:
            media = mimetype.decode("ascii", "replace")[:80]
            return _no(media, "This is an OpenDocument file, but no text.", evidence="Document")
        return Kind("application/vnd.oasis.opendocument.text")
    if under("index/") or "index.zip" in folded:
        return _no("application/vnd.apple.pages", "This is a Pages file, which cannot be read yet.", _SAVE_AS_WORD)
    return _no("application/zip", "This is a zip archive, not a form.", _ARCHIVE_ADVICE)


def _text(head: bytes) -> Kind:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if b"<html" in start or start.startswith(b"<!doctype html"):
        return _no("text/html", "This is a web page, not a form.", evidence="Document")
    if b"\nmime-version:" in start or start.startswith(_MAIL_BEGINS):
        return Kind(MAIL)
    if start.startswith(b"<"):
        if b'progid="word.document"' in start or b"schemas.microsoft.com/office/2006/xmlpackage" in start:
            return _no("application/xml", "This is a Word file saved as XML, which cannot be read yet.", _SAVE_AS_WORD)
        return _no("application/xml", "This is an XML file, not a form.", evidence="Document")
    if b"\x00" not in head or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        printable = sum(32 <= b < 127 or b in b"\t\r\n" or b > 127 for b in head)
        if printable == len(head) or head.startswith((b"\xff\xfe", b"\xfe\xff")):
            return _no("text/plain", "This is plain text, not a form.", evidence="Document")
    return _no("application/octet-stream", "This is no kind of file that can be read here.", evidence="Other")
