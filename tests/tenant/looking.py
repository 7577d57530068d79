"""A look at domains in a process of its own, which dies: `python -m tests.tenant.looking MOMENT WARNINGS`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import django


def main(moment: str, warnings: str) -> None:
    """Look while no domain has its record; die in the transaction of the last of so many warnings."""
    django.setup()
    from django.db import connection

    from apps.tenant.services import lapsing, look_again

    lapsing.TURNS = 1
    left = [int(warnings)]

    def die(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        done = execute(sql, params, many, context)
        if sql.startswith("UPDATE") and '"missing_since" =' in sql:
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
        return done

    with connection.execute_wrapper(die):
        look_again(now=datetime.fromisoformat(moment), look_up=lambda name: [], grace=timedelta(days=14))


if __name__ == "__main__":
    main(*sys.argv[1:])
