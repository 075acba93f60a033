"""The seal on a funding-body version: made once, last, over every byte; and found broken when one of them changes.

A seal is a certifying PAdES signature that permits no change, in a field called `Counterpart seal`, added as one
incremental update. `engine.writing.seal_check` tells whether a file still is what was sealed.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import logging
import typing
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from engine.errors import Declined, Mistake
from engine.places import clean
from engine.writing.timestamp import stamper

if typing.TYPE_CHECKING:
    from cryptography import x509

FIELD = "Counterpart seal"
"""The name of the signature field that a seal stands in."""

# In hexadecimal digits. With room given, pyHanko need not sign twice to learn how much it needs.
_RESERVED = 8192
_STAMP = 16384


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
        return named(_opened(self.pkcs12, self.password))

    @property
    def not_after(self) -> dt.date:
        """The last day on which it may seal."""
        return _opened(self.pkcs12, self.password).not_valid_after_utc.date()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, as `engine.writing.seal_check.SealReport.fingerprint` gives it."""
        return fingerprint_of(_opened(self.pkcs12, self.password))

    def days_left(self, today: dt.date) -> int:
        """How many days it may still seal; negative once it has expired."""
        return (self.not_after - today).days


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


def named(certificate: x509.Certificate) -> str:
    """The common name, else the organisation, else the whole subject."""
    from cryptography.x509.oid import NameOID

    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for attribute in certificate.subject.get_attributes_for_oid(oid):
            return str(attribute.value)
    return certificate.subject.rfc4514_string()


def fingerprint_of(certificate: x509.Certificate) -> str:
    """SHA-256 of a certificate, in lower-case hexadecimal."""
    from cryptography.hazmat.primitives import hashes

    return certificate.fingerprint(hashes.SHA256()).hex()


# ── Sealing ─────────────────────────────────────────────────────────────────────────────────────────────────────


def seal(pdf: bytes, certificate: Certificate, signed_at: dt.datetime, reason: str, authority: str = "") -> bytes:
    """The file with a seal added: the same bytes, and one incremental update after them.

    Uses the empty signature field called `Counterpart seal` when the file has one, and leaves its looks alone;
    else adds one that is not seen. The issuers' certificates go in when they are there up to the root.

    Args:
        authority: address of a time-stamp authority, asked for a stamp on the seal; "" = none.

    Raises:
        Declined: when the certificate has expired, the file cannot be sealed (it is sealed already, or broken), or the
            time-stamp authority does not answer as it should.
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
    from pyhanko.sign.timestamps import TimestampRequestError
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
    if not accounted_for(x509_of(signer.signing_cert.dump()), [x509_of(der) for der in issuers]):
        alone = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        signer, issuers = SimpleSigner(signer.signing_cert, signer.signing_key, alone), []
    about = PdfSignatureMetadata(
        field_name=FIELD, reason=reason, certify=True, subfilter=SigSeedSubFilter.PADES,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )  # fmt: skip
    # PDF/UA asks for a tag on every widget on the page; one outside the page is exempt.
    unseen = SigFieldSpec(FIELD, invis_sig_settings=InvisSigSettings(box_out_of_bounds=True))
    clock = stamper(authority) if authority else None
    room = _RESERVED + 2 * sum(map(len, issuers)) + (_STAMP if clock else 0)
    steps = PdfSigner(about, signer, stamp_style=NoStamp(), new_field_spec=unseen, timestamper=clock)
    try:
        session = steps.init_signing_session(Update(io.BytesIO(pdf)))
        session.system_time = signed_at
        unsigned = session.prepare_tbs_document(None, room)
        prepared, output = unsigned.digest_tbs_document()
        asyncio.run(unsigned.perform_signature(prepared.document_digest, PdfCMSSignedAttributes()))
    except (OSError, TimestampRequestError) as error:
        raise Declined(
            f"The time-stamp authority {authority} gives no time: {error}.", "The seal waits, and is tried again."
        ) from error
    except (PdfError, SigningError, ValueError, KeyError) as error:
        raise Declined(
            f"This document cannot be sealed: {error}.", "Write it anew; a sealed file is never sealed again."
        ) from error
    output.seek(0)
    content = bytearray(output.read())
    gap = slice(prepared.reserved_region_start, prepared.reserved_region_end)
    content[gap] = content[gap].lower()
    return bytes(content)


def x509_of(der: bytes) -> x509.Certificate:
    """The certificate that DER bytes hold."""
    from cryptography import x509

    return x509.load_der_x509_certificate(der)


def accounted_for(signer: x509.Certificate, others: Sequence[x509.Certificate]) -> bool:
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
