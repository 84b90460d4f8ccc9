"""One post: what it says and said before, who has read it, what others answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, g, redirect, render_template

from app import access, attachments, audit
from app.casework import measures
from app.core import clock
from app.core.db import AnyRow
from app.core.errors import NotAllowed
from app.models import KINDS, Comment, Person, Post
from app.web import bell, forms, pages
from app.web.session import content
from feeds import (
    acknowledgements,
    audiences,
    changes,
    comments,
    follows,
    posts,
    questions,
    timeline,
)


@pages.get("/posts/<int:post_id>")
@content
def post(viewer: Person, post_id: int) -> str:
    return _page(viewer, access.post(viewer, post_id))


@pages.post("/posts/<int:post_id>/comments")
@content
def comment(viewer: Person, post_id: int) -> Any:
    found = access.post(viewer, post_id)

    def act() -> str:
        added = comments.add(viewer, found, forms.text("body"))
        return f"/posts/{post_id}#comment-{added.id}"

    return forms.send(viewer, act, lambda errors: _page(viewer, found, errors))


@pages.post("/posts/<int:post_id>/acknowledgement")
@content
def acknowledge(viewer: Person, post_id: int) -> Any:
    found = access.post(viewer, post_id)
    acknowledgements.add(viewer, found)
    return redirect(f"/cases/{found.case_id}#post-{post_id}", 303)


@pages.post("/posts/<int:post_id>/answer")
@content
def accept_answer(viewer: Person, post_id: int) -> Any:
    found = access.post(viewer, post_id)
    chosen = access.comment(viewer, forms.number("comment_id", needed="Choose an answer."))
    comments.accept(viewer, found, chosen)
    return redirect(f"/posts/{post_id}#comment-{chosen.id}", 303)


@pages.get("/posts/<int:post_id>/versions")
@content
def versions(viewer: Person, post_id: int) -> str:
    found = access.post(viewer, post_id)
    row = timeline.post(viewer, post_id)
    _note(viewer, "read versions", row)
    return render_template("versions.html", post=row, versions=posts.versions(found))


@pages.get("/posts/<int:post_id>/edit")
@content
def edit(viewer: Person, post_id: int) -> str:
    found = access.post(viewer, post_id)
    _must_be_the_author(viewer, found)
    return _edit_form(viewer, found, {})


@pages.post("/posts/<int:post_id>/edit")
@content
def save_edit(viewer: Person, post_id: int) -> Any:
    found = access.post(viewer, post_id)
    _must_be_the_author(viewer, found)

    def act() -> str:
        changed = posts.edit(
            viewer, found, forms.text("body"), forms.text("meaning"), version=_made_from()
        )
        flash("Changed. What it said before is kept." if changed else "Nothing was changed.")
        return f"/posts/{post_id}"

    def again(errors: forms.Errors) -> str:
        return _edit_form(viewer, found, errors)

    return forms.send(viewer, act, again)


@pages.get("/posts/<int:post_id>/withdrawal")
@content
def withdrawal(viewer: Person, post_id: int) -> str:
    return _withdrawal_form(viewer, access.post(viewer, post_id), {})


@pages.post("/posts/<int:post_id>/withdrawal")
@content
def withdraw(viewer: Person, post_id: int) -> Any:
    found = access.post(viewer, post_id)

    def act() -> str:
        posts.withdraw(viewer, found, forms.text("reason"))
        return f"/cases/{found.case_id}"

    def again(errors: forms.Errors) -> str:
        return _withdrawal_form(viewer, found, errors)

    return forms.send(viewer, act, again, done="The update is withdrawn.")


@pages.get("/comments/<int:comment_id>/withdrawal")
@content
def comment_withdrawal(viewer: Person, comment_id: int) -> str:
    return _comment_withdrawal_form(viewer, access.comment(viewer, comment_id), {})


@pages.post("/comments/<int:comment_id>/withdrawal")
@content
def withdraw_comment(viewer: Person, comment_id: int) -> Any:
    found = access.comment(viewer, comment_id)

    def act() -> str:
        comments.withdraw(viewer, found, forms.text("reason"))
        return f"/posts/{found.post_id}#comments"

    def again(errors: forms.Errors) -> str:
        return _comment_withdrawal_form(viewer, found, errors)

    return forms.send(viewer, act, again, done="The comment is withdrawn.")


def _page(viewer: Person, found: Post, errors: forms.Errors | None = None) -> str:
    g.at = changes.newest()  # before anything is read: what comes after it is fetched again
    row = timeline.post(viewer, found.id)
    readers = follows.readers_of(found)
    acknowledged = acknowledgements.of(found)
    leads = access.may(access.may_lead(viewer.id, found.case_id))
    elsewhere = _elsewhere(viewer, found)
    _note(viewer, "read post", row, *elsewhere)
    bell.seen(viewer, [row.id, *(each.id for each in elsewhere)])
    is_written = row.kind in KINDS and row.source is None
    scores = measures.told_with([row]).get(row.id, ())
    return render_template(
        "post.html",
        post=row,
        shared=audiences.of([row]).get(row.id),
        files=attachments.of([row]).get(row.id, ()),
        asked=questions.of([row]).get(row.id),
        scores=scores,
        takes_back=[each.id for each in scores if leads or each.recorded_by_id == viewer.id],
        elsewhere=elsewhere,
        viewer=viewer,
        comments=comments.under([found.id]),
        read=[_reader(each) for each in readers if each.has_read],
        unread=[_reader(each) for each in readers if not each.has_read],
        acknowledged=acknowledged,
        may_acknowledge=is_written
        and row.author_id != viewer.id
        and all(each.id != viewer.id for each in acknowledged),
        may_accept=row.kind == "question" and (leads or row.author_id == viewer.id),
        may_withdraw=is_written and (leads or row.author_id == viewer.id),
        leads=leads,
        is_written=is_written,
        errors=errors or {},
        body=forms.text("body") if errors else "",
        key=forms.new_key(),
        now=clock.now(),
    )


def _reader(row: AnyRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "role": row.role,
        "agency_name": row.agency_name,
        "read_at": row.last_read_at,
    }


def _edit_form(viewer: Person, found: Post, errors: forms.Errors) -> str:
    row = timeline.post(viewer, found.id)
    elsewhere = _elsewhere(viewer, found)
    _note(viewer, "read post", row, *elsewhere)
    return render_template(
        "edit_post.html",
        post=row,
        elsewhere=elsewhere,
        values=forms.values(body=row.body, meaning=row.meaning or ""),
        # Whoever has seen the newer words beside hers may save over them.
        is_stale=forms.text("version") not in ("", str(row.version)),
        errors=errors,
        key=forms.new_key(),
    )


def _withdrawal_form(viewer: Person, found: Post, errors: forms.Errors) -> str:
    row = timeline.post(viewer, found.id)
    elsewhere = _elsewhere(viewer, found)
    goes = posts.taken_back_with(viewer, found)
    _note(viewer, "read post", row, *elsewhere)
    return render_template(
        "withdraw_post.html",
        post=row,
        goes=[each for each in elsewhere if each.id in goes],
        stays=[each for each in elsewhere if each.id not in goes],
        files=attachments.of([row]).get(row.id, ()),
        scores=measures.told_with([row]).get(row.id, ()),
        values=forms.values(reason=""),
        errors=errors,
        key=forms.new_key(),
        now=clock.now(),
    )


def _comment_withdrawal_form(viewer: Person, found: Comment, errors: forms.Errors) -> str:
    audit.note(
        viewer, "read comment", how="page", case_id=found.case_id, about=f"comment:{found.id}"
    )
    return render_template(
        "withdraw_comment.html",
        comment=found,
        values=forms.values(reason=""),
        errors=errors,
        key=forms.new_key(),
    )


def _must_be_the_author(viewer: Person, found: Post) -> None:
    if found.author_id != viewer.id or found.kind not in KINDS:
        raise NotAllowed("Only the person who wrote this can change it. You can add a comment.")


def _made_from() -> int | None:
    if not forms.text("version"):
        return None
    return forms.number("version", needed="Open the update again, and change it there.")


def _elsewhere(viewer: Person, found: Post) -> Sequence[AnyRow]:
    """The same update in the streams of brothers and sisters, where she may read it."""
    others = [copy.id for copy in posts.copies(found) if copy.id != found.id]
    return timeline.posts(viewer, others) if others else ()


def _note(viewer: Person, did: str, row: AnyRow, *elsewhere: AnyRow) -> None:
    ranges = [(each.case_id, each.position, each.position) for each in (row, *elsewhere)]
    audit.note(viewer, did, how="page", case_id=row.case_id, about=f"post:{row.id}", ranges=ranges)
