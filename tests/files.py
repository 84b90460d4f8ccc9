"""Files as people send them, made here: photos, letters, and what is dressed up as one."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from PIL import Image

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PLACE = b"51.5007 N"
_RELATIONS = "application/vnd.openxmlformats-package.relationships+xml"


def photo(
    format_: str = "JPEG",
    size: tuple[int, int] = (64, 48),
    mode: str = "RGB",
    **options: object,
) -> bytes:
    """A photo whose left half is red and whose right half is blue."""
    image = Image.new(mode, size, "blue" if mode != "RGBA" else (0, 0, 255, 128))
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    out = BytesIO()
    image.save(out, format_, **options)
    return out.getvalue()


def photo_of_home(orientation: int = 6) -> bytes:
    """A photo that says where it was taken, by which camera, and which side is up."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Camera of somebody"
    exif.get_ifd(0x8825)[0x001D] = PLACE.decode()
    return photo(exif=exif, comment=PLACE, icc_profile=b"profile of a screen")


def box(parts: dict[str, bytes], *, stored: bool = False) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_STORED if stored else ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return out.getvalue()


def docx(more: dict[str, bytes] | None = None, *, kind: str = WORD) -> bytes:
    """A letter; `more` are further parts, by their name."""
    listed = f'<Types><Default Extension="rels" ContentType="{_RELATIONS}"/>'
    listed += f'<Override PartName="/word/document.xml" ContentType="{kind}"/></Types>'
    parts = {"[Content_Types].xml": listed.encode(), "word/document.xml": b"<w:document/>"}
    return box(parts | (more or {}))


def odt(more: dict[str, bytes] | None = None) -> bytes:
    kind = b"application/vnd.oasis.opendocument.text"
    return box({"mimetype": kind, "content.xml": b"<office:document/>"} | (more or {}))


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image
