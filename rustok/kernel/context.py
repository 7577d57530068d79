"""What goes with a piece of work: trace, correlation, cause, actor, where from and why; never global, always bound.

A request, a command and an event delivery each bind one `Work`; `publish()` copies it into the envelope, so that a
chain of events can be followed from the click that began it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from uuid import UUID

from rustok.kernel.ids import new_id

__all__ = ["Work", "because", "bind", "bind_actor", "current_work", "new_trace_id"]


def new_trace_id() -> str:
    """Make a trace id of 16 random bytes in hex (W3C Trace Context)."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Work:
    """The identifiers of one piece of work."""

    trace_id: str
    correlation_id: UUID
    causation_id: UUID | None = None
    actor_id: UUID | None = None
    #: Where the request came from, and with which API key.
    address: str = ""
    key_id: UUID | None = None
    #: Why protected rows may be read with nobody asking, as "manage.py index rebuild"; empty: they may not.
    reason: str = ""


_current: ContextVar[Work | None] = ContextVar("rustok_work", default=None)


def current_work() -> Work:
    """Answer the bound work; outside of any, a fresh one."""
    return _current.get() or Work(trace_id=new_trace_id(), correlation_id=new_id())


@contextmanager
def bind(work: Work) -> Iterator[Work]:
    """Make `work` the current one inside the block."""
    token = _current.set(work)
    try:
        yield work
    finally:
        _current.reset(token)


@contextmanager
def because(reason: str) -> Iterator[Work]:
    """State why the platform itself works inside the block, with nobody asking."""
    with bind(replace(current_work(), reason=reason)) as work:
        yield work


def bind_actor(actor_id: UUID | None, key_id: UUID | None = None) -> None:
    """Note who acts, and with which API key, once authentication has told."""
    work = _current.get()
    if work is not None and (work.actor_id, work.key_id) != (actor_id, key_id):
        _current.set(replace(work, actor_id=actor_id, key_id=key_id))
