"""What goes with a piece of work: trace, correlation, cause, actor and tenant; never global, always bound.

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

__all__ = ["Work", "bind", "current_work", "new_trace_id"]


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


def bind_actor(actor_id: UUID | None) -> None:
    """Note who acts, once authentication has told."""
    work = _current.get()
    if work is not None and work.actor_id != actor_id:
        _current.set(replace(work, actor_id=actor_id))
