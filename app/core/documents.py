"""Documents are what their name says, and hold nothing that runs by itself."""

from __future__ import annotations

import re
from io import BytesIO
from zipfile import BadZipFile, ZipFile, ZipInfo, is_zipfile

from app.core.errors import Invalid

# What must be inside an Office file of each kind.
OFFICE = {
    "docx": "word/document.xml",
    "xlsx": "xl/workbook.xml",
    "pptx": "ppt/presentation.xml",
    "odt": "content.xml",
}
CONTENTS, ODT_TYPE = "[Content_Types].xml", b"application/vnd.oasis.opendocument.text"

NOT_IT = "this file is not what its name says."
RUNS = "this file holds macros or programs, which Kith does not take. Save it without them."
LOCKED = "this file has a password. Save it without one: Kith keeps it sealed."

# Files inside that are, or bring, programs. What a printer was set to is a .bin as well.
_RUNS = re.compile(
    r"vbaproject|vbadata|activex|oleobject|macrosheets/|/?basic/|/?scripts/"
    r"|\.(exe|dll|com|scr|js|jse|vbs|vbe|wsf|bat|cmd|ps1|hta|jar|class|lnk|msi|htm|html|svg)$",
    re.IGNORECASE,
)
# A template that is fetched when the letter is opened, and may hold macros of its own.
_FETCHED = re.compile(rb'attachedTemplate"[^>]*Target="(https?:|\\\\)', re.IGNORECASE)
_TEMPLATES = "word/_rels/settings.xml.rels"
# What a PDF says openly that it runs. What hides it better is for the scanner to find.
_PDF_RUNS = re.compile(rb"/(JavaScript|Launch|EmbeddedFile)\b")
_ESCAPED = re.compile(rb"#([0-9a-fA-F]{2})")
# Words that may do something where they are taken for a page.
_MARKUP = ("<!doctype", "<html", "<svg", "<?xml", "<script", "<head", "<body", "{\\rtf", "%pdf")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")

# A document unfolds to some times its size, not to a disk full of it.
MOST_PARTS, MOST_UNFOLDED, LONGEST_LIST = 5_000, 200_000_000, 2_000_000


def check_pdf(data: bytes) -> None:
    """Raises `Invalid` unless it is a PDF from its first byte to its last, and nothing besides."""
    if not data.startswith(b"%PDF-") or b"%%EOF" not in data[-2048:]:
        raise Invalid(NOT_IT)
    if is_zipfile(BytesIO(data)):
        raise Invalid(NOT_IT)
    if _PDF_RUNS.search(_ESCAPED.sub(_plain, data)):
        raise Invalid("this PDF runs something or holds other files. Print it to a new PDF.")


def plain_text(data: bytes) -> bytes:
    """The words as UTF-8, so that nobody has to guess, or can be made to guess, how to read them.

    What Windows wrote in its own way is marked, as spreadsheets ask for.
    """
    written = _decoded(data)
    if _CONTROLS.search(written) or written.lstrip("\ufeff \t\r\n").lower().startswith(_MARKUP):
        raise Invalid(NOT_IT)
    as_utf8 = written.encode()
    return as_utf8 if as_utf8 == data else b"\xef\xbb\xbf" + as_utf8.removeprefix(b"\xef\xbb\xbf")


def check_office(data: bytes, extension: str) -> None:
    """Raises `Invalid` unless it is an Office file of this kind, without macros or programs."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        # What Word keeps under a password stands in a box of the old kind.
        raise Invalid(LOCKED)
    try:
        with ZipFile(BytesIO(data)) as box:
            _check_parts(data, box)
            _check_kind(box, extension)
    # All that reading a broken or a hostile archive has been seen to raise.
    except (BadZipFile, KeyError, ValueError, NotImplementedError, RuntimeError, OSError, EOFError):
        raise Invalid(NOT_IT) from None


def _check_parts(data: bytes, box: ZipFile) -> None:
    parts = box.infolist()
    names = [part.filename for part in parts]
    is_whole = parts and min(part.header_offset for part in parts) == 0 and _ends_itself(data)
    unfolded = sum(part.file_size for part in parts)
    if not is_whole or len(set(names)) != len(names) or any(map(_is_astray, names)):
        raise Invalid(NOT_IT)
    if len(parts) > MOST_PARTS or unfolded > MOST_UNFOLDED:
        raise Invalid("this file unfolds to too much. Send a smaller one.")
    if any(part.flag_bits & 1 for part in parts):
        raise Invalid(LOCKED)
    if any(_RUNS.search(name) for name in names):
        raise Invalid(RUNS)


def _check_kind(box: ZipFile, extension: str) -> None:
    box.getinfo(OFFICE[extension])
    if extension == "odt":
        if _read(box, "mimetype") != ODT_TYPE:
            raise Invalid(NOT_IT)
        return
    listed = _read(box, CONTENTS)
    if b"macroEnabled" in listed or b"vbaProject" in listed:
        raise Invalid(RUNS)
    if b"openxmlformats-officedocument" not in listed:
        raise Invalid(NOT_IT)
    if _TEMPLATES in box.namelist() and _FETCHED.search(_read(box, _TEMPLATES)):
        raise Invalid(RUNS)


def _read(box: ZipFile, name: str) -> bytes:
    part: ZipInfo = box.getinfo(name)
    if part.file_size > LONGEST_LIST:
        raise Invalid(NOT_IT)
    with box.open(part) as opened:
        # What the list says of its length may be a lie.
        return opened.read(LONGEST_LIST)


def _ends_itself(data: bytes) -> bool:
    """Whether nothing stands behind the list of parts, not even a remark."""
    return data[-22:-18] == b"PK\x05\x06" and data[-2:] == b"\0\0"


def _is_astray(name: str) -> bool:
    return name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/")


def _decoded(data: bytes) -> str:
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return data.decode("utf-16")
        try:
            return data.decode()
        except UnicodeDecodeError:
            return data.decode("cp1252")
    except UnicodeDecodeError:
        raise Invalid(NOT_IT) from None


def _plain(escaped: re.Match[bytes]) -> bytes:
    return bytes.fromhex(escaped[1].decode())
