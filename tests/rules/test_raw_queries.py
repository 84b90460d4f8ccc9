"""Content is asked for through the rules: read from the code itself, so that nothing slips by."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOUSE = ("app", "feeds", "messaging", "search")

# Tables that tell something about a child, or about who is round one.
CONTENT = set(
    """
    Acknowledgement Activity Alert AlertAgency AlertPost Attachment Audience BreakGlass Case
    CaseCounts CaseHead CaseStatus Child ChildName Comment Conflict Conversation ConversationHead
    Copy Disposition Draft Escalation Exclusion FamilyLink
    Find Follow KeyDate LookUp Membership Mention Message MessageDraft MessageLink MessageMention
    MessageVersion Notice Participant Post PostVersion Reaction Reading ReadMark Restriction
    """.split()
)
# A thing of one of these types comes from a getter of `app/access.py`, and from nowhere else.
GRANTED = set("Alert Attachment Case Child Comment Conversation Message Post Reading".split())
# Forms the rules cannot be put into, or that go around the session.
RAW = {"exec_driver_sql", "from_statement", "__table__", "raw_connection", "executescript"}

# The ground itself, and what stands where nobody is asking: each may speak SQL.
GROUND = {
    "app/access.py": "the rules",
    "app/core/db.py": "the session",
    "app/core/schema.py": "migrations",
    "app/cli/opening.py": "asks which migration the database is at",
    "app/web/health.py": "asks which migration the database is at",
    "app/demo/rows.py": "writes an invented world into an empty database",
    "app/demo/looking.py": "writes an invented world into an empty database",
    "app/demo/world.py": "writes an invented world into an empty database",
    "app/monitor/counts.py": "counts for nobody; numbers are read through the rules",
    "app/monitor/due.py": "looks for what is overdue for nobody; alerts are read through the rules",
    "app/monitor/watch.py": "judges all cases for nobody; alerts are read through the rules",
    "app/monitor/evaluation.py": "counts all cases for who judges the monitor, nothing below 5",
    "app/casework/review_rules.py": "asks who looked, shows nobody anything but numbers",
}
# Functions that ask for content without a rule and without a thing that was granted, and why
# they may. Everything else that is not granted is a leak until somebody can say why not.
REASONS = {
    "app/casework/emergencies.py:_new_reference": "whether a random reference is taken",
    "app/casework/emergencies.py:_one": "its callers say whose, or ask may_approve",
    "app/casework/emergencies.py:break_glass": "counts her own; the rest is in children.find",
    "app/casework/look_ups.py:ask": "counts her own; the rest is in children.find",
    "app/casework/look_ups.py:waiting_anywhere": "built on _is_for, which holds the rule",
    "app/casework/imports.py:without_network": "for administrators: council numbers, no content",
    "app/casework/imports.py:allocate": "for administrators: council numbers, no content",
    "app/casework/keeping.py:look": "compares a return with what it brought before",
    "app/casework/keeping.py:_look_at_cases": "compares a return with what it brought before",
    "app/casework/links.py:_link": "asks through whose, which holds the rule",
    "app/casework/links.py:_pairs": "its callers say whose: who sees both, or numbers alone",
    "app/casework/links.py:_related": "numbers of children who are linked, shown to nobody",
    "app/casework/links.py:known": "for arithmetic: pairs of it are read through the rules",
    "app/casework/tellings.py:_tellings": "of cases that a reading function has granted",
    "app/attachments.py:_named": "which files on the disk have a row; shows nobody anything",
    "app/attachments.py:_shown": "called with posts a reading function has shown",
    "app/attachments.py:_own": "what the sender has not posted yet: theirs alone",
    "app/attachments.py:decide": "says what the virus check found, shows nobody anything",
    "app/attachments.py:forget_unposted": "deletes what nobody posted, shows nobody anything",
    "app/attachments.py:to_check": "for the virus check, shows nobody anything",
    "app/audit/notes.py:_about": "an auditor's filter: answers rows of the audit, no content",
    "app/casework/measures.py:_born_on": "compared with the day of a score, shown to nobody",
    "app/casework/measures.py:has_readings": "whether a scale may change, for administrators",
    "app/casework/score_files.py:_case_of": "which case a council number means, for an import",
    "app/casework/measures.py:of": "compares a score with what was brought before",
    "app/casework/measures.py:_readings": "part of questions that hold the rule, or of shown posts",
    "app/casework/cases.py:_of_posts": "part of a question that holds the rule",
    "app/relay.py:tell_pages": "reads a position, and hands it to whom the rules say",
    "app/monitor/alerts.py:end_all": "ends alerts, shows nobody anything",
    "app/monitor/alerts.py:keep_due": "opens and ends alerts, shows nobody anything",
    "app/monitor/alerts.py:changed": "numbers of cases to look at, shown to nobody",
    "app/monitor/alerts.py:standing": "the one that stands, to be gone on with or ended",
    "app/monitor/board.py:_agencies": "of alerts that a reading function has found",
    "app/monitor/board.py:_links": "between children that a reading function has found",
    "app/monitor/board.py:_status": "part of questions that hold the rule",
    "app/insight/catch_up.py:_dates": "of cases that _began gives, which holds the rule",
    "app/insight/catch_up.py:_statuses": "of cases that _began gives, which holds the rule",
    "app/insight/events.py:columns": "part of questions that hold the rule",
    "app/notices/letters.py:_without_email": "numbers of people; each letter asks the rules",
    "app/notices/tell.py:_alert": "whoever is told of it is asked of access.alert_readers",
    "app/notices/tell.py:_no_news": "marks notices as read, shows nobody anything",
    "app/notices/tell.py:told_of": "numbers of people, for a pointer to those the rules name",
    "app/notices/tell.py:_knowing": "numbers of people who are told nothing more, shown to nobody",
    "app/notices/tell.py:_muted": "numbers of people who want to hear nothing, shown to nobody",
    "app/notices/tell.py:_alerting": "numbers of notices of searches whose owner reads what is new",
    "app/notices/tell.py:_gather": "keeps the newest finds of a notice, shows nobody anything",
    "app/relay.py:deliver": "hands pointers to listeners, which ask the rules",
    "app/stream.py:append_all": "writes the head of a stream, shows nothing",
    "app/stream.py:refresh_head": "writes the head of a stream, shows nothing",
    "feeds/audiences.py:_names": "called with posts a reading function has shown",
    "feeds/facts.py:_key_dates": "its caller has the case from access",
    "feeds/comments.py:under": "called with posts a reading function has shown",
    "feeds/timeline.py:mentions": "called with posts a reading function has shown",
    "feeds/questions.py:_due": "shows nothing: asks through _lead_reads or _manager_reads",
    "feeds/questions.py:_is_replied": "part of a question that shows nothing",
    "feeds/questions.py:_how_it_went": "called with posts a reading function has shown",
    "feeds/questions.py:_told_at": "called with posts a reading function has shown",
    "feeds/facts.py:_last_seen": "asks through _hers, which holds the rules",
    "feeds/facts.py:_made": "asks through _hers, which holds the rules",
    "feeds/facts.py:_waiting": "asks through _hers, which holds the rules",
    "search/alerts.py:_new": "compared with what is looked for; who is told is asked of the rules",
    "search/alerts.py:_called": "names that filters are compared with, shown to nobody",
    "search/alerts.py:of": "whether searches have changed since they were read",
    "search/indexing.py:_activities": "numbers of what was done, for the index of all there is",
    "search/indexing.py:_newest": "how far the index of all there is has come",
    "search/indexing.py:_total": "counts for the line that says how far a rebuild is",
    "search/rows.py:is_news": "part of a question that holds the rule",
    "search/find.py:_named": "called with children that a question with the rule has answered",
    "feeds/changes.py:since": "asks through _in_case and _in_conversation, which hold the rules",
    "messaging/keeps.py:_waiting": "whether an author is still to agree: shows nothing",
    "messaging/keeps.py:said": "becomes a post after its authors were told; shown to nobody",
    "messaging/messages.py:_reactions": "called with messages a reading function has shown",
    "messaging/messages.py:_naming": "called with messages a reading function has shown",
    "app/monitor/alerts.py:_dispositions": "part of questions that hold the rule",
    "feeds/news.py:_statement": "built on follows.new_posts, which holds the rules",
}


def test_nothing_goes_around_the_session() -> None:
    found = [
        f"{name}:{getattr(node, 'lineno', 0)}: {what}"
        for name, tree in _files()
        if name not in GROUND and not name.startswith("app/audit")
        for node, what in _raw(tree)
    ]
    assert found == []


def test_what_asks_for_content_asks_the_rules_or_was_granted_it() -> None:
    unexplained = sorted(set(_ungranted()) - set(REASONS))
    assert unexplained == []


def test_no_reason_outlives_what_it_was_given_for() -> None:
    assert sorted(set(REASONS) - set(_ungranted())) == []


def test_the_lint_sees_what_it_is_for() -> None:
    leak = ast.parse("def everything():\n    return db.session().scalars(select(Post)).all()")
    raw = ast.parse("def count():\n    return session.connection().execute(text('SELECT 1'))")
    rule = ast.parse("def hers(v):\n    return select(Post).where(access.reads_post(v, Post))")
    given = ast.parse("def of(case: Case):\n    return select(Post).where(Post.case_id == case.id)")
    assert [f.name for f in _asking(leak)] == ["everything"]
    assert {what for _, what in _raw(raw)} == {"text", "connection"}
    assert not list(_asking(rule))
    assert not list(_asking(given))


def _files() -> Iterator[tuple[str, ast.Module]]:
    for folder in HOUSE:
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith("app/models/"):
                yield name, ast.parse(path.read_text())


def _ungranted() -> Iterator[str]:
    for name, tree in _files():
        if name not in GROUND:
            yield from (f"{name}:{function.name}" for function in _asking(tree))


def _asking(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Functions that select content, ask no rule, and were handed nothing a rule has granted."""
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        named = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
        selects = named & {"select", "exists"}
        if named & CONTENT and selects and "access" not in named and not _is_granted(function):
            yield function


def _is_granted(function: ast.FunctionDef) -> bool:
    arguments = [*function.args.args, *function.args.kwonlyargs]
    types = {ast.unparse(each.annotation) for each in arguments if each.annotation}
    return any(name in GRANTED for kind in types for name in kind.replace("|", " ").split())


def _raw(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in RAW:
            yield node, node.attr
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr == "connection":
                yield node, "connection"
            elif isinstance(node.func, ast.Name) and node.func.id == "text":
                yield node, "text"
