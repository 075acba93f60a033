"""Bytes into a Form: sniffs what a file is and has the right reader read it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.errors import Unreadable
from engine.model import Form, Media, Refusal, digest
from engine.reading.limits import Limits, keep_within
from engine.reading.sniff import sniff, sniff_zip

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
            kind = sniff_zip(container.names)
            media = kind.media
        if kind.refusal:
            return Form(sha256, media, refused=kind.refusal)
        if media == Media.PDF:
            from engine.reading.pdf import read_pdf

            form = read_pdf(content, limits)
        else:
            from engine.reading.word import read_word

            form = read_word(container, limits)
    except Unreadable as error:
        return Form(sha256, media, refused=Refusal(error.what, error.advice))
    return replace(form, sha256=sha256)


def read_file(file: Path, most: int) -> Form:
    """What the file at a path says, which may have `most` bytes."""
    return read(file.read_bytes(), replace(Limits(), size=most))


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
