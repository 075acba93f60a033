"""Rules of the seal: it is made once, over every byte, and no change of a sealed file goes unseen."""

import datetime as dt
import io
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import page
import pikepdf
import pytest
import typst
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID

from engine import Workspace
from engine.errors import Declined, Mistake
from engine.writing.seal import FIELD, Certificate, make_certificate, seal
from engine.writing.seal_check import OWN_CERTIFICATE, check
from tests.conftest import Office
from tests.scores.tampering import tampered

TODAY = dt.date(2026, 11, 22)
NOON = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
REASON = "Funding-body version 2 of plan P-7K3QX9ZA; journal 3f2a"


@pytest.fixture(scope="module")
def certificate() -> Certificate:
    return Certificate(make_certificate("Northgate Learning", TODAY))


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A document as the typesetter leaves it: PDF/A-3a and PDF/UA-1, saved by pikepdf."""
    source = tmp_path_factory.mktemp("document") / "plan.typ"
    source.write_text(
        '#set document(title: "Plan", author: "Northgate", date: datetime(year: 2026, month: 11, day: 22))\n'
        '#set text(lang: "en", region: "GB")\n= Plan\nRead for twenty minutes a day.'
    )
    typeset = typst.Compiler(str(source)).compile(format="pdf", pdf_standards=["a-3a", "ua-1"])
    assert isinstance(typeset, bytes)
    return resaved(typeset)


@pytest.fixture(scope="module")
def sealed(document: bytes, certificate: Certificate) -> bytes:
    return seal(document, certificate, NOON, REASON)


def resaved(pdf: bytes, field: pikepdf.Dictionary | None = None) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        if field is not None:
            widget = opened.make_indirect(field)
            opened.pages[0].Annots = pikepdf.Array([widget])
            opened.Root.AcroForm = pikepdf.Dictionary(Fields=[widget])
        opened.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def gap(pdf: bytes) -> slice:
    """Where the signature container stands, with its angle brackets."""
    start = pdf.index(b"/Contents <") + len("/Contents ")
    return slice(start, pdf.index(b">", start) + 1)


def with_bytes(pdf: bytes, where: slice, content: bytes) -> bytes:
    return pdf[: where.start] + content + pdf[where.stop :]


class TestSealing:
    def test_what_is_sealed_is_found_good(self, sealed: bytes, certificate: Certificate) -> None:
        report = check(sealed)
        assert report.sealed
        assert report.good
        assert report.problems == ()
        assert (report.signer, report.signed_at, report.reason) == ("Northgate Learning", NOON, REASON)
        assert report.fingerprint == certificate.fingerprint
        assert report.notes == (OWN_CERTIFICATE,)

    def test_the_document_stands_unchanged_before_its_seal(self, document: bytes, sealed: bytes) -> None:
        assert sealed.startswith(document)
        assert sealed.count(b"%%EOF") == document.count(b"%%EOF") + 1

    @pytest.mark.parametrize("standard", ["3a", "ua1"])
    def test_a_sealed_document_keeps_its_standards(self, sealed: bytes, standard: str) -> None:
        report = page.validate_pdf_bytes(sealed, profile=standard)
        assert report.is_compliant, [failure.message for failure in report.failures]

    def test_a_field_that_the_typesetter_made_is_used_and_keeps_its_looks(
        self, document: bytes, certificate: Certificate
    ) -> None:
        field = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Sig, T=FIELD, F=4,
            Rect=[50, 50, 250, 100],
        )  # fmt: skip
        out = seal(resaved(document, field), certificate, NOON, REASON)
        assert check(out).good
        with pikepdf.open(io.BytesIO(out)) as opened:
            (used,) = opened.Root.AcroForm.Fields
            assert used.T == FIELD
            assert "/AP" not in used
            assert [float(n) for n in used.Rect] == [50, 50, 250, 100]
        assert b"/Courier" not in out

    @pytest.mark.skipif(shutil.which("pdfsig") is None, reason="poppler is not installed")
    def test_other_programs_find_the_seal_valid(self, sealed: bytes, tmp_path: Path) -> None:
        file = tmp_path / "sealed.pdf"
        file.write_bytes(sealed)
        said = subprocess.run([str(shutil.which("pdfsig")), str(file)], capture_output=True, text=True).stdout
        assert "Signature is Valid" in said
        assert "Total document signed" in said

    def test_the_lines_in_the_readme_find_it_good(
        self, sealed: bytes, certificate: Certificate, tmp_path: Path
    ) -> None:
        readme = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
        lines = readme.split("How a seal is checked without us")[1].split("```python\n")[1].split("```")[0]
        said = {}
        for name, content in (("sealed", sealed), ("changed", sealed + b"\n% more")):
            (tmp_path / name).write_bytes(content)
            command = [sys.executable, "-c", lines, str(tmp_path / name)]
            said[name] = subprocess.run(command, capture_output=True, text=True).stdout
        assert said["sealed"].startswith("good")
        assert certificate.fingerprint in said["sealed"]
        assert not said["changed"].startswith("good")

    def test_a_sealed_file_is_not_sealed_again(self, sealed: bytes, certificate: Certificate) -> None:
        with pytest.raises(Declined, match="cannot be sealed"):
            seal(sealed, certificate, NOON, REASON)

    @pytest.mark.parametrize("pdf", [b"", b"no PDF", b"%PDF-1.7\n%%EOF"])
    def test_what_is_no_pdf_is_not_sealed(self, pdf: bytes, certificate: Certificate) -> None:
        with pytest.raises(Declined, match="cannot be sealed"):
            seal(pdf, certificate, NOON, REASON)


class TestTheCertificate:
    def test_it_names_the_provider_and_lasts_ten_years(self, certificate: Certificate) -> None:
        assert certificate.subject == "Northgate Learning"
        assert certificate.not_after == dt.date(2036, 11, 22)
        assert certificate.days_left(dt.date(2036, 11, 20)) == 2
        assert certificate.days_left(dt.date(2036, 11, 25)) == -3

    @pytest.mark.parametrize("provider", ["", "\x00\n", "Coleg Gŵyr & Łódź " * 10])
    def test_any_name_will_do(self, provider: str) -> None:
        assert Certificate(make_certificate(provider, dt.date(2028, 2, 29))).not_after == dt.date(2038, 2, 28)

    def test_an_expired_one_seals_nothing(self, document: bytes, certificate: Certificate) -> None:
        with pytest.raises(Declined, match=r"expired on 22/11/2036"):
            seal(document, certificate, NOON.replace(year=2037), REASON)

    def test_one_that_does_not_open_is_a_mistake_in_the_settings(
        self, document: bytes, certificate: Certificate
    ) -> None:
        for wrong in (Certificate(b"no PKCS#12"), Certificate(certificate.pkcs12, "wrong")):
            with pytest.raises(Mistake, match="cannot be opened"):
                seal(document, wrong, NOON, REASON)

    def test_one_bought_from_an_authority_seals_as_well_and_no_byte_of_its_chain_is_free(self, document: bytes) -> None:
        out = seal(document, bought(), NOON, REASON)
        report = check(out)
        assert report.good, report
        assert certificates_in(out) == 2
        assert report.signer == "Sealing"
        assert report.notes == ()
        for offset in random.Random(1).sample(range(gap(out).start, gap(out).start + 6000), 60):
            assert not check(flipped(out, offset, 0)).good

    def test_a_chain_without_its_root_stays_outside_because_nothing_vouches_for_its_end(self, document: bytes) -> None:
        out = seal(document, bought(root_too=False), NOON, REASON)
        assert check(out).good
        assert certificates_in(out) == 1


def certificates_in(pdf: bytes) -> int:
    from pyhanko.pdf_utils.reader import PdfFileReader

    (found,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    return len(found.signed_data["certificates"])


def bought(root_too: bool = True) -> Certificate:
    """An RSA certificate with a password, and the authority that issued it: the root, or one that a root issued."""

    def named(name: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])

    def issued(subject: str, issuer: str, public: object, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
        builder = x509.CertificateBuilder(named(issuer), named(subject), public, x509.random_serial_number())  # type: ignore[arg-type]
        start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        builder = builder.not_valid_before(start).not_valid_after(start.replace(year=2029))
        return builder.sign(key, hashes.SHA256())

    root = ec.generate_private_key(ec.SECP256R1())
    key = rsa.generate_private_key(65537, 2048)
    authority = issued("Authority", "Authority" if root_too else "Root", root.public_key(), root)
    own = issued("Sealing", "Authority", key.public_key(), root)
    content = pkcs12.serialize_key_and_certificates(b"x", key, own, [authority], BestAvailableEncryption(b"secret"))
    return Certificate(content, "secret")


def flipped(pdf: bytes, offset: int, bit: int) -> bytes:
    return with_bytes(pdf, slice(offset, offset + 1), bytes([pdf[offset] ^ 1 << bit]))


class TestEveryChangeIsFound:
    """Law 9: signed means these bytes."""

    def test_a_flipped_bit_anywhere(self, sealed: bytes) -> None:
        chance = random.Random(20261122)
        for _ in range(300):
            offset, bit = chance.randrange(len(sealed)), chance.randrange(8)
            assert not check(flipped(sealed, offset, bit)).good, (offset, bit)

    def test_a_flipped_bit_in_the_container_where_no_digest_looks(self, sealed: bytes) -> None:
        chance, container = random.Random(7), gap(sealed)
        written = container.start + sealed[container].rstrip(b"0>").__len__()
        edges = [container.start, container.start + 1, written - 1, written, container.stop - 2, container.stop - 1]
        inside = chance.sample(range(container.start, written), 100)
        padding = chance.sample(range(written, container.stop), 50)
        for offset in (*edges, *inside, *padding):
            assert not check(flipped(sealed, offset, chance.randrange(8))).good, offset

    def test_the_same_container_written_another_way(self, sealed: bytes) -> None:
        container = gap(sealed)
        content = sealed[container]
        for other in (content.upper(), content.replace(b"0>", b" >"), content.replace(b"00>", b"01>")):
            report = check(with_bytes(sealed, container, other))
            assert not report.good
            assert report.sealed

    @pytest.mark.parametrize("more", [b"\n", b" ", b"\0", b"%%EOF\n", b"% a remark\n", b"junk" * 1000])
    def test_bytes_added_at_the_end(self, sealed: bytes, more: bytes) -> None:
        assert not check(sealed + more).good

    def test_bytes_added_in_front_or_between(self, sealed: bytes) -> None:
        for offset in random.Random(3).sample(range(len(sealed)), 30):
            assert not check(with_bytes(sealed, slice(offset, offset), b" ")).good, offset
        assert not check(b"\n" + sealed).good

    def test_an_end_cut_off(self, sealed: bytes) -> None:
        lengths = random.Random(5).sample(range(len(sealed)), 30)
        for length in (*lengths, len(sealed) - 1, 1, 0):
            assert not check(sealed[:length]).good, length

    def test_an_edit_by_increment(self, sealed: bytes) -> None:
        from pyhanko.pdf_utils import generic
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

        writer = IncrementalPdfFileWriter(io.BytesIO(sealed))
        writer.root["/Lang"] = generic.pdf_string("cy-GB")
        writer.update_root()
        out = io.BytesIO()
        writer.write(out)
        report = check(out.getvalue())
        assert report.sealed
        assert report.problems == ("something was added to the file after it was sealed",)

    def test_a_file_saved_anew(self, sealed: bytes) -> None:
        report = check(resaved(sealed))
        assert report.sealed
        assert not report.good

    def test_a_second_signature(self, sealed: bytes, certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner

        monkeypatch.setattr(PdfSigner, "_enforce_certification_constraints", lambda *_: None)
        signer = SimpleSigner.load_pkcs12_data(certificate.pkcs12, [], None)
        writer = IncrementalPdfFileWriter(io.BytesIO(sealed))
        out = PdfSigner(PdfSignatureMetadata(field_name="Other"), signer).sign_pdf(writer)
        report = check(out.getvalue())
        assert report.problems == ("the seal itself was altered, or was not made by Counterpart",)


class TestOtherFiles:
    def test_a_file_without_a_seal_is_not_good_and_not_called_sealed(self, document: bytes) -> None:
        report = check(document)
        assert not report.sealed
        assert not report.good
        assert report.problems == ("the file carries no seal",)

    @pytest.mark.parametrize("content", [b"", b"no PDF", b"\x00" * 5000])
    def test_what_is_no_pdf_is_damaged(self, content: bytes) -> None:
        assert check(content).problems == ("the file is damaged",)

    def test_a_signature_of_another_kind_is_no_seal(self, document: bytes, certificate: Certificate) -> None:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner

        signer = SimpleSigner.load_pkcs12_data(certificate.pkcs12, [], None)
        for about in (PdfSignatureMetadata(field_name=FIELD), PdfSignatureMetadata(field_name="Other", certify=True)):
            out = PdfSigner(about, signer).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(document))).getvalue()
            assert not check(out).good

    def test_a_changed_file_sealed_anew_by_somebody_else_shows_another_fingerprint(
        self, document: bytes, sealed: bytes
    ) -> None:
        forged = seal(document, Certificate(make_certificate("Northgate Learning", TODAY)), NOON, REASON)
        assert check(forged).good
        assert check(forged).fingerprint != check(sealed).fingerprint


def test_a_sealed_version_changed_in_a_hundred_ways_is_never_good(office: Office, tmp_path: Path) -> None:
    office.signed()
    sealed = office.document("Funding-body version 1", "pdf").read_bytes()
    assert check(sealed).good
    made, missed = tampered(sealed, 99, 20261122)
    assert missed == []
    assert len(made) == 8


# ── Time stamps, and seals that have to wait ────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def authority() -> Iterator[str]:
    """The address of a time-stamp authority on this machine."""
    from asn1crypto import keys, tsp
    from asn1crypto import x509 as asn1_x509
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from pyhanko.sign.timestamps import DummyTimeStamper

    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Kingsmead Clock")])
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 7, start, start + dt.timedelta(3650))
        .add_extension(x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .sign(key, hashes.SHA256())
    )
    clock = DummyTimeStamper(
        asn1_x509.Certificate.load(made.public_bytes(Encoding.DER)),
        keys.PrivateKeyInfo.load(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())),
        fixed_dt=NOON,
    )

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            said = clock.request_tsa_response(tsp.TimeStampReq.load(asked)).dump()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(said if self.path == "/" else b"busy")

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def stamped(document: bytes, certificate: Certificate, authority: str) -> bytes:
    return seal(document, certificate, NOON, REASON, authority)


class TestTimeStamps:
    def test_a_seal_says_who_stamped_it_and_when(self, stamped: bytes) -> None:
        report = check(stamped)
        assert report.good, report.problems
        assert report.notes[1] == "time-stamped on 22/11/2026 at 12:00 UTC by Common Name: Kingsmead Clock"

    def test_no_byte_of_a_stamp_is_free(self, stamped: bytes) -> None:
        container = gap(stamped)
        used = stamped[container].rstrip(b"0>")
        for offset in random.Random(11).sample(range(1, len(used)), 150):
            at = container.start + offset
            other = b"%x" % (int(stamped[at : at + 1], 16) ^ 1)
            assert not check(with_bytes(stamped, slice(at, at + 1), other)).good, offset

    @pytest.mark.skipif(shutil.which("pdfsig") is None, reason="poppler is not installed")
    def test_other_programs_find_it_valid(self, stamped: bytes, tmp_path: Path) -> None:
        file = tmp_path / "stamped.pdf"
        file.write_bytes(stamped)
        said = subprocess.run([str(shutil.which("pdfsig")), str(file)], capture_output=True, text=True).stdout
        assert "Signature is Valid" in said

    @pytest.mark.parametrize("at", ["nonsense", None])
    def test_an_authority_that_does_not_answer_makes_the_seal_wait(
        self, document: bytes, certificate: Certificate, authority: str, at: str | None
    ) -> None:
        nobody = f"{authority}{at}" if at else "http://127.0.0.1:9/"
        with pytest.raises(Declined, match="time-stamp authority"):
            seal(document, certificate, NOON, REASON, nobody)


class TestWaiting:
    def test_a_seal_that_cannot_be_made_is_shown_and_made_as_soon_as_it_can(self, office: Office) -> None:
        settings = office.root / "counterpart.toml"
        usual = settings.read_text()
        office.ready_to_sign()
        office.workspace.close()
        settings.write_text(usual + '[sealing]\npkcs12 = "lost.p12"\n')
        office.workspace = Workspace(office.root)
        names = {"learner": "Amrit Kaur", "employer": "Jo Hargreaves", "provider": "Chidi Okafor"}
        answers = {f"signatures[{role}].name": name for role, name in names.items()}
        answers |= {f"signatures[{role}].date": "16/09/2026" for role in names}
        said = office.returns(office.document("Training plan", "pdf"), answers)
        assert "waits for its seal" in said.troubles[0]
        register = office.root / "outbox" / "staff" / "index.html"
        assert "waits for its seal" in register.read_text()
        assert "lost.p12 is not there" in register.read_text()
        assert not list(office.root.glob("outbox/*/*/*sealed*"))
        office.workspace.close()
        settings.write_text(usual)
        office.workspace = Workspace(office.root)
        assert office.workspace.run().troubles == ()
        assert check(office.document("Funding-body version 1", "pdf").read_bytes()).good
        assert "waits for its seal" not in register.read_text()

    def test_a_certificate_is_warned_of_a_month_before_it_expires(self, office: Office) -> None:
        office.signed()
        own = Certificate((office.root / ".counterpart" / "seal.p12").read_bytes())
        register = office.root / "outbox" / "staff" / "index.html"
        for days, warned in ((40, False), (30, True), (-1, True)):
            office.day(own.not_after - dt.timedelta(days))
            office.workspace.run()
            assert ("The certificate for sealing expire" in register.read_text()) is warned, days
