"""What Kith says no with: each carries a sentence for the person who asked."""

from __future__ import annotations


class Refusal(Exception):
    """The request cannot be done as asked."""

    status = 400
    sentence = "That cannot be done."

    def __init__(self, sentence: str | None = None) -> None:
        self.sentence = sentence or self.sentence
        super().__init__(self.sentence)


class NotAllowed(Refusal):
    """She sees it, but this is for somebody else to do; the sentence says for whom."""

    status = 403


class NotFound(Refusal):
    """Not there, or not hers: the two must give the same answer.

    `about` says what was looked for ("case:7"); it goes to the audit and to nobody else.
    """

    status = 404
    sentence = "There is nothing here for you."

    def __init__(self, about: str = "") -> None:
        super().__init__()
        self.about = about


class Conflict(Refusal):
    """Somebody else was first, or it is already so."""

    status = 409


class Invalid(Refusal):
    """What was sent cannot be taken; `fields` maps a field's name to its sentence."""

    status = 422
    sentence = "Some of this needs another look."

    def __init__(self, sentence: str | None = None, **fields: str) -> None:
        super().__init__(sentence or (next(iter(fields.values())) if fields else None))
        self.fields = fields


class TooFast(Refusal):
    """Too many in too short a time."""

    status = 429
    sentence = "That was too many at once. Wait a minute and try again."


class Unavailable(Refusal):
    """What is needed for it is away: a disk is full, say."""

    status = 503
