"""Photos are drawn anew: what they show is kept, and nothing else that was in the file."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from threading import Lock

from PIL import Image, ImageOps

from app.core.errors import Invalid

FORMATS = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}
TYPES = {"JPEG": "image/jpeg", "PNG": "image/png"}
OPTIONS = {"JPEG": {"quality": 85}, "PNG": {"compress_level": 4}}

# A phone takes 50 million; a small file that unfolds to more is meant to fill the memory.
MOST_PIXELS = 50_000_000
# Enough to read a letter that was photographed.
LONGEST_SIDE = 2560
PREVIEW_SIDE = 480
# A JPEG that comes clearer step by step has ten; thousands keep a processor busy for hours.
MOST_SCANS = 32
SCAN = b"\xff\xda"

DAMAGED = "this is no photo that can be shown."
TOO_LARGE = "this photo has too many pixels. Send a smaller one."

# Pillow would warn of large pictures and go on; here `_opened` refuses them.
Image.MAX_IMAGE_PIXELS = None
# One at a time in a process: the largest takes 280 MB while it is drawn.
_drawing = Lock()


@dataclass(frozen=True)
class Picture:
    """The photo as it is kept, a small one beside it, and the size of the small one."""

    data: bytes
    type: str
    preview: bytes
    width: int
    height: int


def drawn_anew(data: bytes, extension: str) -> Picture:
    """The photo without anything but its pixels: no place, no camera, no second file behind it.

    Of a moving picture the first frame stays. Raises `Invalid` when it is none.
    """
    if data.count(SCAN) > MOST_SCANS:
        raise Invalid(DAMAGED)
    with _drawing:
        try:
            return _drawn(data, FORMATS[extension])
        except Invalid:
            raise
        except Exception:  # noqa: BLE001 - whatever a hostile file makes it stumble over
            raise Invalid(DAMAGED) from None


def _drawn(data: bytes, format_: str) -> Picture:
    with Image.open(BytesIO(data), formats=[format_]) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise Invalid(TOO_LARGE)
        # A JPEG is read at half its size, or less, as far as that is enough.
        opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        mode = "RGBA" if opened.has_transparency_data else "RGB"
        image = opened if opened.mode == mode else opened.convert(mode)
        image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        # Which side is up stands in what is thrown away.
        image = ImageOps.exif_transpose(image)
    plain = Image.new(mode, image.size)
    plain.paste(image)
    kept_as = "PNG" if format_ == "PNG" or mode == "RGBA" else "JPEG"
    preview = _preview(plain)
    return Picture(
        _written(plain, kept_as, **OPTIONS[kept_as]),
        TYPES[kept_as],
        _written(preview, "JPEG", quality=70, optimize=True),
        *preview.size,
    )


def _preview(image: Image.Image) -> Image.Image:
    small = image.copy()
    small.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    if small.mode != "RGBA":
        return small
    paper = Image.new("RGB", small.size, "white")
    paper.paste(small, mask=small.getchannel("A"))
    return paper


def _written(image: Image.Image, format_: str, **options: int) -> bytes:
    out = BytesIO()
    image.save(out, format_, **options)
    return out.getvalue()
