"""What the codes of the CIN census and of SSDA903 mean, in plain words."""

NEEDS = {
    "N1": "abuse or neglect",
    "N2": "the child’s disability or illness",
    "N3": "a parent’s disability or illness",
    "N4": "the family in acute stress",
    "N5": "difficulties in how the family lives together",
    "N6": "behaviour that is not accepted",
    "N7": "low income",
    "N8": "an absent parent",
    "N9": "other than a child in need",
}
CLOSURES = {
    "RC1": "adopted",
    "RC2": "the child died",
    "RC3": "a child arrangements order",
    "RC4": "a special guardianship order",
    "RC5": "moved to another council",
    "RC6": "moved to adult social care",
    "RC7": "no longer in need, or another reason",
    "RC8": "no further action after an assessment",
    "RC9": "early help after an assessment",
}
LEGAL_STATUSES = {
    "C1": "interim care order",
    "C2": "full care order",
    "D1": "freeing order",
    "E1": "placement order",
    "V2": "accommodated under section 20",
    "V3": "short breaks, one agreement",
    "V4": "short breaks, single stays",
    "L1": "police protection",
    "L2": "emergency protection order",
    "L3": "child assessment order",
    "J1": "on remand",
    "J2": "accommodated by the police",
    "J3": "sentenced, with residence",
}
# A series of short breaks gives the family a rest: the child lives at home.
SHORT_BREAKS = frozenset({"V3", "V4"})
PLACEMENTS = {
    "A3": "for adoption, with the current foster carer",
    "A4": "for adoption, with new carers",
    "A5": "for adoption, with the current foster carer",
    "A6": "for adoption, with new carers",
    "H5": "semi-independent living",
    "K1": "secure children’s home",
    "K2": "children’s home",
    "P1": "with parents",
    "P2": "independent living",
    "P3": "where the young person works",
    "R1": "residential care home",
    "R2": "hospital or nursing care",
    "R3": "family centre, or mother and baby unit",
    "R5": "young offender institution",
    "S1": "residential school",
    "T0": "a temporary move",
    "T1": "in hospital for a time",
    "T2": "away on holiday",
    "T3": "elsewhere while the carer is on holiday",
    "T4": "elsewhere for seven days or less",
    **dict.fromkeys(("U1", "U2", "U3"), "foster care by a relative or friend"),
    **dict.fromkeys(("U4", "U5", "U6"), "foster care"),
    "Z1": "another placement",
}
# Why an episode began.
BEGINNINGS = {
    "S": "Started to be looked after",
    "L": "Legal status changed",
    "P": "Moved to another placement and carer",
    "T": "Moved to another placement with the same carer",
    "B": "Moved to another placement and carer, under another legal status",
    "U": "Moved to another placement with the same carer, under another legal status",
}
# Why an episode ended, other than X1: another one began.
ENDINGS = {
    "E11": "adopted",
    "E12": "adopted",
    "E2": "the child died",
    "E3": "another council took over",
    "E4A": "went home as planned",
    "E4B": "went home, which was not planned",
    "E5": "independent living with support",
    "E6": "independent living",
    "E7": "moved to adult residential care",
    "E8": "another reason",
    "E9": "sentenced to custody",
    "E13": "went to live with a relative or friend",
    "E14": "remand ended",
    "E15": "found to be an adult",
    "E16": "moved abroad",
    "E17": "adult, and stayed with the carers",
    "E41": "a child arrangements order",
    **dict.fromkeys(("E43", "E44", "E45", "E46", "E47", "E48"), "a special guardianship order"),
}
NEXT_EPISODE = "X1"
# Whoever goes home after care is a child in need until somebody says otherwise.
HOME = frozenset({"E4A", "E4B", "E13"})
TOOK_PART = {
    "PN0": "The child was under four.",
    "PN1": "The child spoke for themselves.",
    "PN2": "An advocate spoke for the child, who was there.",
    "PN3": "The child was there and made their views known without words.",
    "PN4": "The child was there and did not say what they think.",
    "PN5": "An advocate spoke for the child, who was not there.",
    "PN6": "The child was not there and sent their views.",
    "PN7": "The child was not there, and their views are not known.",
}
