"""The nouns: one file each, tables and nothing else."""

from app.models.activity import Activity, Counter, Delivery
from app.models.agency import AGENCY_TYPES, Agency
from app.models.audit import AuditEntry, Receipt
from app.models.case import CATEGORIES, STATUSES, Case, CaseHead, CaseStatus, KeyDate
from app.models.child import Child, ChildName, FamilyLink
from app.models.network import Follow, Membership
from app.models.person import ACCOUNTS, CONTENT_ACCOUNTS, Person, SignIn, Supervision, Token
from app.models.post import (
    KINDS,
    SYSTEM_KINDS,
    WORRIES,
    Acknowledgement,
    Comment,
    Draft,
    Mention,
    Post,
    PostVersion,
)

__all__ = [
    "ACCOUNTS",
    "AGENCY_TYPES",
    "CATEGORIES",
    "CONTENT_ACCOUNTS",
    "KINDS",
    "STATUSES",
    "SYSTEM_KINDS",
    "WORRIES",
    "Acknowledgement",
    "Activity",
    "Agency",
    "AuditEntry",
    "Case",
    "CaseHead",
    "CaseStatus",
    "Child",
    "ChildName",
    "Comment",
    "Counter",
    "Delivery",
    "Draft",
    "FamilyLink",
    "Follow",
    "KeyDate",
    "Membership",
    "Mention",
    "Person",
    "Post",
    "PostVersion",
    "Receipt",
    "SignIn",
    "Supervision",
    "Token",
]
