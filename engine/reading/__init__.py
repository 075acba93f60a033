"""Bytes into a Form: sniffs what a file is and has the right reader read it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine import settings
from engine.errors import Unreadable
from engine.model import Form, Media, Refusal, digest
from engine.reading.limits import Limits, confine_pdf, keep_within, named
from engine.reading.sniff import ENDINGS, MAIL, OUTLOOK, SPREADSHEET, sniff, sniff_zip

__all__ = ["Limits", "entry", "read", "read_file"]


def read(content: bytes, limits: Limits = Limits()) -> Form:  # noqa: B008
    """What a file says. Never raises for a bad file: the form it returns is then `refused`, with reason and advice."""
    sha256 = digest(content)
    media = "application/octet-stream"
    try:
        keep_within("size", len(content), limits.size, " bytes")
        kind = sniff(content)
        media = kind.media
        if media == "application/zip":
            from engine.reading.container import Container

            container = Container(content, limits)
            kind = sniff_zip(container.names, container.part("mimetype") or b"")
            media = kind.media
        if media == SPREADSHEET:
            from engine.reading.grid import read_grid

            return Form(sha256, media, refused=kind.refusal, tabs=read_grid(content, limits))
        if kind.refusal:
            return Form(sha256, media, refused=kind.refusal)
        if media == Media.PDF:
            from engine.reading.pdf import read_pdf
            from engine.reading.pdf_checksums import doubts

            confine_pdf(limits.unpacked)
            form = _doubted(read_pdf(content, limits), doubts(content, limits.unpacked))
        elif media in (MAIL, OUTLOOK):
            from engine.reading.mail import read_mail

            form = read_mail(content, media, limits)
        elif media in ENDINGS:
            form = _converted(content, media, limits)
        else:
            from engine.reading.word import read_word

            form = _doubted(read_word(container, limits), container.doubts())
    except Unreadable as unreadable:
        error = named(unreadable, limits)
        return Form(sha256, media, refused=Refusal(error.what, error.advice))
    return replace(form, sha256=sha256)


def _converted(content: bytes, media: str, limits: Limits) -> Form:
    """What a file of another word processor says once it is made into a Word file; every answer's route tells."""
    from engine.reading.container import Container
    from engine.reading.convert import NAMES, as_word
    from engine.reading.word import read_word

    form = read_word(Container(as_word(content, ENDINGS[media]), limits), limits)
    fields = tuple(field._replace(route=f"{field.route} (converted)") for field in form.fields)
    refused = form.refused and replace(form.refused, reason=f"This {NAMES[ENDINGS[media]]} holds no form's boxes.")
    return replace(form, media_type=media, fields=fields, refused=refused)


def _doubted(form: Form, doubts: tuple[str, ...]) -> Form:
    """A form each of whose answers carries what is doubtful about the whole file."""
    if not doubts:
        return form
    return replace(form, fields=tuple(f._replace(problems=(*f.problems, *doubts)) for f in form.fields))


def read_file(file: Path, limits: settings.Limits) -> Form:
    """What the file at a path says, within the limits that the settings give."""
    return read(file.read_bytes(), Limits.of(limits))


def entry(file_name: str, form: Form) -> dict[str, object]:
    """A form as `counterpart read --json` prints it."""
    stamp = form.stamp
    return {
        "file": file_name,
        "sha256": form.sha256,
        "media_type": str(form.media_type),
        "stamp": {
            "plan": stamp.plan,
            "revision": stamp.revision,
            "proforma": stamp.proforma,
            "version": stamp.version,
            "form": stamp.form,
        }
        if stamp
        else None,
        "signatures": list(form.seals),
        "fields": [
            {
                "name": field.name,
                "kind": field.kind,
                "value": list(field.value) if isinstance(field.value, tuple) else field.value,
                "raw": list(field.raw) if isinstance(field.raw, tuple) else field.raw,
                "label": field.label,
                "route": field.route,
                "where": field.where,
                "problems": list(field.problems),
            }
            for field in form.fields
        ],
        "remarks": [{"kind": r.kind, "text": r.text, "where": r.where, "by": r.by} for r in form.remarks],
        "refused": {"reason": form.refused.reason, "advice": form.refused.advice} if form.refused else None,
    }
