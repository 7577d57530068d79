"""Bring the database up to date and fill it with the demo: one process, so that Django is loaded once.

At a first start the pictures are begun before all else: drawing them takes a processor as long as the migrations do.
"""

from __future__ import annotations

import os
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

from rustok.demo.painters import Painters


def main() -> None:
    """Run `manage.py setup` and `manage.py demo`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rustok.settings")
    with Painters() as painters:
        if _is_first():
            painters.draw_ahead()
        django.setup()
        call_command("setup")
        call_command("demo", painters=painters)


def _is_first() -> bool:
    """Tell whether no shop has a picture yet."""
    return not any(Path(settings.MEDIA_ROOT).glob("*"))


if __name__ == "__main__":
    main()
