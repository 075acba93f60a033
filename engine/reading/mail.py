"""E-mails: who sent one, when, and the files that came with it; `.eml` by the standard library, `.msg` by python-oxmsg.

Nothing that a message points to is fetched. Pictures that only stand in its text (a logo, a signature's portrait) are
no files of their own: they stay in the message, which is kept whole.
"""

from __future__ import annotations

import datetime as dt
import mimetypes
import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.errors import HeaderParseError, MessageError
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.message import Message as Mail
from email.utils import format_datetime, parseaddr, parsedate_to_datetime
from typing import TYPE_CHECKING, cast

from engine.errors import Unreadable
from engine.model import Enclosed, Form, Message, Refusal
from engine.reading.limits import Limits, keep_within
from engine.reading.sniff import OUTLOOK

if TYPE_CHECKING:
    from oxmsg.properties import Properties
    from oxmsg.storage import Storage

KEPT = Refusal("This is an e-mail, not a form.", "Save the form attached to it and send that.", "Letter or message")
"""What is said of a message: it is evidence, whatever came with it."""

_DEPTH = 20
"""How many messages and groups of parts may lie inside one another."""

_PART_OF_MESSAGE = frozenset(
    {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature", "text/calendar"}
)
"""Kinds of part that programs add to a message; nobody attached them."""

_CID = re.compile(r"cid:([^\s\"'<>)]+)", re.IGNORECASE)


def read_mail(content: bytes, media: str, limits: Limits) -> Form:
    """What a message says of itself, with the files attached to it.

    Raises:
        Unreadable: when it is damaged or over a limit.
    """
    try:
        message = _outlook(content, limits) if media == OUTLOOK else _internet(content, limits)
    except RecursionError:
        raise Unreadable("This e-mail holds messages nested too deep inside one another.", _SEND_ON) from None
    return Form("", media, author=message.name, refused=KEPT, message=message)


_SEND_ON = "Save the forms attached to it, and drop those in."


def _bounded(files: Iterator[Enclosed], limits: Limits) -> tuple[Enclosed, ...]:
    found: list[Enclosed] = []
    size = 0
    for file in files:
        found.append(file)
        size += len(file.content)
        keep_within("files attached", len(found), limits.attachments)
        keep_within("unpacked size", size, limits.unpacked, " bytes")
    return tuple(found)


def _named(name: str, media: str, number: int) -> str:
    """What an attached file is called; one without a name is called by its place and kind."""
    name = " ".join(name.replace("\\", "/").rpartition("/")[2].split())
    return name or f"attachment {number}{mimetypes.guess_extension(media, strict=False) or ''}"


def _person(shown: str) -> tuple[str, str]:
    """Address and name of a sender."""
    name, address = parseaddr(shown)
    return address.casefold(), name or address


# ── Internet messages ───────────────────────────────────────────────────────────────────────────────────────────


def _internet(content: bytes, limits: Limits) -> Message:
    mail = message_from_bytes(content, policy=policy.compat32)
    address, name = _person(_header(mail, "From"))
    try:
        sent = _aware(parsedate_to_datetime(_header(mail, "Date")))
    except (ValueError, TypeError, OverflowError):
        sent = None
    parts = list(_leaves(mail, _DEPTH))
    shown = {cid for part in parts if part.get_content_type() == "text/html" for cid in _CID.findall(_text(part))}
    return Message(address, name, sent, _bounded(_attached(parts, shown), limits))


def _leaves(mail: Mail, depth: int) -> Iterator[Mail]:
    """The parts that hold something; a message inside it counts as one."""
    if depth == 0:
        raise RecursionError
    inside = mail.get_payload()
    if isinstance(inside, list) and mail.get_content_maintype() != "message":
        for part in inside:
            if isinstance(part, Mail):
                yield from _leaves(part, depth - 1)
    else:
        yield mail


def _attached(parts: list[Mail], shown: set[str]) -> Iterator[Enclosed]:
    number = 0
    for part in parts:
        media, name = part.get_content_type(), _file_name(part)
        body = part.get_content_maintype() == "text" and not name and part.get_content_disposition() != "attachment"
        in_text = media.startswith("image/") and str(part.get("Content-ID", "")).strip(" <>") in shown
        if body or in_text or media in _PART_OF_MESSAGE:
            continue
        content = _bytes(part)
        if content:
            number += 1
            yield Enclosed(_named(name, media, number), content)


def _bytes(part: Mail) -> bytes:
    inside = part.get_payload()
    if isinstance(inside, list):
        return inside[0].as_bytes() if inside and isinstance(inside[0], Mail) else b""
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _text(part: Mail) -> str:
    return _bytes(part).decode("utf-8", "replace")


def _header(mail: Mail, name: str) -> str:
    return _decoded(str(mail.get(name, "")))


def _file_name(part: Mail) -> str:
    try:
        return _decoded(part.get_filename("") or "")
    except (LookupError, UnicodeError, ValueError):
        return ""


def _decoded(words: str) -> str:
    """A header as people read it; one that is badly encoded stays as it is."""
    try:
        return str(make_header(decode_header(words)))
    except (LookupError, UnicodeError, HeaderParseError, MessageError, ValueError):
        return words


def _aware(moment: dt.datetime) -> dt.datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)


# ── Outlook messages ────────────────────────────────────────────────────────────────────────────────────────────

_EMBEDDED = "__substg1.0_3701000D"
_HEADER = 24
"""Bytes before the properties of a message inside a message."""


def _outlook(content: bytes, limits: Limits) -> Message:
    from oxmsg import Message as Outlook

    try:
        mail = Outlook.load(content)
        # What stands in the place of a date may be anything.
        sent = _aware(mail.sent_date) if mail.sent_date else None
        address, name = _person(mail.sender or "")
        files = _bounded(_enclosed(cast("Storage", mail._storage), mail.properties, _DEPTH), limits)
    except RecursionError:
        raise
    except (OSError, ValueError, LookupError, ArithmeticError, AttributeError, AssertionError, TypeError) as error:
        raise Unreadable("This Outlook message is damaged and cannot be read.", _SEND_ON) from error
    return Message(address, name, sent, files)


def _enclosed(storage: Storage, properties: Properties, depth: int) -> Iterator[Enclosed]:
    """The files attached to a message; a message attached to it becomes an internet message, and is taken too."""
    from oxmsg.attachment import Attachment
    from oxmsg.domain import constants as c

    if depth == 0:
        raise RecursionError
    shown = set(_CID.findall(_html(properties)))
    for number, attached in enumerate(storage.iter_attachment_storages(), 1):
        inside = next((s for s in attached.storages if s.name == _EMBEDDED), None)
        if inside is not None:
            yield _as_internet(inside, number, depth)
            continue
        file = Attachment(attached)
        media = file.mime_type or "application/octet-stream"
        cid = (file.properties.str_prop_value(c.PID_ATTACH_CONTENT_ID) or "").strip(" <>")
        name = file.file_name or file.properties.str_prop_value(c.PID_ATTACH_FILENAME) or ""
        if file.file_bytes and not (cid and cid in shown) and media not in _PART_OF_MESSAGE:
            yield Enclosed(_named(name, media, number), file.file_bytes)


def _html(properties: Properties) -> str:
    from oxmsg.domain import constants as c

    found = properties.binary_prop_value(c.PID_HTML)
    return found.decode("utf-8", "replace") if found else properties.str_prop_value(c.PID_BODY_HTML) or ""


def _as_internet(storage: Storage, number: int, depth: int) -> Enclosed:
    """A message inside an Outlook message, as an internet message."""
    from oxmsg.domain import constants as c
    from oxmsg.properties import Properties

    said = Properties(storage, properties_header_offset=_HEADER)
    name = " ".join((said.str_prop_value(c.PID_SENDER_NAME) or "").split())
    address = said.str_prop_value(c.PID_SENDER_SMTP_ADDRESS) or said.str_prop_value(c.PID_SENDER_EMAIL_ADDRESS) or ""
    subject = " ".join((said.str_prop_value(c.PID_SUBJECT) or "").split())
    sent = said.date_prop_value(c.PID_CLIENT_SUBMIT_TIME)
    made = EmailMessage(policy=policy.SMTPUTF8)
    made["Subject"], made["From"] = subject, f'"{name.replace(chr(34), "")}" <{address}>'
    if sent:
        made["Date"] = format_datetime(_aware(sent))
    made.set_content(said.str_prop_value(c.PID_BODY) or "")
    for file in _enclosed(storage, said, depth - 1):
        media = (mimetypes.guess_type(file.name)[0] or "application/octet-stream").split("/")
        if media[0] == "message" or file.name.endswith(".eml"):
            media = ["application", "octet-stream"]
        made.add_attachment(file.content, maintype=media[0], subtype=media[1], filename=file.name)
        made.set_boundary("counterpart")  # The same bytes whenever it is made.
    return Enclosed(f"{subject or f'message {number}'}.eml", made.as_bytes())
