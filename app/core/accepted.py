"""Which files are taken: a short list of types, each of which is what its name says."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

from app.core import documents, pictures
from app.core.errors import Invalid

_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCUMENTS = {
    "pdf": "application/pdf",
    "txt": "text/plain",
    "csv": "text/csv",
    "docx": _OFFICE + "wordprocessingml.document",
    "xlsx": _OFFICE + "spreadsheetml.sheet",
    "pptx": _OFFICE + "presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
}
PHOTOS = {"image/jpeg": "jpg", "image/png": "png"}
EXTENSIONS = (*pictures.FORMATS, *DOCUMENTS)
WORDS = {
    "image/jpeg": "Photo",
    "image/png": "Picture",
    "application/pdf": "PDF",
    "text/plain": "Text",
    "text/csv": "CSV",
    DOCUMENTS["docx"]: "Word",
    DOCUMENTS["xlsx"]: "Excel",
    DOCUMENTS["pptx"]: "PowerPoint",
    DOCUMENTS["odt"]: "OpenDocument",
}
TYPES = tuple(WORDS)

LONGEST_NAME = 120
TAKEN = (
    "Kith takes photos (JPEG, PNG, WebP), PDF, text, CSV, Word, Excel, PowerPoint and "
    "OpenDocument text."
)
# What no file system likes, and what turns the direction of writing so that "exe.jpg" reads
# otherwise than it is.
_UNWANTED = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')


@dataclass(frozen=True)
class Accepted:
    """A file as it is kept; of a photo also the small one and its size."""

    name: str
    type: str
    data: bytes
    preview: bytes | None = None
    width: int | None = None
    height: int | None = None


def accepted(name: str, data: bytes) -> Accepted:
    """The file as it may be kept, or `Invalid` with a sentence that begins with its name."""
    clean = clean_name(name)
    try:
        return _accepted(clean, data)
    except Invalid as refusal:
        raise Invalid(f"{clean}: {refusal.sentence}") from None


def clean_name(name: str) -> str:
    """The last part of what it was called, without what could mislead or do harm."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(each for each in last if unicodedata.category(each)[0] != "C")
    path = PurePosixPath(_UNWANTED.sub("_", shown).strip(" .") or "file")
    suffix = path.suffix[:16]
    return path.stem[: LONGEST_NAME - len(suffix)].rstrip(" .") + suffix


def _accepted(name: str, data: bytes) -> Accepted:
    if not data:
        raise Invalid("this file is empty.")
    extension = PurePosixPath(name).suffix.removeprefix(".").lower()
    if extension in pictures.FORMATS:
        drawn = pictures.drawn_anew(data, extension)
        stem = PurePosixPath(name).stem
        return Accepted(
            f"{stem}.{PHOTOS[drawn.type]}",
            drawn.type,
            drawn.data,
            drawn.preview,
            drawn.width,
            drawn.height,
        )
    if extension not in DOCUMENTS:
        raise Invalid(f"this kind of file is not taken. {TAKEN}")
    return Accepted(name, DOCUMENTS[extension], _checked(data, extension))


def _checked(data: bytes, extension: str) -> bytes:
    if extension in ("txt", "csv"):
        return documents.plain_text(data)
    if extension == "pdf":
        documents.check_pdf(data)
    else:
        documents.check_office(data, extension)
    return data
