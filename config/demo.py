"""The demo world's way in: one password for everybody in it, and whom to try first."""

from __future__ import annotations

from dataclasses import dataclass

# No secret: the sign-in page shows it, in demo mode only.
DEMO_PASSWORD = "correct horse kith demo"  # noqa: S105

# Reserved for examples, so that nothing can ever be sent to anybody.
DOMAIN = "kith.example"


@dataclass(frozen=True)
class Account:
    """One person of the demo world, and what is to be seen as them."""

    email: str
    who: str
    shows: str


SUGGESTED = (
    Account(
        f"priya.shah@{DOMAIN}",
        "Priya Shah, social worker",
        "leads Amara’s network: news from five agencies, a planned visit, questions to answer",
    ),
    Account(
        f"dan.hughes@{DOMAIN}",
        "Dan Hughes, safeguarding lead at Hillside Primary",
        "posts attendance and asks the network a question",
    ),
    Account(
        f"grace.adeyemi@{DOMAIN}",
        "Grace Adeyemi, health visitor",
        "posts “was not brought” from a phone, and has much to catch up on",
    ),
    Account(
        f"helen.moss@{DOMAIN}",
        "Helen Moss, team manager",
        "sees the cases of everybody she supervises: one busy, one gone quiet",
    ),
    Account(
        f"chris.vale@{DOMAIN}",
        "Chris Vale, administrator",
        "manages accounts and agencies, and sees no child’s content",
    ),
    Account(
        f"noor.aziz@{DOMAIN}",
        "Noor Aziz, auditor",
        "may ask who looked, never what was said",
    ),
)
