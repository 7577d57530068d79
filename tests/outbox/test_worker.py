"""The worker around the tasks."""

from types import SimpleNamespace

import pytest
from celery.fixups.django import DjangoWorkerFixup
from celery.signals import task_postrun, task_prerun
from django.db import connection

from rustok.celery import app


class Task:
    request = SimpleNamespace(is_eager=False)


TASK = Task()


@pytest.fixture(autouse=True)
def _lasting_connections(committed_db, monkeypatch):
    """Keep connections as long as in production; those of other tests end at once."""
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 60)
    connection.close()


def end_and_begin_a_task():
    fixup = DjangoWorkerFixup(app)
    for signal, of_celery in ((task_postrun, fixup.on_task_postrun), (task_prerun, fixup.on_task_prerun)):
        signal.send(sender=TASK)
        of_celery(sender=TASK)


def backend():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def test_a_worker_keeps_its_connection_from_task_to_task(committed_db, django_db_blocker):
    with django_db_blocker.unblock():
        before = backend()
        end_and_begin_a_task()
        assert backend() == before


def test_a_connection_that_broke_is_not_given_to_the_next_task(committed_db, django_db_blocker):
    with django_db_blocker.unblock():
        before = backend()
        with connection.copy().cursor() as other:
            other.execute("SELECT pg_terminate_backend(%s)", [before])
            other.db.close()
        end_and_begin_a_task()
        assert backend() != before
