"""What modules say they require is what their code imports and their tables point at."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rustok.kernel.modules import all_modules, dependents_of, find_module, requirements_of
from tests.architecture.test_walls import MODULES, imports_of

#: Without these there is no shop to switch anything in, or nothing gained by it: they have no face of their own.
ALWAYS_ON = {
    "accounts", "audit", "content", "index", "media", "outbox", "rbac", "taxonomy", "telemetry", "tenant",
}  # fmt: skip
_FOREIGN_KEY = re.compile(r"(?:ForeignKey|OneToOneField|ManyToManyField)\(\s*[\"'](\w+)\.\w+[\"']")


def needed_by(folder: Path) -> set[str]:
    """Name the modules that a module's files import or point at."""
    found: set[str] = set()
    for path in folder.rglob("*.py"):
        if "migrations" in path.parts:
            continue
        found |= {match[1] for name in imports_of(path) if (match := re.match(r"apps\.(\w+)", name))}
        text = path.read_text()
        found |= set(_FOREIGN_KEY.findall(text))
        found |= {"accounts"} if "AUTH_USER_MODEL" in text else set()
    return found - {folder.name}


@pytest.mark.parametrize("folder", MODULES, ids=lambda folder: folder.name)
def test_a_module_declares_what_it_imports_and_nothing_else(folder):
    module = find_module(folder.name)
    assert sorted({*module.requires, *module.uses}) == sorted(needed_by(folder)), f"put it right in {folder}/apps.py"
    assert set(module.requires).isdisjoint(module.uses)


@pytest.mark.parametrize("module", list(all_modules()), ids=lambda module: module.slug)
def test_what_a_module_does_without_can_be_switched_off(module):
    """Else it would be a requirement that is always met."""
    assert [slug for slug in module.uses if not find_module(slug).toggleable] == []


def test_requirements_never_go_in_circles():
    assert [module.slug for module in all_modules() if module.slug in requirements_of(module.slug)] == []


def test_nothing_that_is_always_on_needs_something_that_may_be_off():
    always = {module.slug for module in all_modules() if not module.toggleable}
    assert always == ALWAYS_ON & {module.slug for module in all_modules()}
    assert {slug: requirements_of(slug) - always for slug in always if requirements_of(slug) - always} == {}


@pytest.mark.parametrize("module", list(all_modules()), ids=lambda module: module.slug)
def test_every_module_says_to_people_what_it_is(module):
    assert str(module.verbose_name)
    assert str(module.description).endswith(".")
    assert len(str(module.description)) <= 90
    assert re.fullmatch(r"\d+\.\d+\.\d+", module.version)


def test_dependents_are_found_along_the_whole_chain():
    assert {"pricing", "inventory", "cart", "order", "commerce", "importer"} <= dependents_of("product")
    assert "storefront" not in dependents_of("product")
