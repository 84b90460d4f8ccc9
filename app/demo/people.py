"""The people of Northmoor who work with children, and whom they work for. All are invented."""

from __future__ import annotations

from dataclasses import dataclass

from config.demo import DOMAIN

# By key, the name and the type.
AGENCIES = {
    "care": ("Northmoor Children’s Social Care", "5A"),
    "early": ("Northmoor Early Help", "5D"),
    "hillside": ("Hillside Primary School", "2A"),
    "larkrise": ("Larkrise Academy", "2A"),
    "willow": ("Willow Lane Nursery and Infants", "2A"),
    "hv": ("Northmoor Health Visiting", "3B"),
    "nurse": ("Northmoor School Nursing", "3C"),
    "gp": ("Old Mill Surgery", "3A"),
    "ae": ("Northmoor General, A&E", "3E"),
    "police": ("Northmoor Police, Child Protection", "6"),
    "housing": ("Northmoor Homes", "4"),
    "lantern": ("Lantern Family Project", "8"),
}

# name | role | how they write: a heading of sayings.txt | account, when not practitioner
_PEOPLE = """
[care]
Helen Moss | Team manager, North team | | manager
Victor Lane | Team manager, South team | | manager
Farida Khan | Service manager | | manager
Priya Shah | Social worker | care
Tom Reid | Social worker | care
Aisha Malik | Social worker | care
Callum Frost | Social worker | care
Ngozi Eze | Social worker | care
Beth Arden | Social worker | care
Marek Nowak | Social worker | care
Lucy Tran | Social worker | care
Joe Mills | Family support worker | support
Donna Pike | Family support worker | support
Linda Gray | Conference chair | chair
Owen Price | Independent reviewing officer | iro
Kofi Asante | Personal adviser | adviser
Chris Vale | Systems administrator | | administrator
Noor Aziz | Information governance officer | | auditor
[early]
Rachel Dunn | Early help manager | | manager
Sunil Patel | Early help worker | support
Megan Cole | Early help worker | support
Tariq Hussain | Early help worker | support
Jo Whitby | Early help worker | support
Ellie Marsh | Parenting worker | support
[hillside]
Mary Okoro | Head teacher | | manager
Dan Hughes | Safeguarding lead | school
Kate Lowry | Class teacher | school
Imran Sadiq | Special needs coordinator | school
Pat Green | Attendance officer | school
[larkrise]
Simon Webb | Safeguarding lead | school
Hannah Cho | Head of year | school
Leon Baptiste | Pastoral lead | school
Wendy Fox | Attendance officer | school
[willow]
Gwen Parry | Head of nursery | | manager
Anita Rao | Safeguarding lead | nursery
Becky Stone | Key worker | nursery
Milly Hart | Key worker | nursery
[hv]
Tessa Ward | Health visiting manager | | manager
Grace Adeyemi | Health visitor | hv
Clare Boon | Health visitor | hv
Ife Balogun | Health visitor | hv
[nurse]
Ruth Bell | School nurse | nurse
Martin Day | School nurse | nurse
Zara Quinn | School nurse | nurse
[gp]
Dr Mei Lin | GP | gp
Dr Adam Birch | GP | gp
Sally Orme | Practice nurse | gp
[ae]
Femi Ojo | Safeguarding nurse, A&E | ae
Dr Isla Kerr | Paediatrician, A&E | ae
Jan Novak | Liaison nurse | ae
[police]
DS Neil Grant | Detective sergeant, child protection | | manager
PC Sam Okafor | Police, child protection | police
DC Laura Finch | Detective, child protection | police
PC Amy Stott | Missing persons coordinator | police
[housing]
Carol Beech | Housing officer | housing
Denise Yates | Housing officer | housing
Paul Hobbs | Tenancy support officer | housing
[lantern]
Nadia Rahman | Domestic abuse adviser | lantern
Steve Kendall | Youth worker | lantern
Lily Barnes | Play therapist | lantern
"""

# manager: whom they supervise
SUPERVISED = {
    "Helen Moss": "Priya Shah, Tom Reid, Aisha Malik, Beth Arden, Joe Mills",
    "Victor Lane": "Callum Frost, Ngozi Eze, Marek Nowak, Lucy Tran, Donna Pike, Kofi Asante",
    "Farida Khan": "Helen Moss, Victor Lane, Linda Gray, Owen Price",
    "Rachel Dunn": "Sunil Patel, Megan Cole, Tariq Hussain, Jo Whitby, Ellie Marsh",
    "Mary Okoro": "Dan Hughes, Kate Lowry, Imran Sadiq, Pat Green",
    "Gwen Parry": "Anita Rao, Becky Stone, Milly Hart",
    "Tessa Ward": "Grace Adeyemi, Clare Boon, Ife Balogun",
    "DS Neil Grant": "PC Sam Okafor, DC Laura Finch, PC Amy Stott",
}

AWAY = {
    "Dr Adam Birch": "On leave until the end of the month. Dr Mei Lin reads for me.",
    "Ruth Bell": "Tuesdays and Thursdays only. Ring the school nursing line on other days.",
}
# Changed posts in the summer: the account is closed, what she wrote stays.
GONE = "Jan Novak"


@dataclass(frozen=True)
class Worker:
    """`writes` is the heading under which sayings.txt has this person's sentences."""

    id: int
    name: str
    role: str
    agency: str
    writes: str
    account: str

    @property
    def email(self) -> str:
        words = [word for word in self.name.lower().split() if word not in TITLES]
        return ".".join(words) + f"@{DOMAIN}"

    @property
    def phone(self) -> str:
        # Numbers kept free for drama: nobody is ever rung by them.
        return f"07700 900{100 + self.id:03}" if self.id % 3 else f"01632 960{100 + self.id:03}"


TITLES = ("dr", "ds", "dc", "pc")


def workers() -> dict[str, Worker]:
    """Everybody by name, in the order above."""
    found: dict[str, Worker] = {}
    agency = ""
    for line in _PEOPLE.strip().splitlines():
        if line.startswith("["):
            agency = line.strip("[]")
            continue
        name, role, writes, account = ([part.strip() for part in line.split("|")] + [""])[:4]
        found[name] = Worker(len(found) + 1, name, role, agency, writes, account or "practitioner")
    return found
