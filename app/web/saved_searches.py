"""The searches somebody has saved, and those they asked lately."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for

from app import audit
from app.models import Person
from app.notices import inbox
from app.web import forms, pages
from app.web.session import content
from search import saved


@pages.get("/searches")
@content
def saved_searches(viewer: Person) -> str:
    return _page(viewer, {})


@pages.post("/searches")
@content
def save_search(viewer: Person) -> Any:
    def act() -> str:
        number = saved.save(
            viewer, forms.text("words"), forms.text("name"), alerts=forms.flag("alerts")
        )
        return _done(viewer, "saved search", number)

    return forms.send(viewer, act, lambda errors: _page(viewer, errors), done="Saved.")


@pages.post("/searches/recent/end")
@content
def clear_recent_searches(viewer: Person) -> Any:
    saved.clear_recent(viewer)
    audit.note(viewer, "cleared recent searches", how="page", outcome="done")
    flash("Your list of recent searches is empty. That you searched stays on record.")
    return redirect(url_for("web.saved_searches"), 303)


@pages.get("/searches/<int:saved_search_id>")
@content
def saved_search(viewer: Person, saved_search_id: int) -> Any:
    """Asks it again; what it has found since is before her then."""
    kept = saved.one(viewer, saved_search_id)
    inbox.seen_of_search(viewer, kept.id)
    audit.note(viewer, "opened saved search", how="page", about=f"saved-search:{kept.id}")
    if kept.words is None:
        return redirect(url_for("web.saved_searches"), 303)
    return redirect(url_for("web.search", q=kept.words), 303)


@pages.get("/searches/<int:saved_search_id>/details")
@content
def saved_search_details(viewer: Person, saved_search_id: int) -> str:
    return _details(viewer, saved_search_id, {})


@pages.post("/searches/<int:saved_search_id>/details")
@content
def change_saved_search(viewer: Person, saved_search_id: int) -> Any:
    def act() -> str:
        saved.change(viewer, saved_search_id, name=forms.text("name"), alerts=forms.flag("alerts"))
        return _done(viewer, "changed saved search", saved_search_id)

    return forms.send(
        viewer, act, lambda errors: _details(viewer, saved_search_id, errors), done="Saved."
    )


@pages.post("/searches/<int:saved_search_id>/alerts")
@content
def switch_alerts(viewer: Person, saved_search_id: int) -> Any:
    saved.change(viewer, saved_search_id, alerts=forms.flag("alerts"))
    return redirect(_done(viewer, "changed saved search", saved_search_id), 303)


@pages.get("/searches/<int:saved_search_id>/deletion")
@content
def delete_saved_search(viewer: Person, saved_search_id: int) -> str:
    """Asks once more."""
    kept = saved.one(viewer, saved_search_id)
    audit.note(viewer, "read saved search", how="page", about=f"saved-search:{kept.id}")
    return render_template("delete_saved_search.html", search=kept)


@pages.post("/searches/<int:saved_search_id>/deletion")
@content
def forget_saved_search(viewer: Person, saved_search_id: int) -> Any:
    saved.forget(viewer, saved_search_id)
    flash("That search is deleted, with the notices of what it found.")
    return redirect(_done(viewer, "deleted saved search", saved_search_id), 303)


def _page(viewer: Person, errors: forms.Errors) -> str:
    audit.note(viewer, "read saved searches", how="page")
    return render_template(
        "saved_searches.html",
        searches=saved.of(viewer),
        recent=saved.recent(viewer),
        errors=errors,
        values=forms.values(),
        key=forms.new_key(),
    )


def _details(viewer: Person, saved_search_id: int, errors: forms.Errors) -> str:
    kept = saved.one(viewer, saved_search_id)
    audit.note(viewer, "read saved search", how="page", about=f"saved-search:{kept.id}")
    alerts = forms.flag("alerts") if errors else kept.alerts
    return render_template(
        "saved_search.html",
        search=kept,
        errors=errors,
        values={**forms.values(name=kept.name or ""), "alerts": alerts},
        key=forms.new_key(),
    )


def _done(viewer: Person, did: str, saved_search_id: int) -> str:
    audit.note(viewer, did, how="page", about=f"saved-search:{saved_search_id}", outcome="done")
    return url_for("web.saved_searches")
