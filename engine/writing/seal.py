"""The seal on a funding-body version: made once, last, over every byte; and found broken when one of them changes.

A seal is a certifying PAdES signature that permits no change, in a field called `Counterpart seal`. `seal` adds it
as one incremental update; `check` says whether a file still is what was sealed, with only the file in hand. Whose
certificate it is, the reader of the report decides: anybody can seal a changed file anew with a certificate of their
own, so a workspace compares the report's `fingerprint` with the one it recorded.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import io
import logging
import re
import typing
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from engine.errors import Declined, Mistake
from engine.places import clean

if typing.TYPE_CHECKING:
    from cryptography import x509

FIELD = "Counterpart seal"
"""The name of the signature field that a seal stands in."""

OWN_CERTIFICATE = "the certificate is the provider's own: a viewer may call it unknown"

_DAMAGED = "the file is damaged"
_CHANGED = "the file was changed after it was sealed"
_ADDED = "something was added to the file after it was sealed"
_ALTERED = "the seal itself was altered, or was not made by Counterpart"
_FOREIGN = "the file carries a signature that is not a Counterpart seal"

_PADES = b"/ETSI.CAdES.detached"
_BYTE_RANGE = re.compile(rb"/ByteRange \[0 (\d{1,12}) (\d{1,12}) (\d{1,12})\]")

# In hexadecimal digits. With room given, pyHanko need not sign twice to learn how much it needs.
_RESERVED = 8192


# A broken file is a finding here, said in the report; pyHanko's own words about it would reach the terminal.
logging.getLogger("pyhanko").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Certificate:
    """A key and its certificate, as PKCS#12, and the password that opens them ("" = none)."""

    pkcs12: bytes
    password: str = ""

    @property
    def subject(self) -> str:
        """Whom the certificate names.

        Raises:
            Mistake: when the PKCS#12 cannot be opened (also from the other properties).
        """
        return _named(_opened(self.pkcs12, self.password))

    @property
    def not_after(self) -> dt.date:
        """The last day on which it may seal."""
        return _opened(self.pkcs12, self.password).not_valid_after_utc.date()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, as `SealReport.fingerprint` gives it."""
        return _fingerprint(_opened(self.pkcs12, self.password))

    def days_left(self, today: dt.date) -> int:
        """How many days it may still seal; negative once it has expired."""
        return (self.not_after - today).days


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


# ── The certificate ─────────────────────────────────────────────────────────────────────────────────────────────


def make_certificate(provider: str, today: dt.date) -> bytes:
    """A certificate of the provider's own, as PKCS#12 without a password: EC P-256, for ten years from `today`."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
    from cryptography.x509.oid import NameOID
    from dateutil.relativedelta import relativedelta

    # Either part has room for 64 bytes.
    known_as = " ".join(clean(provider).split()).encode()[:64].decode(errors="ignore").strip() or "Training provider"
    name = x509.Name(
        [x509.NameAttribute(oid, known_as) for oid in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)],
    )
    start = dt.datetime.combine(today, dt.time(), dt.UTC)
    key = ec.generate_private_key(ec.SECP256R1())
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only",
         "decipher_only"), False,
    )  # fmt: skip
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # A day of grace: clocks of other machines, and west of Greenwich, run behind.
        .not_valid_before(start - dt.timedelta(days=1))
        .not_valid_after(start + relativedelta(years=10))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, content_commitment=True, **usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return pkcs12.serialize_key_and_certificates(b"Counterpart", key, certificate, None, NoEncryption())


@lru_cache(maxsize=4)
def _opened(content: bytes, password: str) -> x509.Certificate:
    """The certificate inside a PKCS#12, once it is known that its key is there too."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import pkcs12

    try:
        key, certificate, _ = pkcs12.load_key_and_certificates(content, password.encode() or None)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Mistake(
            "The certificate for sealing cannot be opened.",
            "Check that it is a PKCS#12 file (.p12 or .pfx) and that its password in the settings is right.",
        ) from error
    if key is None or certificate is None:
        raise Mistake(
            "The file of the certificate for sealing holds no key with a certificate.",
            "Ask for a PKCS#12 file (.p12 or .pfx) that holds both.",
        )
    return certificate


def _named(certificate: x509.Certificate) -> str:
    """The common name, else the organisation, else the whole subject."""
    from cryptography.x509.oid import NameOID

    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for attribute in certificate.subject.get_attributes_for_oid(oid):
            return str(attribute.value)
    return certificate.subject.rfc4514_string()


def _fingerprint(certificate: x509.Certificate) -> str:
    from cryptography.hazmat.primitives import hashes

    return certificate.fingerprint(hashes.SHA256()).hex()


# ── Sealing ─────────────────────────────────────────────────────────────────────────────────────────────────────


def seal(pdf: bytes, certificate: Certificate, signed_at: dt.datetime, reason: str) -> bytes:
    """The file with a seal added: the same bytes, and one incremental update after them.

    Uses the empty signature field called `Counterpart seal` when the file has one, and leaves its looks alone;
    else adds one that is not seen. The issuers' certificates go in when they are there up to the root.

    Raises:
        Declined: when the certificate has expired, or the file cannot be sealed (it is sealed already, or broken).
        Mistake: when the certificate cannot be opened.
    """
    if certificate.days_left(signed_at.date()) < 0:
        raise Declined(
            f"The certificate for sealing expired on {certificate.not_after:%d/%m/%Y}.",
            "Name another one in the settings; then what waits is sealed.",
        )
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.fields import InvisSigSettings, MDPPerm, SigFieldSpec, SigSeedSubFilter
    from pyhanko.sign.general import SigningError
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
    from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
    from pyhanko.stamp import BaseStampStyle
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    class Update(IncrementalPdfFileWriter):
        """An update that leaves the document's metadata alone: as pyHanko rewrites XMP, it is no PDF/A any more."""

        def _update_meta(self) -> None:
            pass

    class NoStamp(BaseStampStyle):
        """Draws nothing: pyHanko's own stamps use fonts that are not embedded, which PDF/A forbids."""

        def create_stamp(self, *_: object) -> None:
            """Nothing, so that the field keeps the looks that the typesetter gave it."""

    signer = SimpleSigner.load_pkcs12_data(certificate.pkcs12, [], certificate.password.encode() or None)
    issuers = [c.dump() for c in signer.cert_registry if c.dump() != signer.signing_cert.dump()]
    if not _accounted(_x509(signer.signing_cert.dump()), [_x509(der) for der in issuers]):
        alone = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        signer, issuers = SimpleSigner(signer.signing_cert, signer.signing_key, alone), []
    about = PdfSignatureMetadata(
        field_name=FIELD, reason=reason, certify=True, subfilter=SigSeedSubFilter.PADES,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )  # fmt: skip
    # PDF/UA asks for a tag on every widget on the page; one outside the page is exempt.
    unseen = SigFieldSpec(FIELD, invis_sig_settings=InvisSigSettings(box_out_of_bounds=True))
    steps = PdfSigner(about, signer, stamp_style=NoStamp(), new_field_spec=unseen)
    try:
        session = steps.init_signing_session(Update(io.BytesIO(pdf)))
        session.system_time = signed_at
        unsigned = session.prepare_tbs_document(None, _RESERVED + 2 * sum(map(len, issuers)))
        prepared, output = unsigned.digest_tbs_document()
        asyncio.run(unsigned.perform_signature(prepared.document_digest, PdfCMSSignedAttributes()))
    except (PdfError, SigningError, ValueError, KeyError) as error:
        raise Declined(
            f"This document cannot be sealed: {error}.", "Write it anew; a sealed file is never sealed again."
        ) from error
    output.seek(0)
    content = bytearray(output.read())
    gap = slice(prepared.reserved_region_start, prepared.reserved_region_end)
    content[gap] = content[gap].lower()
    return bytes(content)


# ── Checking ────────────────────────────────────────────────────────────────────────────────────────────────────


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
    problems = (*_mismatch(written, digest), *(() if _canonical(written, content) else (_ALTERED,)))
    signer = _x509(written.certificate.dump())
    report = SealReport(
        sealed=True,
        good=False,
        problems=tuple(dict.fromkeys(problems)),
        signer=_named(signer),
        fingerprint=_fingerprint(signer),
        notes=(OWN_CERTIFICATE,) if signer.issuer == signer.subject else (),
    )
    return report if problems else _as_read(report, pdf, content)


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

    @classmethod
    def read(cls, content: bytes) -> typing.Self:
        """The container at the beginning of the bytes; whatever follows it is `_canonical`'s concern."""
        from asn1crypto import cms  # type: ignore[import-untyped]
        from pyhanko.sign.general import extract_signer_info
        from pyhanko.sign.validation.generic_cms import extract_certs_for_validation

        signed = cms.ContentInfo.load(content)["content"]
        certificates = extract_certs_for_validation(signed)
        return cls(extract_signer_info(signed), certificates.signer_cert, tuple(certificates.other_certs))

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
    version = _der(0x02, b"\x01")
    signer_info = _der(
        0x30,
        version,
        _der(0x30, certificate.issuer.dump(), certificate["tbs_certificate"]["serial_number"].dump()),
        digest,
        _der(0xA0, info["signed_attrs"].contents),
        algorithm.dump(),
        _der(0x04, info["signature"].native),
    )
    signed = _der(
        0x30,
        version,
        _der(0x31, digest),
        _der(0x30, cms.ContentType("data").dump()),
        _der(0xA0, *sorted(certificates)),
        _der(0x31, signer_info),
    )
    again = _der(0x30, cms.ContentType("signed_data").dump(), _der(0xA0, signed))
    signer, *others = (_x509(c) for c in certificates)
    return content == again.ljust(len(content), b"\0") and _accounted(signer, others)


def _der(tag: int, *parts: bytes) -> bytes:
    """The parts under a tag, in DER: the length in the fewest bytes."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(length))) + length + content


def _x509(der: bytes) -> x509.Certificate:
    from cryptography import x509

    return x509.load_der_x509_certificate(der)


def _accounted(signer: x509.Certificate, others: Sequence[x509.Certificate]) -> bool:
    """Whether each of the others has issued another one here, and was issued by one here, up to a root.

    Then no byte of any is free: where an issuer is missing, nothing would vouch for what the last one says.
    """
    return all(
        any(_issued(child, other) for child in (signer, *others) if child != other)
        and any(_issued(other, issuer) for issuer in others)
        for other in others
    )


def _issued(child: x509.Certificate, issuer: x509.Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        child.verify_directly_issued_by(issuer)
    except (InvalidSignature, TypeError, ValueError):
        return False
    return True
