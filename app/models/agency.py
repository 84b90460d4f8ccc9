"""An organisation people work for."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from app.core.db import Base, Id

# The referral-source codes of the children in need census, so that what councils already
# record means the same here.
AGENCY_TYPES = {
    "2A": "School",
    "2B": "Education service",
    "3A": "GP",
    "3B": "Health visitor",
    "3C": "School nurse",
    "3D": "Other primary health",
    "3E": "A&E",
    "3F": "Other health",
    "4": "Housing",
    "5A": "Social care",
    "5B": "Other council service",
    "5C": "Other council's social care",
    "5D": "Early help",
    "6": "Police",
    "7": "Other legal agency",
    "8": "Other, including voluntary",
}
# Groups of agencies as screens show them: a letter, a colour and a name each.
AGENCY_GROUPS = {
    "care": "Social care",
    "school": "School",
    "health": "Health",
    "police": "Police",
    "housing": "Housing",
    "voluntary": "Voluntary",
    "other": "Others",
}
# All of health is one, all of schools is; whatever is not here is one of the others.
AGENCY_GROUP_OF = {
    "2A": "school",
    "2B": "school",
    "3A": "health",
    "3B": "health",
    "3C": "health",
    "3D": "health",
    "3E": "health",
    "3F": "health",
    "4": "housing",
    "5A": "care",
    "5C": "care",
    "5D": "care",
    "6": "police",
    "8": "voluntary",
}


class Agency(Base):
    __tablename__ = "agencies"

    id: Mapped[Id]
    name: Mapped[str]
    agency_type: Mapped[str]
    phone: Mapped[str | None]
