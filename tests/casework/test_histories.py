"""What several systems tell of a case becomes one history."""

from datetime import date

from app.casework import histories
from app.casework.returns.facts import StatusChange


def told(source, as_at, *lines):
    return histories.Told(
        source,
        date.fromisoformat(as_at),
        tuple(
            StatusChange(date.fromisoformat(on), status, None, f"{source} {on}")
            for on, status in lines
        ),
    )


def together(*tellings):
    return [(str(each.change.on), each.change.status) for each in histories.together(tellings)]


def test_one_source_tells_its_own_history():
    census = told("cin-census", "2026-03-31", ("2025-01-01", "contact"), ("2025-02-01", "closed"))

    assert together(census) == [("2025-01-01", "contact"), ("2025-02-01", "closed")]


def test_a_child_looked_after_by_one_and_in_need_by_another_is_looked_after():
    care = told("ssda903", "2026-03-31", ("2024-01-01", "looked_after"))
    census = told("cin-census", "2026-03-31", ("2025-01-01", "child_in_need"))

    assert together(care, census) == [("2024-01-01", "looked_after")]


def test_when_care_ends_what_goes_on_shows_again_and_is_not_closed():
    care = told("ssda903", "2026-03-31", ("2024-01-01", "looked_after"), ("2025-06-01", "closed"))
    census = told("cin-census", "2026-03-31", ("2023-01-01", "child_in_need"))

    assert together(care, census) == [
        ("2023-01-01", "child_in_need"),
        ("2024-01-01", "looked_after"),
        ("2025-06-01", "child_in_need"),
    ]
    line = histories.together([care, census])[-1]
    assert (line.source, line.change.because) == ("cin-census", "ssda903 2025-06-01")


def test_an_older_file_does_not_know_what_came_after_it():
    workbook = told("annex-a", "2024-06-30", ("2024-01-01", "looked_after"))
    care = told("ssda903", "2026-03-31", ("2024-01-01", "looked_after"), ("2025-06-01", "closed"))

    assert together(workbook, care)[-1] == ("2025-06-01", "closed")


def test_a_newer_file_about_other_things_ends_nothing():
    care = told("ssda903", "2024-06-30", ("2024-01-01", "looked_after"))
    census = told("cin-census", "2026-03-31", ("2023-01-01", "child_in_need"))
    later = told("cin-census", "2026-03-31", ("2025-01-01", "child_in_need"))

    assert together(care, census)[-1] == ("2024-01-01", "looked_after")
    assert together(care, later) == [("2024-01-01", "looked_after")]


def test_the_order_of_the_sources_makes_no_difference():
    care = told("ssda903", "2026-03-31", ("2024-01-01", "looked_after"), ("2025-06-01", "closed"))
    census = told("cin-census", "2026-03-31", ("2023-01-01", "child_in_need"))

    assert histories.together([care, census]) == histories.together([census, care])
