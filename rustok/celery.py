"""The Celery application: late acknowledgement, JSON only, no results, no ETA (see docs/adr)."""

import gc
import os
from typing import Any

from celery import Celery, Task
from celery.signals import task_postrun, task_prerun, worker_init
from django.db import close_old_connections

from rustok.kernel.context import because
from rustok.kernel.tenancy import PUBLIC, NoTenant, current_schema, current_tenant, use_tenant

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rustok.settings")

__all__ = ["DeclaredTask", "UndeclaredTask", "app"]

#: The header of a message that says in which tenant the task is to run.
TENANT = "rustok_tenant"


class UndeclaredTask(RuntimeError):
    """A task does not say as what it runs, and so does not run."""


class DeclaredTask(Task):  # type: ignore[misc]
    """A task that says why the platform does it, and in which tenant; without the one or the other it does not run.

    `@task(name=..., runs_as="sends a letter")` runs in the tenant that it was sent from; with `everywhere=True`
    it goes through the tenants itself.
    """

    abstract = True
    #: Why the platform does this with nobody asking.
    runs_as: str = ""
    #: It goes through the tenants itself, so that its message names none.
    everywhere: bool = False

    def apply_async(self, *args: Any, headers: dict[str, Any] | None = None, **options: Any) -> Any:
        """Send the task, with the tenant that it is sent from.

        :raises NoTenant: if it needs one and there is none
        """
        named = {} if self.everywhere else {TENANT: current_tenant().slug}
        return super().apply_async(*args, headers={**(headers or {}), **named}, **options)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run, for the declared reason and in the tenant of the message.

        :raises UndeclaredTask: if the task declares no reason
        :raises NoTenant: if it needs a tenant and its message names none that there is
        """
        if not self.runs_as:
            raise UndeclaredTask(f"task {self.name} does not say as what it runs: @task(runs_as='...')")
        with because(f"{self.name}: {self.runs_as}"), use_tenant(self._tenant()):
            return super().__call__(*args, **kwargs)

    def _tenant(self) -> Any:
        """Answer the tenant to run in; None for none."""
        from apps.tenant.public import find

        here = current_schema()
        if self.everywhere or (self.request.called_directly and here != PUBLIC):
            return None if here == PUBLIC else current_tenant()
        slug = (self.request.headers or {}).get(TENANT) or self.request.get(TENANT)
        tenant = find(slug) if slug else None
        if tenant is None:
            raise NoTenant(f"task {self.name} was sent without a tenant that there is: {slug!r}")
        return tenant


app = Celery("rustok", task_cls=DeclaredTask)
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
