"""A time stamp on a seal: asked of an authority by its address (RFC 3161), and checked from the file alone.

A token stands where no digest of the file looks, so none of its bytes may be free. It is therefore kept in one form
only, with nothing in it but what proves itself: `normal` makes that form, and whoever checks makes it again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import typing
import urllib.request
from dataclasses import dataclass

from engine.writing.der import der

SECONDS = 20
"""How long an authority may take to answer; then the seal waits."""

_MOST = 100_000
_DIGESTS = ("sha256", "sha384", "sha512")


@dataclass(frozen=True, slots=True)
class Stamped:
    """What a good token says: which authority, and when."""

    by: str
    at: dt.datetime


def stamper(url: str) -> typing.Any:
    """What pyHanko asks for a time stamp, at an authority's address."""
    from asn1crypto import cms, tsp  # type: ignore[import-untyped]
    from pyhanko.sign.timestamps import TimeStamper, TimestampRequestError

    class Authority(TimeStamper):
        """An authority that is asked over HTTP; its token is kept in the one form that can be checked."""

        async def async_request_tsa_response(self, req: typing.Any) -> typing.Any:
            """The authority's answer; an `OSError` when there is none."""
            asked = urllib.request.Request(  # noqa: S310 - the settings take http and https only
                url, req.dump(), {"Content-Type": "application/timestamp-query"}
            )
            with urllib.request.urlopen(asked, timeout=SECONDS) as answer:  # noqa: S310
                return tsp.TimeStampResp.load(answer.read(_MOST))

        async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> typing.Any:
            """A token for the digest, in its normal form."""
            try:
                token = await super().async_timestamp(message_digest, md_algorithm)
                return cms.ContentInfo.load(normal(token.dump()))
            except (ValueError, KeyError, TypeError) as error:
                raise TimestampRequestError(f"what it answers is no time stamp ({error})") from error

    return Authority()  # type: ignore[no-untyped-call]


def normal(token: bytes) -> bytes:
    """The token in the one form that is kept: what is signed, the signature, the authority's own certificate.

    Raises:
        ValueError: when it is no token, or not signed by a certificate that is in it.
    """
    from asn1crypto import cms

    signed, info, certificate = _opened(token)
    content = signed["encap_content_info"]["content"]
    digest = cms.DigestAlgorithm({"algorithm": _digest_name(info)}).dump()
    algorithm = info["signature_algorithm"]
    if algorithm["algorithm"].native != "rsassa_pss":
        algorithm = cms.SignedDigestAlgorithm({"algorithm": algorithm["algorithm"].native})
    by_key = info["sid"].name == "subject_key_identifier"
    signer_info = der(
        0x30,
        der(0x02, b"\x03" if by_key else b"\x01"),
        info["sid"].dump(),
        digest,
        der(0xA0, info["signed_attrs"].contents),
        algorithm.dump(),
        der(0x04, info["signature"].native),
    )
    whole = der(
        0x30,
        der(0x02, b"\x03"),
        der(0x31, digest),
        der(0x30, cms.ContentType("tst_info").dump(), der(0xA0, der(0x04, bytes(content)))),
        der(0xA0, certificate.dump()),
        der(0x31, signer_info),
    )
    return der(0x30, cms.ContentType("signed_data").dump(), der(0xA0, whole))


def stamped(token: bytes, signature: bytes) -> Stamped | None:
    """What a token says of a signature; None when it is not good, or any byte of it could be another.

    Raises:
        Whatever the libraries raise on bytes that are no token.
    """
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity

    signed, info, certificate = _opened(token)
    content = signed["encap_content_info"]["content"]
    told = content.parsed
    digest = hashlib.new(_digest_name(info), bytes(content)).digest()
    intact, valid = validate_sig_integrity(info, certificate, "tst_info", digest)
    imprint = told["message_imprint"]
    name = imprint["hash_algorithm"]["algorithm"].native
    about_this = name in _DIGESTS and imprint["hashed_message"].native == hashlib.new(name, signature).digest()
    if not (intact and valid and about_this and _vouched(info, certificate) and normal(token) == token):
        return None
    return Stamped(certificate.subject.human_friendly, told["gen_time"].native)


def _opened(token: bytes) -> tuple[typing.Any, typing.Any, typing.Any]:
    """The signed data of a token, its one signer, and the signer's certificate."""
    from asn1crypto import cms, tsp  # noqa: F401 - the second makes the first know tokens
    from pyhanko.sign.general import extract_signer_info
    from pyhanko.sign.validation.generic_cms import extract_certs_for_validation

    signed = cms.ContentInfo.load(token)["content"]
    certificate = extract_certs_for_validation(signed).signer_cert
    return signed, extract_signer_info(signed), certificate


def _digest_name(info: typing.Any) -> str:
    name = str(info["digest_algorithm"]["algorithm"].native)
    if name not in _DIGESTS:
        raise ValueError(f"a time stamp that rests on {name}")
    return name


def _vouched(info: typing.Any, certificate: typing.Any) -> bool:
    """Whether the signed attributes name the certificate by its hash: else its words could be changed unseen."""
    for attribute in info["signed_attrs"]:
        kind = attribute["type"].native
        if kind in ("signing_certificate", "signing_certificate_v2"):
            named = attribute["values"][0]["certs"][0]
            algorithm = "sha1" if kind == "signing_certificate" else named["hash_algorithm"]["algorithm"].native
            return bool(named["cert_hash"].native == hashlib.new(algorithm, certificate.dump()).digest())
    return False
