"""Tables as documents of a word processor, in the few parts of OOXML that one table needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from flask import Response

TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SPACES = f'xmlns:w="{_WORDS}" xmlns:r="{_OFFICE}"'
_PART = "application/vnd.openxmlformats-officedocument.wordprocessingml"
# Every file of a day is the same file: what made it and when is written inside.
_ALWAYS = (1980, 1, 1, 0, 0, 0)
# A4 on its side, in twentieths of a point, and what of it is left between the margins.
WIDE, HIGH, MARGIN = 16838, 11906, 850
ROOM = WIDE - 2 * MARGIN

_CONTENT_TYPES = f"""<Types xmlns="{_PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml" ContentType="{_PART}.document.main+xml"/>
<Override PartName="/word/styles.xml" ContentType="{_PART}.styles+xml"/>
<Override PartName="/word/header.xml" ContentType="{_PART}.header+xml"/>
<Override PartName="/word/footer.xml" ContentType="{_PART}.footer+xml"/>
</Types>"""
_RELATIONS = f"""<Relationships xmlns="{_PACKAGE}/relationships">
<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>
</Relationships>"""
_OF_DOCUMENT = f"""<Relationships xmlns="{_PACKAGE}/relationships">
<Relationship Id="r1" Type="{_OFFICE}/styles" Target="styles.xml"/>
<Relationship Id="r2" Type="{_OFFICE}/header" Target="header.xml"/>
<Relationship Id="r3" Type="{_OFFICE}/footer" Target="footer.xml"/>
</Relationships>"""
_STYLES = f"""<w:styles {_SPACES}>
<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:cs="Arial"/>
<w:sz w:val="18"/><w:lang w:val="en-GB"/></w:rPr></w:rPrDefault></w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/>
<w:basedOn w:val="Normal"/><w:pPr><w:spacing w:after="120"/><w:outlineLvl w:val="0"/></w:pPr>
<w:rPr><w:b/><w:sz w:val="30"/></w:rPr></w:style>
</w:styles>"""


def answer(
    name: str,
    title: str,
    remarks: Sequence[str],
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    shares: Sequence[int],
) -> Response:
    """The table as a document to keep, under a name that says nothing of a child."""
    made = Response(document(title, remarks, headings, rows, shares), content_type=TYPE)
    made.headers["Content-Disposition"] = f'attachment; filename="{name}.docx"'
    return made


def document(
    title: str,
    remarks: Sequence[str],
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    shares: Sequence[int],
) -> bytes:
    """A heading, a few sentences, and the table, whose columns take these shares of the width.

    On each page stand the title, its first remark, the headings of the table and the number.
    """
    widths = [ROOM * share // sum(shares) for share in shares]
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    body = [
        _paragraph(title, style="Heading1"),
        *(_paragraph(each) for each in remarks),
        f"<w:tbl><w:tblPr>{_borders()}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>",
        _row(headings, widths, is_heading=True),
        *(_row(row, widths) for row in rows),
        # A table needs a paragraph behind it, or Word calls the document damaged.
        f"</w:tbl>{_paragraph('')}",
    ]
    top = _paragraph(" · ".join([title, *remarks[:1]]))
    number = f"{_run('Confidential. Page ')}{_field('PAGE')}{_run(' of ')}{_field('NUMPAGES')}"
    parts = {
        "[Content_Types].xml": _CONTENT_TYPES,
        "_rels/.rels": _RELATIONS,
        "word/document.xml": _document("".join(body)),
        "word/_rels/document.xml.rels": _OF_DOCUMENT,
        "word/styles.xml": _STYLES,
        "word/header.xml": f"<w:hdr {_SPACES}>{top}</w:hdr>",
        "word/footer.xml": f"<w:ftr {_SPACES}><w:p>{number}</w:p></w:ftr>",
    }
    return _zipped(parts)


def _document(body: str) -> str:
    section = (
        '<w:sectPr><w:headerReference w:type="default" r:id="r2"/>'
        '<w:footerReference w:type="default" r:id="r3"/>'
        f'<w:pgSz w:w="{WIDE}" w:h="{HIGH}" w:orient="landscape"/>'
        f'<w:pgMar w:top="1134" w:right="{MARGIN}" w:bottom="850" w:left="{MARGIN}" '
        'w:header="454" w:footer="454" w:gutter="0"/></w:sectPr>'
    )
    return f"<w:document {_SPACES}><w:body>{body}{section}</w:body></w:document>"


def _borders() -> str:
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    lines = "".join(f'<w:{side} w:val="single" w:sz="4" w:color="808080"/>' for side in sides)
    return f'<w:tblW w:w="{ROOM}" w:type="dxa"/><w:tblBorders>{lines}</w:tblBorders>'


def _row(cells: Sequence[str], widths: Sequence[int], *, is_heading: bool = False) -> str:
    """A row is never broken over two pages; the headings stand on each."""
    repeated = "<w:tblHeader/>" if is_heading else ""
    made = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>'
        f"{_cell(cell, is_heading)}</w:tc>"
        for cell, width in zip(cells, widths, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{made}</w:tr>"


def _cell(words: str, is_heading: bool) -> str:
    return "".join(_paragraph(line, bold=is_heading) for line in words.splitlines() or [""])


def _paragraph(words: str, *, style: str = "", bold: bool = False) -> str:
    look = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{look}{_run(words, bold=bold)}</w:p>"


def _run(words: str, *, bold: bool = False) -> str:
    look = "<w:rPr><w:b/></w:rPr>" if bold else ""
    return f'<w:r>{look}<w:t xml:space="preserve">{_xml(words)}</w:t></w:r>'


def _field(name: str) -> str:
    return f'<w:fldSimple w:instr=" {name} "><w:r><w:t>1</w:t></w:r></w:fldSimple>'


def _xml(words: str) -> str:
    """Words as XML can hold them, which has no way to write most control characters."""
    return escape("".join(each for each in words if each.isprintable() or each == "\t"))


def _zipped(parts: dict[str, str]) -> bytes:
    kept = BytesIO()
    with ZipFile(kept, "w", ZIP_DEFLATED) as file:
        for name, part in parts.items():
            file.writestr(ZipInfo(name, _ALWAYS), HEAD + part, ZIP_DEFLATED)
    return kept.getvalue()
