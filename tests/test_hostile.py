"""Files made to harm: each ends soon, in little memory, with a refusal that names the cause."""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from made_word import W, control, p, part, run, word, zipped

from engine.pool import Pool
from engine.reading import read, read_file
from engine.settings import Limits
from tests.scores.hostile import FORMS, hostile_files
from tests.scores.mutations import tell

SOON = Limits(seconds=60, cpu_seconds=5)
"""Every file ends within five seconds: of processor time, so that a busy machine fails no test."""

BODY = p(control(run("Ada"), "name"))


def pdf(*objects: bytes) -> bytes:
    """A PDF with a sound cross-reference to the objects, the first of which is its root."""
    made = b"%PDF-1.7\n"
    places = []
    for number, inside in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, inside)
    lines = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    end = b"trailer << /Root 1 0 R /Size %d >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(made))
    return made + head + lines + end


def stream(packed: bytes, keys: bytes = b"", filters: bytes = b"/FlateDecode") -> bytes:
    """A stream object."""
    return b"<< %s /Filter %s /Length %d >>\nstream\n%s\nendstream" % (keys, filters, len(packed), packed)


ROOT = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R] >> >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Annots [4 0 R] >>"
FIELD = b"<< /FT /Tx /T (name) /V 5 0 R /Subtype /Widget /Rect [0 0 9 9] >>"


def inflating(megabytes: int, layers: int = 1) -> bytes:
    """A few bytes that unpack to many, packed in so many layers."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(megabytes)) + packer.flush()
    for _ in range(layers - 1):
        packed = zlib.compress(packed, 9)
    return packed


def bomb_in_a_value() -> bytes:
    return pdf(ROOT, PAGES, PAGE, FIELD, stream(inflating(400)))


def bomb_in_layers() -> bytes:
    return pdf(ROOT, PAGES, PAGE, FIELD, stream(inflating(400, layers=2), filters=b"[/FlateDecode /FlateDecode]"))


def bomb_in_the_cross_reference() -> bytes:
    """Here the whole file hangs on the stream: a reader cannot but unpack it."""
    keys = b"/Type /XRef /Size 6 /W [1 2 1] /Root 1 0 R"
    made = b"%PDF-1.7\n1 0 obj\n" + ROOT + b"\nendobj\n"
    at = len(made)
    return made + b"9 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (stream(inflating(400), keys), at)


def page_loop() -> bytes:
    return pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Pages /Kids [2 0 R] /Parent 2 0 R /Count 1 >>",
    )


def field_loop() -> bytes:
    """A field that is its own kid's kid: read once, and then the file has no more to say."""
    return pdf(
        ROOT, PAGES, PAGE, b"<< /T (a) /FT /Tx /Kids [5 0 R] /Parent 5 0 R >>", b"<< /T (b) /Kids [4 0 R] >>"
    )  # fmt: skip


def field_ladder() -> bytes:
    rungs = [b"<< /T (t) /FT /Tx /Kids [%d 0 R] >>" % (n + 1) for n in range(4, 400)]
    return pdf(ROOT, PAGES, PAGE, *rungs, b"<< /T (end) /FT /Tx >>")


def deep_zip() -> bytes:
    return zipped({"_rels/.rels": "", "word/document.xml": bytes(60_000_000)})


def wide_zip() -> bytes:
    return zipped({"_rels/.rels": "", **{f"word/{n}.xml": bytes(990_000) for n in range(210)}})


def crowded_zip() -> bytes:
    return zipped({f"word/{n}.xml": "" for n in range(5_001)})


def zip_that_lies() -> bytes:
    """A part that says it is small, and is not."""
    content = bytearray(word(BODY, styles="<styles>" + " " * 3_000_000 + "</styles>"))
    true, small = (3_000_017).to_bytes(4, "little"), (100).to_bytes(4, "little")
    assert content.count(true) == 2
    return bytes(content).replace(true, small)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10))


def entities(declared: str, used: str) -> bytes:
    """A Word file whose document declares entities and uses one."""
    with zipfile.ZipFile(BytesIO(word(""))) as container:
        parts: dict[str, str | bytes] = {name: container.read(name) for name in container.namelist()}
    text = f'<w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>{used}</w:t></w:r></w:p></w:body></w:document>'
    return zipped({**parts, "word/document.xml": f"<!DOCTYPE d [{declared}]>{text}"})


def tower() -> bytes:
    return word("<w:sdt>" * 100_000)


def crowd_of_elements() -> bytes:
    """Within the limits on size and ratio, and yet more than a worker has memory for."""
    # A stretch longer than the packer looks back over, so that it is not packed away.
    return word("".join(f'<w:a b="{n * 7919 % 1_000_003}"/>' for n in range(4_000)) * 500)


MADE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a zip bomb, deep": (deep_zip, "limits.ratio"),
    "a zip bomb, wide": (wide_zip, "limits.unpacked"),
    "a zip bomb of many entries": (crowded_zip, "limits.entries"),
    "an entity bomb": (lambda: entities(LAUGHS, "&l9;"), "document type"),
    "an external entity": (lambda: entities('<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;"), "document type"),
    "a tower of elements": (tower, "nesting"),
    "a crowd of elements": (crowd_of_elements, "limits.memory"),
    "a page tree that loops": (page_loop, "damaged"),
    "a ladder of fields": (field_ladder, "limits.depth"),
    "a stream bomb in a value": (bomb_in_a_value, "limits.unpacked"),
    "a stream bomb in layers": (bomb_in_layers, "limits.unpacked"),
    "a stream bomb for a cross-reference": (bomb_in_the_cross_reference, "damaged"),
    "nothing": (lambda: b"", "empty"),
    "a Word file with a password": (
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
        "password",
    ),
}


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """The memory of a worker is limited to 512 MiB, whatever it is spent on: `Limits.memory` bounds its addresses."""
    assert SOON.memory == 512
    with Pool(read_file, SOON) as made:
        yield made


@pytest.mark.parametrize(("made", "why"), MADE.values(), ids=MADE)
def test_what_is_made_to_harm_is_refused_soon_with_its_cause(
    pool: Pool, tmp_path: Path, made: Callable[[], bytes], why: str
) -> None:
    file = tmp_path / "form"
    file.write_bytes(made())
    form = pool.read(file)
    assert form.refused is not None
    assert why in form.refused.reason
    assert form.refused.advice.endswith(".")
    assert form.fields == ()


def test_a_loop_of_fields_is_walked_once() -> None:
    form = read(field_loop())
    assert form.refused
    assert len(form.fields) < 3


def test_what_a_word_file_hides_behind_a_false_size_is_not_unpacked() -> None:
    form = read(zip_that_lies())
    assert form.refused is None
    assert all("not as it was saved" in " ".join(f.problems) for f in form.fields)


# ── Damage that can be known ────────────────────────────────────────────────────────────────────────────────────


def repacked(change: Callable[[dict[str, bytes]], None]) -> bytes:
    """A form in Word with its parts changed, and packed soundly again."""
    with zipfile.ZipFile(BytesIO(word(BODY, header=part("hdr", p("H"))))) as container:
        parts = {name: container.read(name) for name in container.namelist()}
    change(parts)
    return zipped(dict(parts))


@pytest.mark.parametrize(
    ("gone", "told"),
    [
        ("word/header.xml", "word/header.xml"),
        ("word/_rels/document.xml.rels", "document.xml.rels"),
        ("_rels/.rels", "_rels/.rels"),
        ("[Content_Types].xml", "list of parts"),
    ],
)
def test_a_part_that_is_missing_puts_every_answer_in_doubt(gone: str, told: str) -> None:
    def remove(parts: dict[str, bytes]) -> None:
        del parts[gone]

    (answer,) = read(repacked(remove)).fields
    assert told in " ".join(answer.problems)


def test_a_wrong_checksum_is_never_passed_over() -> None:
    good = word(BODY, header=part("hdr", p("H")), styles="<w>" + "x" * 500 + "</w>")
    with zipfile.ZipFile(BytesIO(good)) as container:
        entries = {entry.filename: entry for entry in container.infolist()}
    for name in ("word/document.xml", "word/styles.xml"):
        damaged = bytearray(good)
        damaged[entries[name].header_offset + 30 + len(name) + entries[name].compress_size // 2] ^= 1
        form = read(bytes(damaged))
        if name == "word/document.xml":
            assert form.refused is not None
            assert "cannot be unpacked" in form.refused.reason
        else:
            assert all(name in " ".join(f.problems) for f in form.fields)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_parts_of_one_name_are_not_chosen_between() -> None:
    made = BytesIO(word(BODY))
    with zipfile.ZipFile(made, "a") as container:
        container.writestr("word/document.xml", part("document", p("other words")))
    form = read(made.getvalue())
    assert form.refused is not None
    assert "two different parts" in form.refused.reason


# ── Other people's, and very many ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(not FORMS.is_dir(), reason="the shared forms are not beside the repository")
def test_every_hostile_file_ends_soon_with_fields_or_the_cause() -> None:
    with Pool(read_file, SOON, os.cpu_count() or 1) as pool:
        for file, started in [(file, pool.start(file)) for file in hostile_files()]:
            form = pool.collect(started)
            assert form.refused or form.fields or form.seals, file.name
            assert not form.refused or "seconds" not in form.refused.reason, file.name


def test_no_mutant_of_a_good_form_falls_over_or_is_silent_about_damage() -> None:
    told = tell(count=300, seed=1)
    assert told.silent == []
    assert told.ended == []
    assert told.outcomes.total() == 300
