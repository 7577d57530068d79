"""What goes with a piece of work: trace, correlation, cause, actor, where from and why; never global, always bound.

A request, a command and an event delivery each bind one `Work`; `publish()` copies it into the envelope, so that a
chain of events can be followed from the click that began it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from uuid import UUID

from rustok.kernel.ids import new_id

__all__ = [
    "Authority", "Work", "because", "bind", "bind_actor", "current_authority", "current_work", "forget_authority",
    "new_trace_id", "note_authority", "on_end", "stamp", "stamped_for", "stated_reason",
]  # fmt: skip


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
    #: The actor's e-mail address; by which edge it came: rest, graphql, admin, storefront, task or command.
    actor_label: str = ""
    via: str = ""
    #: Whether it is a request that may change something.
    is_write: bool = False
    #: Why protected rows may be read with nobody asking, as "manage.py index rebuild"; empty: they may not.
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Authority:
    """On whose behalf the last permission was given, and which."""

    kind: str
    actor_id: UUID | None
    label: str
    permission: str


_current: ContextVar[Work | None] = ContextVar("rustok_work", default=None)
_authority: ContextVar[Authority | None] = ContextVar("rustok_authority", default=None)
_at_end: list[Callable[[], None]] = []


def current_work() -> Work:
    """Answer the bound work; outside of any, a fresh one."""
    return _current.get() or Work(trace_id=new_trace_id(), correlation_id=new_id())


@contextmanager
def bind(work: Work) -> Iterator[Work]:
    """Make `work` the current one inside the block."""
    token, before = _current.set(work), _authority.set(None)
    try:
        yield work
    finally:
        _authority.reset(before)
        _current.reset(token)
        for call in _at_end:
            call()


def on_end(call: Callable[[], None]) -> None:
    """Have something called whenever a piece of work has ended."""
    if call not in _at_end:
        _at_end.append(call)


@contextmanager
def because(reason: str) -> Iterator[Work]:
    """State why the platform itself works inside the block, with nobody asking."""
    with bind(replace(current_work(), reason=reason)) as work:
        yield work


def stated_reason() -> str:
    """Answer why the platform itself works; empty if it does not say, as in a request."""
    work = _current.get()
    return work.reason if work is not None else ""


def bind_actor(actor_id: UUID | None, key_id: UUID | None = None, label: str = "") -> None:
    """Note who acts, and with which API key, once authentication has told."""
    work = _current.get()
    if work is not None and (work.actor_id, work.key_id, work.actor_label) != (actor_id, key_id, label):
        _current.set(replace(work, actor_id=actor_id, key_id=key_id, actor_label=label))


# --- what the database is told --------------------------------------------------------------------------------------


def note_authority(authority: Authority) -> None:
    """Note that a permission was given, until the work ends."""
    _authority.set(authority)


def current_authority() -> Authority | None:
    """Answer what permission was given last in this piece of work."""
    return _authority.get()


def forget_authority() -> None:
    """Forget, outside of any work, what permission was given: what comes next has nothing to do with it."""
    if _current.get() is None:
        _authority.set(None)


def stamped_for() -> tuple[Work | None, Authority | None]:
    """Answer what a stamp is made of; the same objects make the same stamp."""
    return _current.get(), _authority.get()


def stamp() -> str:
    """Say as JSON who works here, from where, how and why: what the audit log's triggers write beside a change."""
    work, authority = _current.get(), _authority.get()
    kind, actor_id, label = _who(work, authority)
    said = {
        "kind": kind,
        "actor": str(actor_id) if actor_id else None,
        "label": label[:200],
        "permission": authority.permission if authority else None,
    }
    if work is not None:
        said |= {
            "key": str(work.key_id) if work.key_id else None,
            "address": work.address[:45],
            "trace": work.trace_id,
            "correlation": str(work.correlation_id),
            "via": work.via or _way(work.reason),
        }
    return json.dumps({name: value for name, value in said.items() if value}, separators=(",", ":"))


def _way(reason: str) -> str:
    """Answer how work came that came by no edge: by a command, or in the background."""
    return "command" if reason.startswith("manage.py") else "task" if reason else ""


def _who(work: Work | None, authority: Authority | None) -> tuple[str, UUID | None, str]:
    """Name who acts: who asked; else for whom permission was given; else nobody, or the platform with its reason."""
    if work is not None and work.actor_id:
        return "user", work.actor_id, work.actor_label
    if authority is not None and authority.kind != "anonymous":
        return authority.kind, authority.actor_id, authority.label
    if work is not None and work.address:
        return "anonymous", None, ""
    return "system", None, work.reason if work is not None else ""
