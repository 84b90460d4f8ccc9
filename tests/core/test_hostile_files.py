"""Whatever somebody sends: refused with a sentence, or kept as something that cannot act."""

from __future__ import annotations

import struct
import time
import zlib

import pytest

from app import scan
from app.core import accepted, documents
from app.core.errors import Invalid
from tests import files
from tests.files import PDF, PLACE, SVG, docx, odt, photo

ZIP = files.box({"run.js": b"alert(1)"})
FETCHED = (
    b'<Relationship Type="http://x/attachedTemplate" Target="https://evil.example/t.dotm" '
    b'TargetMode="External"/>'
)


def png_of(width: int, height: int) -> bytes:
    """A small file that says it is a large picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data)
        return struct.pack("!I", len(data)) + kind + data + struct.pack("!I", crc)

    head = struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 100_000)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def scan_after_scan() -> bytes:
    whole = photo(progressive=True)
    return whole[:-2] + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x00" * 2000 + whole[-2:]


REFUSED = {
    "a drawing with script": ("map.svg", SVG),
    "a drawing that says it is a photo": ("map.png", SVG),
    "a drawing that says it is text": ("map.txt", SVG),
    "a page": ("letter.html", b"<html><script>alert(1)</script></html>"),
    "a page that says it is text": ("letter.txt", b"\n <!DOCTYPE html><script>alert(1)</script>"),
    "a program": ("letter.exe", b"MZ\x90\x00" + b"\0" * 100),
    "a program that says it is a letter": ("letter.docx", b"MZ\x90\x00" + b"\0" * 100),
    "a program that says it is a photo": ("photo.jpg", b"MZ\x90\x00" + b"\0" * 100),
    "a program that says it is text": ("notes.txt", b"MZ\x90\x00" + b"\0" * 100),
    "an archive": ("all.zip", ZIP),
    "an archive that says it is a letter": ("letter.docx", ZIP),
    "a letter that says it is a spreadsheet": ("table.xlsx", docx()),
    "a letter that says it is another": ("letter.odt", docx()),
    "a photo of another type than it says": ("photo.png", photo("JPEG")),
    "a moving picture of a type nobody takes": ("photo.gif", photo("GIF")),
    "a GIF that says it is a photo": ("photo.jpg", photo("GIF")),
    "half a photo": ("photo.jpg", photo()[:200]),
    "a photo with more pixels than memory": ("photo.png", png_of(60_000, 60_000)),
    "a photo that is read for ever": ("photo.jpg", scan_after_scan()),
    "a letter with macros": ("letter.docx", docx({"word/vbaProject.bin": b"x"})),
    "a letter of the kind with macros": (
        "letter.docx",
        docx(kind="application/vnd.ms-word.document.macroEnabled.main+xml"),
    ),
    "a letter named as one with macros": ("letter.docm", docx()),
    "a letter with a program in it": ("letter.docx", docx({"word/embeddings/a.exe": b"MZ"})),
    "a letter with an object in it": (
        "letter.docx",
        docx({"word/embeddings/oleObject1.bin": b"x"}),
    ),
    "a letter that fetches a template": (
        "letter.docx",
        docx({"word/_rels/settings.xml.rels": FETCHED}),
    ),
    "a letter with a part outside itself": ("letter.docx", docx({"../../etc/passwd": b"x"})),
    "a letter behind a program": ("letter.docx", b"MZ\x90\x00" + docx()),
    "a letter with something behind it": ("letter.docx", docx() + b"<script>"),
    "a letter that unfolds to a disk full": (
        "letter.docx",
        docx({"word/media/a.xml": b"\0" * 210_000_000}),
    ),
    "a letter of the old kind, or with a password": ("letter.docx", b"\xd0\xcf\x11\xe0" * 9),
    "a letter with macros of another office": ("letter.odt", odt({"Basic/Standard/a.xml": b"x"})),
    "a PDF behind something": ("letter.pdf", b"<script>alert(1)</script>" + PDF),
    "a PDF that is an archive too": ("letter.pdf", PDF + ZIP + b"%%EOF"),
    "a PDF and an archive": ("letter.pdf", PDF[:-7] + b"%%EOF" + ZIP),
    "a PDF that runs something": ("letter.pdf", PDF.replace(b"/Type", b"/S/JavaScript/Type")),
    "a PDF that hides what it runs": ("letter.pdf", PDF.replace(b"/Type", b"/J#61vaScript/Type")),
    "half a PDF": ("letter.pdf", PDF[:20]),
    "nothing": ("letter.pdf", b""),
    "nothing that has a type": ("letter", PDF),
    "text that is none": ("notes.txt", b"a\x00b"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_with_a_sentence_that_names_the_file(what: str) -> None:
    name, data = REFUSED[what]
    with pytest.raises(Invalid) as refusal:
        accepted.accepted(name, data)
    assert refusal.value.sentence.startswith(f"{name}: ")
    assert refusal.value.sentence.endswith(".")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("letter.pdf", PDF),
        ("letter.docx", docx()),
        ("letter.odt", odt()),
        ("Notes.TXT", "Seen at school, café\n".encode()),
        ("table.csv", b"day,hours\r\nMonday,6\r\n"),
    ],
)
def test_a_document_is_kept_as_it_came(name: str, data: bytes) -> None:
    found = accepted.accepted(name, data)
    assert (found.name, found.data, found.preview) == (name, data, None)
    assert found.type in accepted.TYPES


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_drawn_anew(format_: str) -> None:
    name = f"photo.{format_.lower().replace('jpeg', 'jpg')}"
    found = accepted.accepted(name, photo(format_))
    assert files.opened(found.data).size == (64, 48)
    assert found.name == ("photo.png" if format_ == "PNG" else "photo.jpg")
    assert (found.width, found.height) == (64, 48)


def test_nothing_tells_where_a_photo_was_taken_and_it_stands_upright() -> None:
    found = accepted.accepted("home.jpg", files.photo_of_home())
    drawn = files.opened(found.data)
    assert drawn.size == (48, 64), "turned as the camera was held"
    assert set(drawn.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    for kept in (found.data, found.preview or b""):
        assert PLACE not in kept
        assert b"Camera" not in kept
        assert b"profile" not in kept


@pytest.mark.parametrize("format_", ["JPEG", "PNG"])
@pytest.mark.parametrize("behind", [SVG, ZIP, PDF, scan.TEST_VIRUS, b"<?php system($_GET[0])?>"])
def test_what_a_photo_carries_besides_is_gone(format_: str, behind: bytes) -> None:
    name = "photo.jpg" if format_ == "JPEG" else "photo.png"
    noted = photo(format_, comment=behind[:200]) if format_ == "JPEG" else photo(format_)
    found = accepted.accepted(name, noted + behind)
    assert behind[:20] not in found.data + (found.preview or b"")


def test_a_large_photo_becomes_smaller_and_has_a_small_one_beside_it() -> None:
    found = accepted.accepted("photo.jpg", photo(size=(4000, 3000)))
    assert files.opened(found.data).size == (2560, 1920)
    assert files.opened(found.preview or b"").size == (480, 360)


def test_of_a_moving_picture_the_first_frame_stays() -> None:
    from PIL import Image

    frames = [Image.new("RGB", (20, 20), "blue")]
    moving = photo("WEBP", (20, 20), save_all=True, append_images=frames)
    drawn = files.opened(accepted.accepted("photo.webp", moving).data)
    assert getattr(drawn, "n_frames", 1) == 1
    red, _, blue = drawn.convert("RGB").getpixel((4, 10))  # type: ignore[misc]
    assert (red > 200, blue < 60) == (True, True)


def test_what_shines_through_stays_so_and_its_small_one_lies_on_paper() -> None:
    found = accepted.accepted("plan.png", photo("PNG", mode="RGBA"))
    assert files.opened(found.data).mode == "RGBA"
    assert files.opened(found.preview or b"").mode == "RGB"


def test_a_bomb_is_refused_before_it_unfolds() -> None:
    began = time.perf_counter()
    for data in (png_of(60_000, 60_000), png_of(9_000, 9_000)):
        with pytest.raises(Invalid, match="too many pixels"):
            accepted.accepted("photo.png", data)
    assert time.perf_counter() - began < 5, "unfolding them takes far longer"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("C:\\Users\\dan\\letter.pdf", "letter.pdf"),
        ("../../etc/letter.pdf", "letter.pdf"),
        ("letter\u202efdp.exe.pdf", "letterfdp.exe.pdf"),
        ('a "b"\r\nX-Header: 1;.pdf', "a _b_X-Header_ 1;.pdf"),
        ("é" * 300 + ".pdf", "é" * 116 + ".pdf"),
        ("...pdf", "pdf"),
        ("", "file"),
    ],
)
def test_a_name_is_kept_without_what_could_mislead(sent: str, kept: str) -> None:
    assert accepted.clean_name(sent) == kept


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("£5".encode("cp1252"), b"\xef\xbb\xbf\xc2\xa35"),
        ("£5".encode("utf-16"), b"\xef\xbb\xbf\xc2\xa35"),
        (b"+ADw-script+AD4-", b"+ADw-script+AD4-"),
    ],
)
def test_text_is_kept_so_that_nobody_guesses_how_to_read_it(sent: bytes, kept: bytes) -> None:
    assert documents.plain_text(sent) == kept
