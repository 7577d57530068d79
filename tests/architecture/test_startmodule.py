"""`manage.py startmodule` writes a module that passes every check at once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests import database

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(
    ".venv", ".rustok", ".git", "__pycache__", ".mypy_cache", ".hypothesis", "results", "static"
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the project, to be changed."""
    return Path(shutil.copytree(ROOT, tmp_path / "project", ignore=LEFT_OUT))


def run(copy: Path, *command: str) -> str:
    environment = os.environ | {
        "DATABASE_URL": database.url("postgres"),
        "VALKEY_URL": settings.VALKEY_URL,
        "SECRET_KEY": "s" * 40,
        "PYTHONPATH": str(copy),
        "TEST_RUN": f"{os.environ.get('TEST_RUN', 'run')}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_scaffold",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    for name in [name for name in environment if name.startswith("PYTEST_")]:
        del environment[name]
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.mark.slow
def test_a_new_module_passes_every_check(copy):
    run(copy, sys.executable, "manage.py", "startmodule", "reviews", "--beside", "blog")
    run(copy, sys.executable, "manage.py", "makemigrations", "reviews")
    run(copy, sys.executable, "manage.py", "events", "write")
    run(copy, "ruff", "check", "apps/reviews", "tests/reviews", "rustok/settings/modules.py")
    run(copy, "ruff", "format", "--check", "apps/reviews", "tests/reviews", "rustok/settings/modules.py")
    assert "4 kept, 0 broken" in run(copy, "lint-imports")
    run(copy, "mypy", "apps/reviews")
    run(copy, sys.executable, "manage.py", "audit_access", "--quiet")
    run(copy, sys.executable, "manage.py", "events", "check")
    run(copy, sys.executable, "manage.py", "spectacular", "--validate", "--fail-on-warn", "--file", os.devnull)
    requires = "tests/architecture/test_requires.py"
    assert "passed" in run(copy, sys.executable, "-m", "pytest", "tests/reviews", requires, "-p", "no:cacheprovider")


@pytest.mark.parametrize("name", ["Reviews", "re-views", "", "a" * 40, "1st", "../x"])
def test_a_bad_name_is_refused(name):
    from django.core.management import CommandError, call_command

    with pytest.raises(CommandError, match="one lower case word"):
        call_command("startmodule", name)
