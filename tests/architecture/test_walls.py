"""The walls of the house, where import-linter does not look."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(path.parent for path in (ROOT / "apps").glob("*/apps.py"))
SOURCES = [path for path in (ROOT / "apps").rglob("*.py") if "migrations" not in path.parts]
#: Names that say nothing.
VAGUE = {"utils.py", "helpers.py", "common.py", "manager.py", "managers.py", "misc.py", "v2.py"}
#: Lines that a file of code may have; at about 400 it becomes a package.
LONGEST = 450


def imports_of(path: Path) -> set[str]:
    """List the dotted names that a file imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_meet_through_public_only(path):
    own = path.relative_to(ROOT / "apps").parts[0]
    foreign = {
        name
        for name in imports_of(path)
        if (match := re.match(r"apps\.(\w+)\.(\w+)", name)) and match.group(1) != own and match.group(2) != "public"
    }
    assert foreign == set()


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_every_module_explains_itself_briefly(module):
    readme = module / "README.md"
    assert readme.exists(), f"{module.name} has no README.md"
    assert len(readme.read_text().splitlines()) <= 40


def test_no_file_has_a_name_that_says_nothing():
    assert [str(path.relative_to(ROOT)) for path in SOURCES if path.name in VAGUE] == []


def test_files_fit_in_the_head():
    code = [*SOURCES, *(ROOT / "rustok").rglob("*.py")]
    long = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in code
        if "demo" not in path.parts and len(path.read_text().splitlines()) > LONGEST
    }
    assert long == {}


def test_nothing_waits_for_a_time_in_the_broker():
    """Delays live in the database: an ETA or a countdown runs twice when it outlives the visibility timeout."""
    pattern = re.compile(r"\b(countdown|eta)\s*=|apply_async\(.*(countdown|eta)")
    assert [str(path.relative_to(ROOT)) for path in SOURCES if pattern.search(path.read_text())] == []


def test_nothing_reads_what_is_not_ours():
    code = [path for folder in ("apps", "rustok", "tests", "benchmarks") for path in (ROOT / folder).rglob("*.py")]
    outside = re.compile(r"\.\./shared")
    strays = [
        str(path.relative_to(ROOT)) for path in code if path != Path(__file__) and outside.search(path.read_text())
    ]
    assert strays == []


def test_no_two_graphql_types_share_a_name():
    """graphene takes the first and forgets the second, with all that is special about it."""
    import graphene

    from rustok.schema import schema

    known = {
        name: kind.graphene_type
        for name, kind in schema.graphql_schema.type_map.items()
        if hasattr(kind, "graphene_type")
    }
    classes: list[type] = [graphene.ObjectType]
    twins = []
    while classes:
        cls = classes.pop()
        classes += cls.__subclasses__()
        meta = vars(cls).get("_meta")  # an abstract class has none of its own
        if cls.__module__.startswith("apps.") and meta and known.get(meta.name, cls) is not cls:
            twins.append(f"{cls.__module__}.{cls.__name__} is hidden by {known[meta.name].__module__}")
    assert [twin for twin in twins if not twin.partition(" is")[0].endswith((".Query", ".Mutations"))] == []
