"""Returns as councils send them, made for one test at a time: the CIN census and SSDA903."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from io import BytesIO

Fields = dict[str, object]


def census(*children: str, as_at: str = "2026-07-21", header: str = "") -> BytesIO:
    """A census of these children, as an open file."""
    stated = f"<ReferenceDate>{as_at}</ReferenceDate>" if as_at else ""
    return BytesIO(
        f"""<?xml version="1.0" encoding="utf-8"?>{header}
<Message>
<Header><CollectionDetails><Collection>CIN</Collection>{stated}</CollectionDetails></Header>
<Children>
{chr(10).join(children)}
</Children>
</Message>""".encode()
    )


def child(number: object = 101, *episodes: str, **more: object) -> str:
    known: Fields = {"LAchildID": number, "PersonBirthDate": "2015-05-01", "Sex": "F"} | more
    return f"<Child>{part('ChildIdentifiers', known)}{''.join(episodes)}</Child>"


def episode(referred: object = "2026-01-05", *within: str, **more: object) -> str:
    return part("CINdetails", {"CINreferralDate": referred} | more, *within)


def part(name: str, fields: Fields, *within: str) -> str:
    """An element with these elements in it; what is None is left out."""
    said = "".join(f"<{key}>{value}</{key}>" for key, value in fields.items() if value is not None)
    return f"<{name}>\n{said}\n{''.join(within)}</{name}>"


HEADINGS = {
    "header": "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB",
    "episodes": "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,"
    "HOME_POST,PL_POST,URN",
    "reviews": "CHILD,DOB,REVIEW,REVIEW_CODE",
    "oc2": "CHILD,DOB,SDQ_SCORE,SDQ_REASON,CONVICTED,HEALTH_CHECK",
    "missing": "CHILD,DOB,MISSING,MIS_START,MIS_END",
    "uasc": "CHILD,SEX,DOB,DUC",
}


def table(name: str, *rows: Mapping[str, object], mark: str = ",") -> str:
    """One file of SSDA903: the published headings, and a row for each dict."""
    headings = HEADINGS[name].split(",")
    for each in rows:
        assert each.keys() <= set(headings), f"not a heading of {name}"
    lines = [headings, *([str(each.get(heading, "")) for heading in headings] for each in rows)]
    return "".join(mark.join(line) + "\r\n" for line in lines)


def looked_after(*tables: str) -> list[BytesIO]:
    return [BytesIO(each.encode()) for each in tables]


def archive(tables: Iterable[str]) -> BytesIO:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for number, each in enumerate(tables):
            packed.writestr(f"return/{number}.csv", each)
    file.seek(0)
    return file


def stay(began: str = "01/02/2026", child: object = 101, **more: object) -> Fields:
    """An episode of care that goes on."""
    known: Fields = {"RNE": "S", "LS": "C2", "CIN": "N1", "PLACE": "U6"}
    return {"CHILD": child, "DECOM": began} | known | more
