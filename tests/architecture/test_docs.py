"""What the documents say is so: commands, targets, files, addresses, names and variables exist."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.urls import URLPattern, get_resolver

ROOT = Path(__file__).resolve().parents[2]
#: Written by people for people; `docs/events.md` is written by `manage.py events write`, which checks it.
DOCUMENTS = [
    ROOT / "README.md", ROOT / "SECURITY.md", ROOT / "CHANGELOG.md",
    *sorted(path for path in ROOT.glob("docs/**/*.md") if path != ROOT / "docs/events.md"),
    *sorted(ROOT.glob("apps/*/README.md")),
]  # fmt: skip
each_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))

FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
#: Files that a module may have: a document of one may speak of the others'.
ANATOMY = {"public.py", "apps.py", "models.py", "services.py"}
#: The module that the README and the guides make as an example.
EXAMPLE = re.compile(r"(apps|tests)/reviews/|^tests?_reviews")


def prose(path: Path) -> str:
    return FENCED.sub("", path.read_text())


def quoted(path: Path) -> set[str]:
    return set(QUOTED.findall(prose(path)))


# --- commands -------------------------------------------------------------------------------------------------------


def calls(path: Path, program: str) -> set[str]:
    """List what a document says of a program, in sentences and in blocks."""
    found = {part for text in quoted(path) for part in re.split(r"\s*&&\s*", text)}
    for block in FENCED.findall(path.read_text()):
        found |= {re.split(r"\s{2,}|#", line)[0] for line in block.splitlines()}
    pattern = re.compile(rf"(?:^|\s){re.escape(program)}\s+(.+)")
    return {match[1] for text in found if (match := pattern.search(text))}


def words_of(arguments: str) -> list[str]:
    """Split a call into its words; what only stands for something, as `…`, ends it."""
    words = []
    for word in shlex.split(arguments.replace("[", " ").replace("]", " ")):
        if "…" in word or word.startswith(("<", ">", "(")):
            break
        if word != "|":
            words.append(word)
    return words


def unknown_to(command: str, arguments: list[str]) -> Iterator[str]:
    """Name options and first words that a command of manage.py does not take."""
    parser = load_command_class(get_commands()[command], command).create_parser("manage.py", command)
    first = next((action for action in parser._actions if action.choices and not action.option_strings), None)
    if first and arguments and not arguments[0].startswith("-"):
        for word in arguments[0].split("|"):
            if word not in first.choices:
                yield word
    parsers = [parser, *(first.choices.values() if first and isinstance(first.choices, dict) else [])]
    known = {option for one in parsers for action in one._actions for option in action.option_strings}
    for word in arguments:
        if word.startswith("--") and word.partition("=")[0] not in known:
            yield word


@each_document
def test_every_command_that_is_named_is_one(path):
    wrong = []
    for call in calls(path, "manage.py"):
        name, *arguments = words_of(call) or [""]
        if name and name not in get_commands():
            wrong.append(name)
        elif name:
            wrong += [f"{name}: {word}" for word in unknown_to(name, arguments)]
    assert wrong == []


@each_document
def test_every_target_that_is_named_is_one(path):
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {words[0] for call in calls(path, "make") if (words := words_of(call))}
    assert named - targets == set()


# --- files and addresses --------------------------------------------------------------------------------------------


@cache
def routes() -> str:
    """Answer all addresses, a line each, with `{}` for what varies."""

    def walk(patterns: list, before: str) -> Iterator[str]:
        for one in patterns:
            here = before + re.sub(r"<[^>]*>", "{}", str(one.pattern))
            if isinstance(one, URLPattern):
                yield here
            else:
                yield from walk(one.url_patterns, here)

    return "\n".join(f"/{route}" for route in walk(get_resolver().url_patterns, "")).replace("(?P{}[^/]+)", "{}")


def is_address(text: str) -> bool:
    """Tell whether some address has it; in storefronts a language may stand first."""
    wanted = re.sub(r"\{[^}]*\}|<[^>]*>", "{}", text).removesuffix("…")
    return f"/{re.sub(r'^/[a-z]{2}/', '', wanted).lstrip('/')}" in routes()


def is_file(text: str, document: Path) -> bool:
    """Tell whether it is one: from the top, beside the document or one folder below it, or in any module."""
    pattern = re.sub(r"<[^>]*>", "*", text).rstrip("/")
    if not pattern or pattern.startswith("/"):
        return False
    places = [ROOT, document.parent, *document.parent.glob("*/")]
    places += ROOT.glob("apps/*/") if document.parent.parent != ROOT / "apps" or text in ANATOMY else []
    return any(True for place in places for _found in place.glob(pattern))


@cache
def made_folders() -> tuple[str, ...]:
    """Name what programs write, and no clone has."""
    lines = (ROOT / ".gitignore").read_text().splitlines()
    return tuple(line.lstrip("/") for line in lines if re.fullmatch(r"/.+/.+/", line))


def is_path(text: str) -> bool:
    """Tell whether a word can only be a file, a folder or an address."""
    if not re.fullmatch(r"[\w./<>{}*-]+…?", text) or EXAMPLE.search(text):
        return False
    if text.startswith(("apps/", "benchmarks/", "deploy/", "docs/", "rustok/", "static/", "templates/", "tests/")):
        return True
    return text.endswith("/") or bool(re.search(r"\.(py|md|html|css|js|json|yml|toml|txt)$", text))


@each_document
def test_every_file_and_address_that_is_named_exists(path):
    named = {text for text in quoted(path) if is_path(text)}
    named |= {text.split()[-1] for text in quoted(path) if re.fullmatch(r"((GET|POST|PUT|PATCH|DELETE) )+\S+/", text)}
    kept = {text for text in named if not text.startswith(made_folders())}
    unknown = {text for text in kept if not is_file(text, path) and not is_address(text)}
    assert {text for text in unknown if f'"{text}"' not in sources()} == set()


def anchors(path: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@each_document
def test_every_link_leads_somewhere(path):
    broken = []
    for link in LINK.findall(prose(path)):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        goal = (path.parent / target).resolve() if target else path
        if not goal.exists() or (anchor and anchor not in anchors(goal)):
            broken.append(link)
    assert broken == []


# --- names ----------------------------------------------------------------------------------------------------------


@cache
def sources() -> str:
    """Answer all code, templates and wiring as one text."""
    kinds = {".py", ".html", ".js", ".css", ".json", ".yml", ".toml", ".tpl", ".txt", ".in"}
    folders = ("apps", "rustok", "templates", "static", "deploy", "docs/events", "requirements", "benchmarks", "tests")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in kinds]
    files = [path for path in files if path != Path(__file__)]
    single = [ROOT / "docker-compose.yml", ROOT / "Dockerfile", ROOT / "Makefile", ROOT / "manage.py"]
    return "\n".join(path.read_text() for path in [*files, *single])


@cache
def words() -> frozenset[str]:
    return frozenset(re.findall(r"\w+", sources()))


def is_known(name: str, shown: set[str]) -> bool:
    """Tell whether code has a name; GraphQL writes it in camelCase, HTTP with hyphens."""
    if "." in name:
        return name in sources() or set(name.split(".")) <= words() | shown
    spellings = {name, re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()}
    return bool(spellings & (words() | shown)) or name in variables() or name.replace("_", "-") in sources()


@each_document
def test_every_name_that_is_quoted_is_in_the_code(path):
    """Or in an example that the document itself shows."""
    shown = set(re.findall(r"\w+", "".join(FENCED.findall(path.read_text()))))
    names = {re.sub(r"\(.*\)$|^@|\{[\w,]+\}$", "", text) for text in quoted(path)}
    names = {name for name in names if re.fullmatch(r"[A-Za-z_][\w.]*", name) and not is_path(name)}
    assert {name for name in names if not is_known(name, shown)} == set()


# --- variables ------------------------------------------------------------------------------------------------------

#: Read, though nobody has to set them: Python's, the system's, or given on to a process that we start.
NOT_OURS = {"PATH", "DJANGO_SETTINGS_MODULE"}


def read_names(path: Path) -> Iterator[str]:
    """List the environment variables that a file reads."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Subscript):
            owner, key = node.value, node.slice
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            owner, key = node.func.value, node.args[0]
        elif isinstance(node, ast.Compare) and len(node.comparators) == 1:
            owner, key = node.comparators[0], node.left
        else:
            continue
        if ast.unparse(owner) in ("env", "os.environ") and isinstance(key, ast.Constant):
            yield str(key.value)


def variables() -> set[str]:
    """List the environment variables that the platform reads."""
    from rustok.settings.edges import RATE_LIMITS

    files = [ROOT / "manage.py", *(ROOT / "rustok").rglob("*.py"), *(ROOT / "apps").rglob("*.py")]
    found = {name for path in files if path.name != "settings_test.py" for name in read_names(path)}
    return found - NOT_OURS | {f"RATE_LIMIT_{policy.upper()}" for policy in RATE_LIMITS}


def table_of(path: Path, heading: str) -> set[str]:
    """List the variables in the first column of the table below a heading."""
    section = path.read_text().split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    cells = re.findall(r"^\| (`[^|]+) \|", section, re.MULTILINE)
    return {name for cell in cells for name in QUOTED.findall(cell) if name.isupper()}


def test_every_variable_is_in_the_one_table_and_nothing_else_is():
    assert table_of(ROOT / "docs/guides/operations.md", "Every variable") == variables()


def test_every_variable_that_is_named_elsewhere_is_one():
    known = variables() | {"DATABASE_PASSWORD", "NATS_PASSWORD", "POSTGRES_PASSWORD"}  # of the servers beside it
    assert table_of(ROOT / "README.md", "Real servers") - known == set()
    assert set(re.findall(r"^    ([A-Z_]+):", (ROOT / "docker-compose.yml").read_text(), re.MULTILINE)) - known == set()
