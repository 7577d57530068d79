"""What people read is there in every language of the back office."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("de", "ru")
CATALOGUES = ("rustok/locale", "locale")
KEYWORDS = dict(DEFAULT_KEYWORDS) | {
    "gettext_lazy": None, "gettext_noop": None, "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip


#: A sentence, and the context that tells its meaning from others: "Change", as a noun of a stock.
Said = tuple[str | None, str]

#: How Django writes the sentences of a template as code.
IN_TEMPLATES = re.compile(
    r"""(?<![\w.])(?:_|gettext|ngettext)\(\s*u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    r"""|n?pgettext\(\s*u?("[^"]*"|'[^']*'),\s*u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
)


def in_code(path: Path) -> Iterator[Said]:
    for _line, said, _comments, context in extract("python", BytesIO(path.read_bytes()), keywords=KEYWORDS):
        yield context, said[0] if isinstance(said, tuple) else said


def in_template(path: Path) -> Iterator[Said]:
    for match in IN_TEMPLATES.finditer(templatize(path.read_text(), origin=str(path))):
        yield ast.literal_eval(match[2] or "None"), ast.literal_eval(match[1] or match[3])


def refusals(trees: dict[Path, ast.Module]) -> Iterator[tuple[Path, str]]:
    """Answer what `DomainError.title` says: the first line of the docstring of each class that derives from it."""
    classes = [
        (path, node, {ast.unparse(base).rpartition(".")[2] for base in node.bases})
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    ]
    errors: set[str] = set()
    grown = {"DomainError"}
    while grown - errors:
        errors |= grown
        grown = {node.name for _path, node, bases in classes if bases & errors}
    for path, node, bases in classes:
        if bases & errors or node.name == "DomainError":
            yield path, (ast.get_docstring(node) or node.name).splitlines()[0]


def words() -> dict[Said, str]:
    """Answer every sentence that is to be translated, with a file that says it."""
    found: dict[Said, str] = {}
    code = [path for folder in ("apps", "rustok") for path in (ROOT / folder).rglob("*.py")]
    templates = [path for path in (ROOT / "templates").rglob("*") if path.suffix in (".html", ".txt")]
    for paths, read in ((code, in_code), (templates, in_template)):
        for path in paths:
            if "migrations" not in path.parts and path.is_file():
                for context, text in read(path):
                    if text:
                        found.setdefault((context, text), str(path.relative_to(ROOT)))
    for path, text in refusals({path: ast.parse(path.read_text()) for path in code if path.is_file()}):
        found.setdefault((None, text), str(path.relative_to(ROOT)))
    return found


def catalogue(language: str) -> dict[Said, Any]:
    """Answer what is translated: the back office's words, and the storefront's."""
    found: dict[Said, Any] = {}
    for folder in CATALOGUES:
        with (ROOT / folder / language / "LC_MESSAGES/django.po").open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id and message.string:
                    found[message.context, _first(message.id)] = message.string
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_said_in_every_language(language):
    said = catalogue(language)
    assert {text: where for text, where in words().items() if text not in said} == {}


def test_refusals_are_among_the_sentences():
    said = words()
    assert said[None, "There is no such product."] == "apps/product/services/aggregate.py"
    assert (None, "Something the platform refuses to do.") in said


def _first(said: Any) -> str:
    return str(said if isinstance(said, str) else said[0])


def _all(said: Any) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said)


def _context(message: Any) -> str | None:
    """Answer the context; what is read of a compiled catalogue has it in bytes."""
    return message.context.decode() if isinstance(message.context, bytes) else message.context


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("folder", CATALOGUES)
def test_what_is_compiled_is_what_is_written(folder, language):
    place = ROOT / folder / language / "LC_MESSAGES"
    with (place / "django.po").open("rb") as written, (place / "django.mo").open("rb") as compiled:
        source = {
            (one.context, _first(one.id)): _all(one.string)
            for one in read_po(written, locale=language)
            if one.id and one.string
        }
        binary = {(_context(one), _first(one.id)): _all(one.string) for one in read_mo(compiled) if one.id}
    assert {key for key, text in source.items() if binary.get(key) != text} == set()
