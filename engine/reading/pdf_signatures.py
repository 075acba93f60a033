"""Digital signatures in a PDF, each checked by pyHanko: by whom, whether it holds, and what of the file it covers.

Whether the bytes are those that were signed can be told from the file alone. Who stands behind a certificate cannot:
that is never claimed here. pyHanko takes a second to import, so this room is opened only for a file that is signed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.validation import EmbeddedPdfSignature
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko.sign.validation.status import SignatureCoverageLevel

# What pyHanko thinks of a file belongs in the form, not on standard error.
for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).addHandler(logging.NullHandler())

_BROKEN = "it cannot be checked"
_ALTERED = "not valid: what was signed has been altered"
_WHOLE = "valid, covers the whole file"
_ALLOWED = "valid, but the file was filled in or signed further afterwards"
_CHANGED = "valid for the file as it was then, but the file was changed afterwards"
_STAMPED = "a time stamp, not a person's signature"
_PART = "valid for a part of the file only, and not for all that stands in it"

# Junk behind the end of the file is no update at all, and so not among them.
_HARMLESS = (ModificationLevel.LTA_UPDATES, ModificationLevel.FORM_FILLING)


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found of one signature.

    Attributes:
        signer: the name in its certificate; "" where there is none that can be read.
        day: when it says that it was made, day first; a claim.
        finding: whether it holds and what it covers, in words.
        problem: what is wrong with it, as a sentence for its field; "" when nothing is.
    """

    signer: str = ""
    day: str = ""
    finding: str = _BROKEN
    problem: str = f"the signature is doubtful: {_BROKEN}"


def check(content: bytes) -> Mapping[str, Checked]:
    """Every signature of a file, by the fully qualified name of its field. Never raises."""
    try:
        reader = PdfFileReader(BytesIO(content), strict=False)
        if reader.encrypted:
            reader.decrypt("")
        return dict(_each(reader))
    except Exception:  # noqa: BLE001 - pyHanko raises whatever it likes on broken bytes; none of it is then checked
        return {}


def _each(reader: PdfFileReader) -> Iterator[tuple[str, Checked]]:
    for signature in reader.embedded_signatures:
        try:
            yield signature.field_name, _checked(signature)
        except Exception:  # noqa: BLE001 - one broken signature does not hide the others
            yield signature.field_name, Checked()


def _checked(signature: EmbeddedPdfSignature) -> Checked:
    claimed = signature.self_reported_timestamp
    finding, sound = _finding(signature)
    return Checked(
        _signer(signature.signer_cert),
        f"{claimed:%d/%m/%Y}" if claimed else "",
        finding,
        "" if sound else f"the signature is doubtful: {finding}",
    )


def _signer(certificate: Any) -> str:
    """The common name, else the organisation, else the whole subject."""
    named = certificate.subject.native
    name = named.get("common_name") or named.get("organization_name") or certificate.subject.human_friendly
    return " ".join(str(name[0] if isinstance(name, list) else name).split())


def _finding(signature: EmbeddedPdfSignature) -> tuple[str, bool]:
    """Whether a signature holds and what it covers; and whether nothing about it wants a person's eye."""
    if signature.sig_object_type == "/DocTimeStamp":
        return _STAMPED, True
    signature.compute_integrity_info()
    found = signature.summarise_integrity_info()
    digest = signature.compute_digest()
    if not all(validate_sig_integrity(signature.signer_info, signature.signer_cert, "data", digest)):
        return _ALTERED, False
    if found["coverage"] == SignatureCoverageLevel.ENTIRE_FILE:
        return _WHOLE, True
    if found["coverage"] != SignatureCoverageLevel.ENTIRE_REVISION:
        return _PART, False
    change = found["diff_result"]
    allowed = found["docmdp_ok"] and isinstance(change, DiffResult) and change.modification_level in _HARMLESS
    return (_ALLOWED if allowed else _CHANGED), allowed
