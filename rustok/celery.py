"""The Celery application: late acknowledgement, JSON only, no results, no ETA (see docs/adr)."""

import gc
import os
from typing import Any

from celery import Celery, Task
from celery.signals import task_postrun, task_prerun, worker_init
from django.db import close_old_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rustok.settings")

app = Celery("rustok")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@task_prerun.connect
@task_postrun.connect
def _close_old_connections(sender: Task, **kwargs: Any) -> None:
    """Let a task begin, as a request does, on a connection that is not known to be broken."""
    if not sender.request.is_eager:
        close_old_connections()


@worker_init.connect
def _freeze(**kwargs: Any) -> None:
    """Spare the garbage collector what stays for ever: it would look through it with every batch of documents."""
    gc.collect()
    gc.freeze()
