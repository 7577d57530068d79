"""A connection that serves request after request: whose schema it is in, and whether it still stands."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from apps.tenant.public import find

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(acme) -> Iterator[Any]:
    """A connection of a web process: kept open, outside of the test's transaction."""
    other = connection.copy()
    other.settings_dict["CONN_HEALTH_CHECKS"] = True
    other.settings_dict["CONN_MAX_AGE"] = 600
    other.set_tenant(acme)
    yield other
    other.close()


def ask(database: Any, sql: str) -> Any:
    with database.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def test_the_same_tenant_again_is_not_set_again(other, acme):
    ask(other, "SELECT 1")
    other.set_schema_to_public()
    other.set_tenant(acme)
    with CaptureQueriesContext(other) as queries:
        assert ask(other, "SHOW search_path") == "acme, public"
    assert len(queries) == 1


def test_another_tenant_is_set(other):
    ask(other, "SELECT 1")
    other.set_tenant(find("globex"))
    assert ask(other, "SHOW search_path") == "globex, public"
    other.set_schema_to_public()
    assert ask(other, "SHOW search_path") == "public"


def test_a_rollback_does_not_leave_the_tenant_before(other):
    ask(other, "SELECT 1")
    other.set_tenant(find("globex"))
    other.set_autocommit(False)
    assert ask(other, "SHOW search_path") == "globex, public"
    other.rollback()
    assert ask(other, "SHOW search_path") == "globex, public"


def test_the_commit_of_a_failed_transaction_does_not_leave_the_tenant_before(other):
    """PostgreSQL answers such a COMMIT with a rollback, which takes the SET back without a word."""
    ask(other, "SELECT 1")
    other.set_tenant(find("globex"))
    other.set_autocommit(False)
    ask(other, "SELECT 1")
    with contextlib.suppress(ProgrammingError, TransactionManagementError):
        ask(other, "SELECT nonsense")
    other.commit()
    assert ask(other, "SHOW search_path") == "globex, public"


def test_a_silent_connection_is_not_asked_whether_it_stands(other):
    for _ in range(2):  # the first time it is asked
        pid, marker = ask(other, "SELECT pg_backend_pid()"), ask(other, "SELECT 42")
        other.close_if_unusable_or_obsolete()
        other.close_if_health_check_failed()
    assert (marker, ask(connection, f"SELECT query FROM pg_stat_activity WHERE pid = {pid}")) == (42, "SELECT 42")


def test_a_session_that_the_server_ended_is_replaced_before_the_next_request(other):
    for _ in range(2):
        pid = ask(other, "SELECT pg_backend_pid()")
        other.close_if_unusable_or_obsolete()
        other.close_if_health_check_failed()
        other.close_if_unusable_or_obsolete()
    with transaction.atomic():
        assert ask(connection, f"SELECT pg_terminate_backend({pid}, 5000)")
    assert ask(other, "SELECT pg_backend_pid()") != pid
    assert ask(other, "SHOW search_path") == "acme, public"
