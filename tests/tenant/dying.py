"""A runner of jobs in a process of its own, which kills itself: `python -m tests.tenant.dying JOB STEP TELLS MEDIA EXPORTS`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from uuid import UUID

import django
from django.conf import settings


def main(job_id: str, step: str, tells: str, media: str, exports: str) -> None:
    """Work on a job; die when it has told of a step so many times."""
    django.setup()
    settings.MEDIA_ROOT, settings.EXPORTS_ROOT = Path(media), Path(exports)
    from apps.tenant.services import run

    left = [int(tells)]

    def die(job: object) -> None:
        if job.step == step:  # type: ignore[attr-defined]
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    run(UUID(job_id), tell=die)


if __name__ == "__main__":
    main(*sys.argv[1:])
