"""Whether a sealed file still is, byte for byte, what was sealed: told from the file alone.

Whose certificate it is, the reader of the report decides: anybody can seal a changed file anew with a certificate of
their own, so a workspace compares the report's `fingerprint` with the one it recorded.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re
import typing
from dataclasses import dataclass, replace

from engine.writing.der import der
from engine.writing.seal import FIELD, accounted_for, fingerprint_of, named, x509_of
from engine.writing.timestamp import Stamped, stamped

if typing.TYPE_CHECKING:
    from cryptography import x509

OWN_CERTIFICATE = "the certificate is the provider's own: a viewer may call it unknown"

_DAMAGED = "the file is damaged"
_CHANGED = "the file was changed after it was sealed"
_ADDED = "something was added to the file after it was sealed"
_ALTERED = "the seal itself was altered, or was not made by Counterpart"
_FOREIGN = "the file carries a signature that is not a Counterpart seal"

_PADES = b"/ETSI.CAdES.detached"
_BYTE_RANGE = re.compile(rb"/ByteRange \[0 (\d{1,12}) (\d{1,12}) (\d{1,12})\]")


@dataclass(frozen=True, slots=True)
class SealReport:
    """What `check` found.

    Attributes:
        sealed: whether the file carries a seal at all, good or not.
        good: whether it is a whole Counterpart seal, and every byte of the file as it was sealed.
        problems: why not, in plain sentences; empty when good.
        signer, signed_at, reason: what the seal says; empty where it cannot be read. Claims, unless `good`.
        fingerprint: SHA-256 of the certificate that sealed, in lower-case hexadecimal.
        notes: what a person should know although nothing is wrong.
    """

    sealed: bool
    good: bool
    problems: tuple[str, ...] = ()
    signer: str = ""
    signed_at: dt.datetime | None = None
    reason: str = ""
    fingerprint: str = ""
    notes: tuple[str, ...] = ()


def check(pdf: bytes) -> SealReport:
    """Whether the file is, byte for byte, what was sealed. Needs nothing but the file, and never raises."""
    found = list(_BYTE_RANGE.finditer(pdf))
    if not found and pdf.startswith(b"%PDF-") and _PADES not in pdf:
        return SealReport(False, False, ("the file carries no seal",))
    report = SealReport(_PADES in pdf, False, (_DAMAGED,))
    if not found:
        return report
    try:
        return _report(pdf, *(int(number) for number in found[-1].groups()))
    except Exception:  # noqa: BLE001 - the libraries raise whatever they like on broken bytes; it all means one thing
        return report


def _report(pdf: bytes, before: int, after: int, length: int) -> SealReport:
    """The report on the seal whose container stands in the gap from `before` to `after`.

    Bytes first, meaning after: no reader of PDF opens the file before the signature over all of it was found to
    hold, so that a broken file costs next to nothing and cannot lead a reader astray.
    """
    if after + length < len(pdf):
        return SealReport(True, False, (_ADDED,))
    gap = re.fullmatch(rb"<((?:[0-9a-f]{2})+)>", pdf[before:after])
    if gap is None or after + length > len(pdf):
        return SealReport(True, False, (_ALTERED if gap is None else _DAMAGED,))
    content = bytes.fromhex(gap[1].decode())
    written = _Written.read(content)
    digest = hashlib.new(written.digest_name, pdf[:before] + pdf[after:]).digest()
    stamp = written.stamped()
    sound = _canonical(written, content) and bool(stamp) == bool(written.token)
    problems = (*_mismatch(written, digest), *(() if sound else (_ALTERED,)))
    signer = x509_of(written.certificate.dump())
    report = SealReport(
        sealed=True,
        good=False,
        problems=tuple(dict.fromkeys(problems)),
        signer=named(signer),
        fingerprint=fingerprint_of(signer),
        notes=tuple(_notes(signer, stamp)),
    )
    return report if problems else _as_read(report, pdf, content)


def _notes(signer: x509.Certificate, stamp: Stamped | None) -> typing.Iterator[str]:
    if signer.issuer == signer.subject:
        yield OWN_CERTIFICATE
    if stamp:
        yield f"time-stamped on {stamp.at:%d/%m/%Y at %H:%M} UTC by {stamp.by}"


def _as_read(report: SealReport, pdf: bytes, content: bytes) -> SealReport:
    """The report with what the seal says, once its bytes are known to be genuine; good, if it is a seal of ours."""
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.fields import MDPPerm
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    signature, *more = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    signature.compute_integrity_info()
    summary = signature.summarise_integrity_info()
    ours = (
        not more
        and signature.field_name == FIELD
        and signature.sig_object_type == "/Sig"
        and signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
        and signature.docmdp_level is MDPPerm.NO_CHANGES
        and signature.reader.root["/Perms"].raw_get("/DocMDP").reference == signature.sig_object.container_ref
    )
    whole = (
        signature.pkcs7_content == content
        and summary["coverage"] == SignatureCoverageLevel.ENTIRE_FILE
        and summary["docmdp_ok"]
    )
    return replace(
        report,
        good=bool(ours and whole),
        problems=(*(() if ours else (_FOREIGN,)), *(() if whole else (_ADDED,))),
        signed_at=signature.self_reported_timestamp,
        reason=str(signature.sig_object.get("/Reason", "")),
    )


@dataclass(frozen=True, slots=True)
class _Written:
    """What a signature container holds, as asn1crypto reads it."""

    signer_info: typing.Any
    certificate: typing.Any
    others: tuple[typing.Any, ...]
    token: bytes

    @classmethod
    def read(cls, content: bytes) -> typing.Self:
        """The container at the beginning of the bytes; whatever follows it is `_canonical`'s concern."""
        from asn1crypto import cms  # type: ignore[import-untyped]
        from pyhanko.sign.general import extract_signer_info
        from pyhanko.sign.validation.generic_cms import extract_certs_for_validation

        signed = cms.ContentInfo.load(content)["content"]
        certificates = extract_certs_for_validation(signed)
        info = extract_signer_info(signed)
        return cls(info, certificates.signer_cert, tuple(certificates.other_certs), _token(info))

    def stamped(self) -> Stamped | None:
        """What its time stamp says; None when it has none, or one that is not good."""
        return stamped(self.token, self.signer_info["signature"].native) if self.token else None

    @property
    def digest_name(self) -> str:
        """`sha256`, or another of its family: nothing older seals.

        Raises:
            ValueError: when it is another one.
        """
        name = str(self.signer_info["digest_algorithm"]["algorithm"].native)
        if name not in ("sha256", "sha384", "sha512"):
            raise ValueError(name)
        return name


def _token(info: typing.Any) -> bytes:
    """The time-stamp token beside a signature; empty when there is none."""
    for attribute in info["unsigned_attrs"] or ():
        if attribute["type"].native == "signature_time_stamp_token":
            return bytes(attribute["values"][0].dump())
    return b""


def _stamp_attribute(token: bytes) -> bytes:
    from asn1crypto import cms

    return der(0x30, cms.CMSAttributeType("signature_time_stamp_token").dump(), der(0x31, token))


def _mismatch(written: _Written, digest: bytes) -> tuple[str, ...]:
    """What is wrong between the signature, what it signs, and the digest of the file."""
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity

    intact, valid = validate_sig_integrity(written.signer_info, written.certificate, "data", digest)
    return tuple(problem for fine, problem in ((intact, _CHANGED), (valid, _ALTERED)) if not fine)


def _canonical(written: _Written, content: bytes) -> bool:
    """Whether the container is written in the one way that we write it, with nothing but zeros behind it.

    It stands in the gap of the byte range, where no digest looks: whatever is free there could be changed unseen. So
    it is put together again (by hand: asn1crypto takes fifty times as long) from the parts that prove
    themselves: the signed attributes, the signature, and the certificates. Versions, algorithms and order follow
    from them; anything else in it makes the two differ.
    """
    from asn1crypto import cms

    info, certificate = written.signer_info, written.certificate
    digest = cms.DigestAlgorithm({"algorithm": written.digest_name}).dump()
    algorithm = info["signature_algorithm"]
    # RSA-PSS brings parameters, which the signed attributes repeat; the others have one form each.
    if algorithm["algorithm"].native != "rsassa_pss":
        algorithm = cms.SignedDigestAlgorithm({"algorithm": algorithm["algorithm"].native})
    certificates = [c.dump() for c in (certificate, *written.others)]
    version = der(0x02, b"\x01")
    signer_info = der(
        0x30,
        version,
        der(0x30, certificate.issuer.dump(), certificate["tbs_certificate"]["serial_number"].dump()),
        digest,
        der(0xA0, info["signed_attrs"].contents),
        algorithm.dump(),
        der(0x04, info["signature"].native),
        *(der(0xA1, _stamp_attribute(written.token)) for _ in filter(None, (written.token,))),
    )
    signed = der(
        0x30,
        version,
        der(0x31, digest),
        der(0x30, cms.ContentType("data").dump()),
        der(0xA0, *sorted(certificates)),
        der(0x31, signer_info),
    )
    again = der(0x30, cms.ContentType("signed_data").dump(), der(0xA0, signed))
    signer, *others = (x509_of(c) for c in certificates)
    return content == again.ljust(len(content), b"\0") and accounted_for(signer, others)
