"""django-tenants' backend, except that a query never runs in a schema that could not be set.

Upstream swallows any database error of `SET search_path` and lets the query run in whatever schema the connection
had before: under cancelled statements that served other tenants' rows. Here the error is only swallowed when the
transaction is already aborted, because then nothing but a rollback can run.

A connection that serves one tenant after the other is asked nothing that it has told already: its schema is set again
only when it is another one, and whether the server is still there is seen at the socket.

What is written says who works: see stamps.py.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from typing import Any

from django.db.utils import DatabaseError
from django_tenants.postgresql_backend import base as upstream
from django_tenants.utils import quote_schema_name
from psycopg.pq import TransactionStatus

from rustok.database.stamps import StampedCursor, Stamps
from rustok.kernel.context import forget_authority


class SearchPathNotSet(DatabaseError):
    """The connection could not be put into the tenant's schema; the query did not run."""


#: Seconds for which a connection is taken for alive as long as its server is silent; then it is asked.
TRUSTED = 30.0


class DatabaseWrapper(upstream.DatabaseWrapper):
    """One connection, one tenant at a time."""

    schema_name: str | None
    include_public_schema: bool
    #: What the session's search_path is; None when nobody knows, as after a rollback, which takes a SET back.
    search_path_set_schemas: list[str] | None
    _setting_search_path: bool
    #: Schema and `include_public_schema` that `search_path_set_schemas` was made of.
    _set_for: tuple[str | None, bool] | None = None
    health_check_done: bool
    #: The writes of the open transaction that its end has to wait for: `rustok.kernel.writes`.
    watched_writes: Any = None
    _asked_at = float("-inf")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.stamps = Stamps()
        self._when_free: list[Callable[[], None]] = []
        super().__init__(*args, **kwargs)

    # --- who works

    def get_connection_params(self) -> dict[str, Any]:
        """Connect with cursors that say who writes."""
        params: dict[str, Any] = super().get_connection_params()
        return params | {"cursor_factory": StampedCursor}

    def create_cursor(self, name: str | None = None) -> Any:
        """Open a cursor that knows its connection."""
        cursor = super().create_cursor(name)
        if isinstance(cursor, StampedCursor):
            cursor.wrapper = self
        return cursor

    def savepoint_commit(self, sid: str) -> None:
        """End a savepoint, unless what was written in it is not the writer's own."""
        try:
            self._look(last=not self.is_in_transaction)
        except Exception:
            self.savepoint_rollback(sid)
            raise
        super().savepoint_commit(sid)

    @property
    def is_in_transaction(self) -> bool:
        """Tell whether a transaction is open; the one that a test is wrapped in is none."""
        return any(not getattr(block, "_from_testcase", False) for block in self.atomic_blocks)

    def _look(self, *, last: bool) -> None:
        """Have the writes looked at by whoever watches them (`rustok.kernel.writes`)."""
        if self.watched_writes is not None:
            self.watched_writes.check(last=last)
        if last:
            self.watched_writes = None

    def savepoint_rollback(self, sid: str) -> None:
        """Go back to a savepoint, and with it to what was told before."""
        if not self.is_in_transaction:
            self.watched_writes = None
        self.stamps.forget()
        super().savepoint_rollback(sid)

    def rollback(self) -> None:
        """Take the transaction back, and what was told in it."""
        self._end_transaction()
        super().rollback()

    def _end_transaction(self) -> None:
        self.watched_writes = None
        self.stamps.forget()
        forget_authority()

    # --- what is written whatever becomes of the transaction

    def when_free(self, call: Callable[[], None]) -> None:
        """Have something called once no transaction is open, committed or not; at once if none is.

        The transaction that a test is wrapped in is none.
        """
        self._when_free.append(call)
        self.run_when_free()

    def run_when_free(self) -> None:
        """Call what waits, if no transaction is open."""
        if self.is_in_transaction:
            return
        while self._when_free and not self.needs_rollback:
            self._when_free.pop(0)()

    def set_autocommit(self, autocommit: bool, *args: Any, **kwargs: Any) -> None:
        """Begin a transaction, or come out of one."""
        super().set_autocommit(autocommit, *args, **kwargs)
        if autocommit:
            self.run_when_free()

    # --- which schema

    def set_tenant(self, tenant: Any, include_public: bool = True) -> None:
        """Choose the schema for the next queries; content types are shared, so their cache stays warm."""
        self.tenant = tenant
        self.schema_name = tenant.schema_name
        self.include_public_schema = include_public
        self.set_settings_schema(self.schema_name)

    def set_schema_to_public(self) -> None:
        """Leave the tenant."""
        self.set_tenant(upstream.FakeTenant(schema_name="public"))

    def connect(self) -> None:
        """Open a connection; nothing is set on it yet."""
        self.stamps.forget()
        self.search_path_set_schemas = None
        super().connect()

    def commit(self) -> None:
        """End the transaction; the COMMIT of one that failed is a rollback, and takes a SET back too."""
        if self.connection is not None and self.connection.info.transaction_status != TransactionStatus.INTRANS:
            self.search_path_set_schemas = None
        try:
            self._look(last=True)
        except Exception:
            self.rollback()
            raise
        self._end_transaction()
        super().commit()

    def close_if_health_check_failed(self) -> None:
        """See before a request's first query whether the connection still stands, without a round trip if possible.

        A server that stops, and one that ends the session, closes the socket, which makes it readable. What is lost
        without a word, as behind a firewall, is found by asking when the last answer is older than `TRUSTED`.
        """
        if self.connection is None or not self.health_check_enabled or self.health_check_done:
            return
        if time.monotonic() - self._asked_at < TRUSTED and self._is_silent():
            self.health_check_done = True
            return
        super().close_if_health_check_failed()
        self._asked_at = time.monotonic()

    def _is_silent(self) -> bool:
        """Tell whether the server has sent nothing since its last answer."""
        try:
            poll = select.poll()
            poll.register(self.connection.fileno(), select.POLLIN)
            return not poll.poll(0)
        except Exception:  # closed on our side
            return False

    def _handle_search_path(self, cursor: Any = None) -> None:
        if self._setting_search_path:
            return
        if not self.schema_name:
            raise SearchPathNotSet("no schema was chosen for this connection")
        wanted = (self.schema_name, self.include_public_schema)
        if self.search_path_set_schemas and wanted == self._set_for:
            return
        paths = self._get_cursor_search_paths()
        statement = "SET search_path = {}".format(",".join(quote_schema_name(path) for path in paths))
        self._setting_search_path = True
        own = cursor is None
        path_cursor = self.connection.cursor() if own else cursor
        try:
            path_cursor.execute(statement)
            self.search_path_set_schemas, self._set_for = paths, wanted
        except Exception as error:
            self.search_path_set_schemas = None
            if self.connection.info.transaction_status != TransactionStatus.INERROR:
                raise SearchPathNotSet(f"could not enter schema {self.schema_name!r}") from error
        finally:
            self._setting_search_path = False
            if own:
                path_cursor.close()
