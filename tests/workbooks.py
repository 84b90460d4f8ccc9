"""Annex A workbooks as councils send them, tidy or dirty, made for one test at a time."""

from __future__ import annotations

import zipfile
from io import BytesIO

import openpyxl

_CHILD = ("Child Unique ID", "Gender", "Ethnicity", "Date of Birth", "Age")
_DISABILITY = "Does the Child have a Disability"
_WORKER = ("Allocated Team", "Allocated Worker")

HEADINGS = {
    1: (*_CHILD, "Date of Contact", "Contact Source"),
    2: (
        *_CHILD,
        "Assessment start date",
        "Assessment completion date",
        "Organisation completing assessment",
    ),
    3: (*_CHILD, "Date of Referral", "Referral Source", "Referral NFA?", *_WORKER),
    4: (
        *_CHILD,
        _DISABILITY,
        "Continuous Assessment Start Date",
        "Child Seen During Continuous Assessment",
        "Continuous Assessment Date of Authorisation",
        *_WORKER,
    ),
    5: (
        *_CHILD,
        _DISABILITY,
        "Strategy discussion initiating Section 47 Enquiry Start Date",
        "Was an Initial Child Protection Conference deemed unnecessary?",
        "Date of Initial Child Protection Conference",
        "Did the Initial Child Protection Conference Result in a Child Protection Plan",
        *_WORKER,
    ),
    6: (
        *_CHILD,
        _DISABILITY,
        "CIN Start Date",
        "Primary Need Code",
        "Date Child Was Last Seen",
        "CIN Closure Date",
        "Reason for Closure",
        "Case Status",
        *_WORKER,
    ),
    7: (
        *_CHILD,
        _DISABILITY,
        "Child Protection Plan Start Date",
        "Initial Category of Abuse",
        "Latest Category of Abuse",
        "Date of the Last Statutory Visit",
        "Was the Child Seen Alone?",
        "Date of latest review conference",
        "Child Protection Plan End Date",
        "Number of Previous Child Protection Plans",
        *_WORKER,
    ),
    8: (
        *_CHILD,
        "Date Started to be Looked After",
        "Child's Category of Need",
        "Start date of current legal status",
        "Child's Legal Status",
        "Date of Latest Statutory Review",
        "Date of Last Social Work Visit",
        "Date of Last Health Assessment",
        "Date Ceased to be Looked After",
        "Reason Ceased to be Looked After",
        "Number of Episodes the Child has been ‘Missing’ from their Placement",
        "Number of Episodes the Child has been ‘Absent’ from their Placement",
        *_WORKER,
    ),
    9: (*_CHILD, *_WORKER, "Eligibility Category", "LA in Touch", "Type of Accommodation"),
    10: (
        "Child Unique ID",
        "Family identifier",
        *_CHILD[1:],
        "Date the Child Entered Care",
        "Date of Decision that Child Should be Placed for Adoption",
        "Date of Adoption Order ",
        "Date of Decision that Child Should No Longer be Placed for Adoption",
    ),
    11: ("Individual adopter identifier", "Family identifier", "Gender", "Date enquiry received"),
}

Line = list[object]


def rows(number: int, *facts: dict[str, object]) -> list[Line]:
    """The published headings of a list and a row for each dict of heading to value."""
    headings = HEADINGS[number]
    for each in facts:
        assert each.keys() <= set(headings), f"not a heading of list {number}"
    return [list(headings), *([each.get(heading) for heading in headings] for each in facts)]


def book(sheets: dict[str, list[Line]]) -> BytesIO:
    """A workbook of these sheets, as an open file."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    for title, lines in sheets.items():
        sheet = workbook.create_sheet(title)
        for line in lines:
            sheet.append(line)
    file = BytesIO()
    workbook.save(file)
    file.seek(0)
    return file


def contacts(*facts: dict[str, object]) -> BytesIO:
    return book({"List 1": rows(1, *facts)})


def broken(part: str, content: bytes = b"<worksheet><sheetData><row") -> BytesIO:
    """A workbook of contacts in which one part of the archive holds something else."""
    file = BytesIO()
    with zipfile.ZipFile(contacts(contact())) as whole, zipfile.ZipFile(file, "w") as spoilt:
        for name in whole.namelist():
            spoilt.writestr(name, content if name == part else whole.read(name))
    file.seek(0)
    return file


def contact(child: object = 101, on: object = "16/09/2025", **more: object) -> dict[str, object]:
    return {"Child Unique ID": child, "Date of Contact": on, **more}


def plan(child: object = 101, start: object = "03/03/2025", **more: object) -> dict[str, object]:
    return {"Child Unique ID": child, "Child Protection Plan Start Date": start, **more}
