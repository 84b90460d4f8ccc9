"""The nouns: one file each, tables and nothing else."""

from app.models.activity import Activity, Counter, Delivery
from app.models.agency import AGENCY_TYPES, Agency
from app.models.audit import AuditEntry, AuditHead, Receipt
from app.models.case import CATEGORIES, STATUSES, Case, CaseHead, CaseStatus, KeyDate
from app.models.child import Child, ChildName, FamilyLink
from app.models.emergency import EMERGENCIES, REVIEWS, BreakGlass, LookUp, Review
from app.models.network import LEGAL_BASES, Conflict, Follow, Membership, Restriction
from app.models.person import ACCOUNTS, CONTENT_ACCOUNTS, Person, SignIn, Supervision, Token
from app.models.post import (
    AUDIENCES,
    KINDS,
    SYSTEM_KINDS,
    WORRIES,
    Acknowledgement,
    Audience,
    Comment,
    Draft,
    Exclusion,
    Mention,
    Post,
    PostVersion,
)

__all__ = [
    "ACCOUNTS",
    "AGENCY_TYPES",
    "AUDIENCES",
    "CATEGORIES",
    "CONTENT_ACCOUNTS",
    "EMERGENCIES",
    "KINDS",
    "LEGAL_BASES",
    "REVIEWS",
    "STATUSES",
    "SYSTEM_KINDS",
    "WORRIES",
    "Acknowledgement",
    "Activity",
    "Agency",
    "Audience",
    "AuditEntry",
    "AuditHead",
    "BreakGlass",
    "Case",
    "CaseHead",
    "CaseStatus",
    "Child",
    "ChildName",
    "Comment",
    "Conflict",
    "Counter",
    "Delivery",
    "Draft",
    "Exclusion",
    "FamilyLink",
    "Follow",
    "KeyDate",
    "LookUp",
    "Membership",
    "Mention",
    "Person",
    "Post",
    "PostVersion",
    "Receipt",
    "Restriction",
    "Review",
    "SignIn",
    "Supervision",
    "Token",
]
