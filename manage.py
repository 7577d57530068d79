#!/usr/bin/env python3
"""Django's command line. Starts the embedded servers for a command that needs them and finds none."""

import importlib.util
import os
import sys
from contextlib import ExitStack
from pathlib import Path

PROJECT = Path(__file__).resolve().parent
SERVERLESS = {
    "", "collectstatic", "compilemessages", "diffsettings", "findstatic", "help", "makemessages", "startmodule",
    "version",
}  # fmt: skip


def use_virtualenv() -> None:
    """Go on in the project's virtualenv if this Python has no Django."""
    if importlib.util.find_spec("django"):
        return
    python = PROJECT / ".venv" / "bin" / "python"
    if not python.exists() or Path(sys.prefix) == PROJECT / ".venv":
        sys.exit("Django is not installed: run `make demo` first, it makes the virtualenv.")
    os.execv(python, [str(python), *sys.argv])  # noqa: S606 - no shell is wanted


def needs_servers(arguments: list[str]) -> bool:
    """Tell whether a command talks to PostgreSQL or Valkey."""
    command = arguments[0] if arguments else ""
    asks_for_help = {"-h", "--help", "--version"} & set(arguments)
    return not (asks_for_help or command.startswith("-") or command in SERVERLESS)


def main() -> None:
    """Run the command of the command line."""
    use_virtualenv()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rustok.settings")
    from rustok.embedded import EmbeddedError, current_home, development_settings, running

    try:
        for name, value in development_settings(current_home()).items():
            os.environ.setdefault(name, value)
        with ExitStack() as stack:
            if needs_servers(sys.argv[1:]):
                os.environ.update(stack.enter_context(running()))
            execute()
    except EmbeddedError as error:
        sys.exit(str(error))


def execute() -> None:
    """Hand the command line to Django."""
    from django.core.management import execute_from_command_line

    from rustok.kernel.context import because

    with because(f"manage.py {' '.join(sys.argv[1:2])}"):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
