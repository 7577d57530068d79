"""Bring the database up to date and fill it with the demo: one process, so that Django is loaded once."""

from __future__ import annotations

import os

import django
from django.core.management import call_command


def main() -> None:
    """Run `manage.py setup` and `manage.py demo`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rustok.settings")
    django.setup()
    call_command("setup")
    call_command("demo")


if __name__ == "__main__":
    main()
