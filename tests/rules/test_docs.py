"""Whoever looks a setting or a command up finds it."""

import re
from pathlib import Path

import click
import pytest

from app.cli import main
from config import settings

HOUSE = Path(__file__).parents[2]
READ = set(re.findall(r"KITH_[A-Z_]+", Path(settings.__file__).read_text()))


def words(name):
    return (HOUSE / name).read_text()


def commands(group, name="kith"):
    for word, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} {word}")
        else:
            yield f"{name} {word}", command


COMMANDS = dict(commands(main))


@pytest.mark.parametrize("name", sorted(READ))
def test_every_setting_has_its_line(name):
    assert re.search(
        rf"^\| `{name}` \| .+ \| .+ \| .+ \|$", words("docs/settings.md"), re.MULTILINE
    )


def test_no_setting_is_described_that_nothing_reads():
    described = set(re.findall(r"^\| `(KITH_[A-Z_]+)`", words("docs/settings.md"), re.MULTILINE))

    assert described == READ
    assert set(re.findall(r"KITH_[A-Z_]+(?==)", words("config/example.env"))) == READ


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_its_line(name):
    assert re.search(rf"^\| `{name}[ `]", words("docs/command-line.md"), re.MULTILINE)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_option_says_what_it_is_for(name):
    command = COMMANDS[name]

    assert (command.help or "").strip().endswith(".")
    unexplained = [
        each.name
        for each in command.params
        if isinstance(each, click.Option)
        and not each.help
        and not isinstance(each.type, click.Choice)
    ]
    assert unexplained == []


def test_no_command_is_described_that_is_not_there():
    described = re.findall(
        r"^\| `(kith [a-z-]+(?: [a-z0-9-]+)?)", words("docs/command-line.md"), re.MULTILINE
    )

    assert set(described) == set(COMMANDS)


def test_the_demo_password_in_the_docs_is_the_one_that_works():
    from config.demo import DEMO_PASSWORD, SUGGESTED

    assert f"`{DEMO_PASSWORD}`" in words("docs/demo.md")
    assert all(f"`{each.email}`" in words("docs/demo.md") for each in SUGGESTED)


def test_every_link_between_documents_leads_somewhere():
    pages = [HOUSE / "README.md", *(HOUSE / "docs").rglob("*.md")]
    links = [
        (page, link)
        for page in pages
        for link in re.findall(r"\]\((?!https?:|mailto:|#)([^)#]+)", page.read_text())
    ]

    assert links
    assert [
        f"{page.name}: {link}" for page, link in links if not (page.parent / link).exists()
    ] == []


@pytest.mark.parametrize("name", ["SECURITY.md", "docs/hazards.md", "docs/access.md"])
def test_every_test_that_is_named_as_a_proof_is_there(name):
    named = re.findall(r"`(tests/[a-z_/]+(?:\.py)?)`", words(name))

    assert named
    assert [each for each in named if not (HOUSE / each).exists()] == []
