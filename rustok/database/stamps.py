"""Telling the database who works: a stamp that goes along with a write, in the same message.

The triggers of the audit log read `rustok.work`. It is set for the running transaction only, so that no pooled
connection carries one request's actor into the next; and it is set by the message that writes, so that it costs no
round trip. Statements that only read carry nothing. A write outside of a transaction is one of its own together with
its stamp: PostgreSQL runs what one message brings as one transaction.
"""

from __future__ import annotations

from typing import Any, Self

from django.db.backends.postgresql.base import Cursor

from rustok.kernel.context import stamp, stamped_for

__all__ = ["StampedCursor", "Stamps"]

#: How a statement begins that may write rows; the ORM's all do.
_WRITES = frozenset(["INSERT", "UPDATE", "DELETE", "WITH", "MERGE", "CALL", "DO"])


class Stamps:
    """What one connection has told its server in the running transaction."""

    def __init__(self) -> None:
        self._told: str | None = None
        self._made_of: tuple[object, object] = (object(), object())
        self._text = ""

    def forget(self) -> None:
        """Note that the transaction is over, or was taken back to a savepoint."""
        self._told = None

    def due(self, *, autocommit: bool) -> str | None:
        """Write the statement that tells who works; None if the running transaction knows."""
        made_of = stamped_for()
        if made_of[0] is not self._made_of[0] or made_of[1] is not self._made_of[1]:
            self._made_of, self._text = made_of, stamp().replace("'", "''")
        if autocommit:
            return f"SET LOCAL rustok.work = '{self._text}';"
        if self._text == self._told:
            return None
        self._told = self._text
        return f"SET LOCAL rustok.work = '{self._text}';"


class StampedCursor(Cursor):
    """A cursor whose writes say who works."""

    #: The wrapper that made it; None for cursors that others open on the connection.
    wrapper: Any = None

    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> Self:
        """Run a statement; a write brings its stamp along, whose answer is skipped."""
        told = self._due(query)
        if told is None:
            return super().execute(query, params, **kwargs)  # type: ignore[misc,no-any-return]
        super().execute((told if params is None else told.replace("%", "%%")) + query, params, **kwargs)  # type: ignore[misc]
        self.nextset()  # type: ignore[attr-defined]
        return self

    def executemany(self, query: Any, params_seq: Any, **kwargs: Any) -> None:
        """Run a write for many sets of values, after its stamp; outside of a transaction one by one."""
        if self.wrapper is not None and self.wrapper.autocommit and _writes(query):
            for params in params_seq:
                self.execute(query, params)
            return
        told = self._due(query)
        if told is not None:
            super().execute(told)  # type: ignore[misc]
        super().executemany(query, params_seq, **kwargs)  # type: ignore[misc]

    def _due(self, query: Any) -> str | None:
        if self.wrapper is None or not _writes(query):
            return None
        told: str | None = self.wrapper.stamps.due(autocommit=self.wrapper.autocommit)
        return told


def _writes(query: Any) -> bool:
    if not isinstance(query, str):
        return False
    first = query.lstrip()[:7].split(None, 1)
    return bool(first) and first[0].upper() in _WRITES
