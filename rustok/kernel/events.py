"""Events: typed, versioned facts. `apps.outbox` implements `publish` and runs what `on` registered.

A module declares its facts as classes in `events.py`, announces them with `publish()` inside the transaction of
the change, and other modules react by name with `@on`, importing nothing of the owner.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar, cast
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import Model

from rustok.kernel.errors import Invalid

__all__ = [
    "Envelope",
    "Event",
    "EventInvalid",
    "Handler",
    "Permanent",
    "RetryPolicy",
    "event",
    "event_types",
    "handlers",
    "handlers_of",
    "install",
    "missing_upcasters",
    "on",
    "publish",
    "publish_many",
    "read_payload",
    "upcaster",
]


class EventInvalid(Invalid):
    """The event does not match its schema."""

    code = "event_invalid"


class Permanent(Exception):
    """Raised by a handler when trying again cannot help; the delivery goes to the dead letters at once."""


if TYPE_CHECKING:  # mypy wants `frozen` said again by each subclass; msgspec inherits it

    class _Struct(msgspec.Struct, kw_only=True):
        """What mypy sees."""
else:

    class _Struct(msgspec.Struct, frozen=True, kw_only=True):
        """What runs: immutable."""


class Event(_Struct):
    """A fact that happened; subclasses are decorated with `@event`."""

    name: ClassVar[str]
    version: ClassVar[int]


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event on its way: the payload, and where it comes from."""

    id: UUID
    event_type: str
    schema_version: int
    tenant_id: UUID
    aggregate_type: str
    aggregate_id: UUID
    aggregate_version: int
    correlation_id: UUID
    causation_id: UUID | None
    trace_id: str
    actor_id: UUID | None
    timestamp: datetime
    retry_count: int
    payload: dict[str, Any]


E = TypeVar("E", bound=type[Event])
_types: dict[tuple[str, int], type[Event]] = {}
_latest: dict[str, int] = {}
_upcasters: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}


def event(name: str, *, version: int) -> Callable[[E], E]:
    """Declare a class as one version of an event named `noun.past_verb`."""

    def declare(cls: E) -> E:
        if (name, version) in _types and _types[name, version].__qualname__ != cls.__qualname__:
            raise ValueError(f"{name} v{version} is declared twice")
        cls.name, cls.version = name, version
        _types[name, version] = cls
        _latest[name] = max(version, _latest.get(name, 0))
        return cls

    return declare


def event_types() -> dict[tuple[str, int], type[Event]]:
    """List every declared event by name and version."""
    return dict(_types)


def upcaster(name: str, *, from_version: int) -> Callable[[Callable[..., dict[str, Any]]], Callable[..., Any]]:
    """Register how a payload of one version becomes one of the next."""

    def register(function: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[..., Any]:
        _upcasters[name, from_version] = function
        return function

    return register


def missing_upcasters() -> list[str]:
    """Name the steps between two declared versions that nothing bridges."""
    steps = sorted((name, version) for name, version in _types if version < _latest[name])
    return [
        f"{name} v{version}: no upcaster to v{version + 1}"
        for name, version in steps
        if (name, version) not in _upcasters
    ]


class UnknownVersion(Exception):
    """The event is of a newer version than this code knows; it waits until the code is deployed."""


def read_payload(name: str, version: int, payload: dict[str, Any]) -> dict[str, Any]:
    """Bring a stored payload to the newest version.

    :raises UnknownVersion: if it is newer than this code
    """
    newest = _latest.get(name, 0)
    if version > newest:
        raise UnknownVersion(f"{name} v{version}; this code knows up to v{newest}")
    while version < newest:
        payload = _upcasters[name, version](payload)
        version += 1
    return payload


def encode(fact: Event) -> dict[str, Any]:
    """Turn an event into plain JSON values, checking it against its own types.

    :raises EventInvalid: if a field breaks its type or bound
    """
    plain = msgspec.to_builtins(fact)
    try:
        msgspec.convert(plain, type(fact), strict=False)
    except msgspec.ValidationError as error:
        raise EventInvalid(f"{fact.name}: {error}") from error
    return cast(dict[str, Any], plain)


# --- publishing -------------------------------------------------------------------------------------------------


class Publisher(Protocol):
    """What `apps.outbox` provides."""

    def publish(self, facts: Sequence[tuple[Event, Model]]) -> list[UUID]:
        """Store events in the running transaction."""


_publisher: list[Publisher] = []


def install(publisher: Publisher) -> None:
    """Set the one implementation."""
    _publisher[:] = [publisher]


class OutsideTransaction(RuntimeError):
    """An event was published outside `transaction.atomic()`: it could exist without its change."""


def publish(fact: Event, *, aggregate: Model) -> UUID:
    """Store an event in the running transaction; it is delivered if and only if that commits.

    :raises OutsideTransaction: outside `transaction.atomic()`
    :raises EventInvalid: if the event breaks its schema
    """
    return publish_many([(fact, aggregate)])[0]


def publish_many(facts: Sequence[tuple[Event, Model]]) -> list[UUID]:
    """Store several events at once, in the given order."""
    if not connection.in_atomic_block:
        raise OutsideTransaction(f"publish({facts[0][0].name}) needs a transaction")
    return _publisher[0].publish(facts)


# --- handling ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how soon a failed delivery is tried again, in seconds."""

    max_attempts: int = 8
    base: float = 1.0
    ceiling: float = 900.0

    def delay(self, attempts: int) -> float:
        """Answer the pause after the n-th failure: exponential with full jitter (Brooker 2015), at least half."""
        top = min(self.ceiling, self.base * 2 ** (attempts - 1))
        return top / 2 + random.random() * top / 2


Function = Callable[[Envelope], None]
BatchFunction = Callable[[Sequence[Envelope]], None]


@dataclass(slots=True)
class Handler:
    """A reaction: its name is stored with every delivery, so it outlives renames of the function."""

    name: str
    function: Callable[..., None]
    events: set[str] = field(default_factory=set)
    retry: RetryPolicy = RetryPolicy()
    batch: bool = False
    group: str = "default"


_handlers: dict[str, Handler] = {}
_by_event: dict[str, list[Handler]] = {}
F = TypeVar("F", bound=Callable[..., None])


def on(
    *events: str,
    name: str | None = None,
    retry: RetryPolicy | None = None,
    batch: bool = False,
    group: str = "default",
) -> Callable[[F], F]:
    """Register a handler for events by name.

    A batch handler takes a list of envelopes of one tenant, in order, and treats them in one transaction. The group
    is the set of consumers that run it when events travel by stream.
    """

    def register(function: F) -> F:
        handler_name = name or f"{function.__module__.split('.')[1]}.{function.__name__}"
        handler = _handlers.setdefault(handler_name, Handler(handler_name, function))
        handler.function, handler.retry = function, retry or RetryPolicy()
        handler.batch, handler.group = batch, group
        subscribe(handler_name, *events)
        return function

    return register


def subscribe(handler_name: str, *events: str) -> None:
    """Let an existing handler hear of more events."""
    handler = _handlers[handler_name]
    for event_name in events:
        handler.events.add(event_name)
        listeners = _by_event.setdefault(event_name, [])
        if handler not in listeners:
            listeners.append(handler)


def handlers() -> dict[str, Handler]:
    """List every handler by name."""
    return dict(_handlers)


def handlers_of(event_name: str) -> list[Handler]:
    """List the handlers that hear of an event."""
    return _by_event.get(event_name, [])
