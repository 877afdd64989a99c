"""Docs are tested: a setting, route or command that they do not mention fails here."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path

import pytest

from kit.preflight import NODE_LEAST, PYTHON_LEAST
from services.common.entry import EntryPoint
from services.common.errors import AppError
from services.common.events import REGISTRY

ROOT = Path(__file__).parents[2]
PAGES = {
    path: path.read_text()
    for path in [*ROOT.glob("*.md"), ROOT / "emulation/README.md", *(ROOT / "docs").rglob("*.md")]
}
TEXT = "\n".join(PAGES.values())


def missing(names: list[str]) -> list[str]:
    """The names that no page mentions as code."""
    return [name for name in names if not re.search(rf"`[^`\n]*{re.escape(name)}(?![\w-])[^`\n]*`", TEXT)]


def make_targets() -> list[str]:
    return [
        f"make {name}"
        for name in re.findall(r"^([a-z][a-z0-9-]*):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    ]


def routes() -> list[str]:
    document = json.loads((ROOT / "docs/openapi.json").read_text())
    return [f"{verb.upper()} {path}" for path, verbs in document["paths"].items() for verb in verbs]


def environment_variables() -> list[str]:
    """Every environment variable of the kit and the emulation that the sources read by name."""
    sources = [path for folder in ("emulation", "kit", "infra", "loadtests") for path in (ROOT / folder).rglob("*.py")]
    found = {
        name
        for path in sources
        for name in re.findall(r"[\"']((?:ASYNCSNS|EMULATION)_[A-Z_]*[A-Z])[\"']", path.read_text())
    }
    return sorted(found)


def variables_of_functions() -> list[str]:
    """Every environment variable in the settings of a function."""
    contexts = [path.parent.name for path in (ROOT / "services").glob("*/handler.py")]
    entries = [
        entry
        for context in contexts
        for entry in vars(importlib.import_module(f"services.{context}.handler")).values()
        if isinstance(entry, EntryPoint)
    ]
    return sorted({name.upper() for entry in entries for name in entry.settings.model_fields})


def error_types() -> list[str]:
    def below(kind: type[AppError]) -> list[str]:
        return [kind.type, *(name for child in kind.__subclasses__() for name in below(child))]

    return [name for name in below(AppError) if name != "about:blank"]


@pytest.mark.parametrize(
    ("what", "names"),
    [
        ("make targets", make_targets),
        ("domain events", lambda: sorted(REGISTRY)),
        ("settings of the services", variables_of_functions),
        ("settings of the kit", environment_variables),
        ("problem types", error_types),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_docs_mention_every_name(what: str, names: object) -> None:
    listed = names()  # type: ignore[operator]
    assert listed, f"no {what} found: the test looks in the wrong place"
    assert missing(listed) == [], f"{what} that no page in docs/ mentions"


def test_the_guide_and_the_help_list_every_suite_of_figures() -> None:
    suites = set(re.findall(r'^    "([a-z]+)":', (ROOT / "loadtests/bench/__main__.py").read_text(), re.MULTILINE))
    assert len(suites) > 8, "no suites found: the test looks in the wrong place"
    for page in ("docs/guide.md", "Makefile"):
        assert [set(listed.split()) for listed in re.findall(r'SUITES="([a-z ]+)"', (ROOT / page).read_text())] == [
            suites
        ]


@pytest.mark.parametrize("page", ["README.md", "README.ja.md"])
def test_the_readme_claims_only_tested_targets(page: str) -> None:
    """A deployment and LocalStack's own image were not tested: when that changes, update these sentences."""
    words = (ROOT / page).read_text()
    assert f"Node {NODE_LEAST}" in words
    assert "Python " + ".".join(map(str, PYTHON_LEAST)) in words
    assert not re.search(r"deploys unchanged|そのままAWSにデプロイできます", words)
    assert re.search(r"\[(what was not run|未実行のもの)\]\(docs/emulation/localstack\.md#on-docker\)", words)


#: The README of this package describes all of these.
_INTRODUCED = {"drills", "runbooks"}


@pytest.mark.parametrize("page", [path for path in PAGES if path.is_relative_to(ROOT / "docs")], ids=lambda p: p.stem)
def test_every_page_begins_with_its_audience(page: Path) -> None:
    if page.parent.name in _INTRODUCED and page.name != "README.md":
        page = page.parent / "README.md"
    first = PAGES[page].split("\n\n")[1]
    assert first.startswith("For "), f"{page}: expected the first paragraph to begin with `For …:`, got {first[:80]!r}"


def test_the_docs_cover_every_route() -> None:
    assert missing(routes()) == []


def test_the_docs_of_the_ui_cover_every_page_and_its_address() -> None:
    source = ROOT / "frontend-static/src"
    addresses = re.findall(r"^  \['[a-z-]+', '(/[^']*)'\],$", (source / "router.ts").read_text(), re.MULTILINE)
    files = [path.name for path in (source / "pages").glob("*.tsx")]
    assert len(addresses) > 30, "no addresses found: the test looks in the wrong place"
    assert len(files) > 20
    written = set(re.findall(r"`([^`\n]+)`", (ROOT / "docs/web-ui.md").read_text()))
    assert sorted({*addresses, *files} - written) == [], "addresses or pages that docs/web-ui.md does not mention"


def test_the_docs_cover_every_socket_action_and_event() -> None:
    document = json.loads((ROOT / "docs/asyncapi.json").read_text())
    names = {str(message["name"]) for message in document["components"]["messages"].values()}
    assert names
    assert missing(sorted(names)) == []


@pytest.mark.parametrize("page", sorted(PAGES), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_inside_the_repository_resolve(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", PAGES[page])
    assert [target for target in targets if not (page.parent / target).exists()] == []
