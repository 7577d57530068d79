"""`manage.py startmodule`: a new module that passes every check at once."""

from __future__ import annotations

import re
from pathlib import Path
from string import Template
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from rustok.kernel.access import RESOURCES

SCAFFOLD = Path(__file__).resolve().parents[2] / "scaffold"
_NAME = re.compile(r"^[a-z][a-z0-9]{1,29}$")


class Command(BaseCommand):
    """Write a new domain module, its tests and its place on the floors."""

    help = (
        "Write a new domain module: models, service, event, REST, GraphQL, admin, tests, and its place on the floors."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("name", help="one lower case word, e.g. reviews")
        parser.add_argument("--beside", default="pricing", help="the module whose floor it shares (default: pricing)")
        parser.add_argument(
            "--resource", default="products", choices=sorted(RESOURCES), help="what its permissions are about"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write, register, and make the migration and the event schemas."""
        name, beside = options["name"], options["beside"]
        root = Path(settings.BASE_DIR)
        if not _NAME.match(name):
            raise CommandError("a module's name is one lower case word of 2 to 30 letters")
        if (root / "apps" / name).exists():
            raise CommandError(f"apps/{name} exists")
        if not (root / "apps" / beside).exists():
            raise CommandError(f"there is no module {beside!r} to stand beside")
        self._write(root, name, _words(name, options["resource"]))
        _register(root, name, beside)
        self.stdout.write(f"wrote apps/{name} and tests/{name}; now run:")
        self.stdout.write(f"  manage.py makemigrations {name} && manage.py events write && make check")

    def _write(self, root: Path, name: str, words: dict[str, str]) -> None:
        for source in sorted(SCAFFOLD.glob("*.tpl")):
            target_name = source.name.removesuffix(".tpl")
            folder = root / ("tests" if target_name.startswith("test_") else "apps") / name
            folder.mkdir(parents=True, exist_ok=True)
            (folder / target_name).write_text(Template(source.read_text()).substitute(words))
        (root / "apps" / name / "migrations").mkdir()
        for package in (f"apps/{name}", f"apps/{name}/migrations", f"tests/{name}"):
            (root / package / "__init__.py").touch()


def _words(name: str, resource: str) -> dict[str, str]:
    """Derive every name from the module's: reviews → Review, review, reviews."""
    word = name.removesuffix("s") if len(name) > 3 else name
    plural = f"{word}s"
    return {
        "module": name, "Module": name.capitalize(), "word": word, "Model": word.capitalize(), "path": plural,
        "query": f"all_{plural}", "graphql": f"all{plural.capitalize()}", "resource": resource,
    }  # fmt: skip


def _register(root: Path, name: str, beside: str) -> None:
    """Add the module to the settings and to the walls."""
    config = root / "rustok" / "settings" / "modules.py"
    config.write_text(
        config.read_text().replace(f'    "apps.{beside}",\n', f'    "apps.{beside}",\n    "apps.{name}",\n', 1)
    )
    walls = root / ".importlinter"
    text = re.sub(rf"^(    .*\b{beside}\b.*)$", rf"\1 | {name}", walls.read_text(), count=1, flags=re.MULTILINE)
    walls.write_text(
        text.replace("containers =\n    apps.accounts\n", f"containers =\n    apps.accounts\n    apps.{name}\n", 1)
    )
