"""Events: typed, versioned facts. `apps.outbox` implements `publish` and runs what `on` registered.

A module declares its facts as classes in `events.py`, announces them with `publish()` inside the transaction of
the change, and other modules react by name with `@on`, importing nothing of the owner.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import Model

from rustok.kernel.modules import off_in, owner_of
from rustok.kernel.payloads import Currency, EventInvalid, Locale, Moment, fit, to_json
from rustok.kernel.tenancy import Tenant

__all__ = [
    "Currency",
    "DEFAULT_GROUP",
    "Envelope",
    "Event",
    "EventInvalid",
    "Handler",
    "Locale",
    "Moment",
    "OutsideTransaction",
    "Permanent",
    "RetryPolicy",
    "Undeclared",
    "UnknownVersion",
    "check_handlers",
    "encode",
    "event",
    "event_types",
    "groups",
    "handlers",
    "handlers_of",
    "install",
    "missing_upcasters",
    "newest_version",
    "on",
    "publish",
    "publish_many",
    "read_payload",
    "subscribe",
    "upcaster",
    "upcasters",
]


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

_EVENT_NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_HANDLER_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


def event(name: str, *, version: int) -> Callable[[E], E]:
    """Declare a class as one version of an event named `noun.past_verb`; versions count from 1.

    :raises ValueError: if the name is no such name, or another class has that version
    """
    if version < 1 or len(name) > 80 or not _EVENT_NAME.fullmatch(name):
        raise ValueError(f"{name!r} v{version}: an event is named noun.past_verb, and versions count from 1")

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


def newest_version(name: str) -> int:
    """Answer the newest version of an event that this code knows; 0 if it knows none."""
    return _latest.get(name, 0)


# --- versions ---------------------------------------------------------------------------------------------------


def upcaster(name: str, *, from_version: int) -> Callable[[Callable[..., dict[str, Any]]], Callable[..., Any]]:
    """Register how a payload of one version becomes one of the next."""

    def register(function: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[..., Any]:
        _upcasters[name, from_version] = function
        return function

    return register


def upcasters() -> set[tuple[str, int]]:
    """List the versions that something brings to the next."""
    return set(_upcasters)


def missing_upcasters() -> list[str]:
    """Name the steps up to the newest version of each event that nothing bridges."""
    return [
        f"{name} v{version}: no upcaster to v{version + 1}"
        for name, newest in sorted(_latest.items())
        for version in range(1, newest)
        if (name, version) not in _upcasters
    ]


class UnknownVersion(Exception):
    """This code cannot read the event, other code may: it is parked until that is deployed."""


def read_payload(name: str, version: int, payload: dict[str, Any]) -> dict[str, Any]:
    """Bring a stored payload to the newest version; the stored one is left as it is.

    :raises UnknownVersion: if this code does not know the event, or is older or newer than it can read
    :raises EventInvalid: if what the upcasters made of it is no such event
    """
    newest = newest_version(name)
    if newest == 0:
        raise UnknownVersion(f"{name} v{version}; this code knows no such event")
    if version > newest:
        raise UnknownVersion(f"{name} v{version}; this code knows up to v{newest}")
    return payload if version == newest else _upcast(name, version, newest, payload)


def _upcast(name: str, version: int, newest: int, payload: dict[str, Any]) -> dict[str, Any]:
    payload = deepcopy(payload)  # an upcaster may change what it is given
    for step in range(version, newest):
        function = _upcasters.get((name, step))
        if function is None:
            raise UnknownVersion(f"{name} v{version}; this code has no upcaster from v{step} to v{step + 1}")
        payload = function(payload)
    return fit(_types[name, newest], payload, f"{name} v{version} read as v{newest}")


def encode(fact: Event) -> bytes:
    """Turn an event into JSON, checking it against its own types.

    :raises EventInvalid: if a field breaks its type, its bound or its rule
    """
    return to_json(fact, f"{fact.name} v{fact.version}")


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
    """Store several events at once, in the given order.

    :raises OutsideTransaction: outside `transaction.atomic()`
    :raises EventInvalid: if an event breaks its schema, or its aggregate has no id
    """
    if not facts:
        return []
    if not connection.in_atomic_block:
        raise OutsideTransaction(f"publish({facts[0][0].name}) needs a transaction")
    for fact, aggregate in facts:
        _check_aggregate(fact, aggregate)
    return _publisher[0].publish(facts)


def _check_aggregate(fact: Event, aggregate: Model) -> None:
    key = aggregate.pk
    if not isinstance(key, UUID) or key.int == 0:
        kind = aggregate._meta.label_lower
        reason = "has no id (was it deleted before?)" if key is None else f"has an id that is no UUID, or nil: {key!r}"
        raise EventInvalid(f"{fact.name}: its aggregate {kind} {reason}", field="aggregate")


# --- handling ---------------------------------------------------------------------------------------------------


#: Consumers of handlers that name no other.
DEFAULT_GROUP = "default"


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
    group: str = DEFAULT_GROUP
    #: As what it acts on rows of people: why the platform does this at all. Without it the handler does not run.
    runs_as: str = ""
    #: Whether it also runs for tenants that do not use its module: it keeps what stays there consistent.
    even_off: bool = False

    @property
    def module(self) -> str:
        """The slug of the module that it belongs to."""
        return owner_of(self.function)

    def passes_by(self, tenant: Tenant) -> bool:
        """Tell whether it does nothing for a tenant, which does not use its module."""
        return not self.even_off and self.module in off_in(tenant)

    def reason(self) -> str:
        """Answer why it runs.

        :raises Undeclared: if it never said
        """
        if not self.runs_as:
            raise Undeclared(f"handler {self.name} does not say as what it runs: @on(..., runs_as='...')")
        return f"{self.name}: {self.runs_as}"


class Undeclared(RuntimeError):
    """A handler does not say as what it runs, and so does not run."""


_handlers: dict[str, Handler] = {}
_by_event: dict[str, list[Handler]] = {}
F = TypeVar("F", bound=Callable[..., None])


def on(
    *events: str,
    name: str | None = None,
    retry: RetryPolicy | None = None,
    batch: bool = False,
    group: str = DEFAULT_GROUP,
    runs_as: str = "",
    even_off: bool = False,
) -> Callable[[F], F]:
    """Register a handler for events by name.

    `runs_as` says why the platform does this with nobody asking, as in "keeps the index true"; a handler that does
    not say so does not run, and `manage.py audit_access` names it.

    A tenant that does not use the handler's module is passed by, unless it runs `even_off`.

    A batch handler takes a list of envelopes of one tenant, in order, and treats them in one transaction. The group
    is the set of consumers that run it when events travel by stream.

    :raises ValueError: if another function has that name
    """

    def register(function: F) -> F:
        handler_name = name or f"{function.__module__.split('.')[1]}.{function.__name__}"
        handler = _handlers.setdefault(handler_name, Handler(handler_name, function))
        if _place(handler.function) != _place(function):
            raise ValueError(f"two handlers are named {handler_name}: {_place(handler.function)}, {_place(function)}")
        handler.function, handler.retry = function, retry or RetryPolicy()
        handler.batch, handler.group, handler.runs_as, handler.even_off = batch, group, runs_as, even_off
        subscribe(handler_name, *events)
        return function

    return register


def _place(function: Callable[..., None]) -> str:
    return f"{function.__module__}.{function.__qualname__}"


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


def groups() -> list[str]:
    """List the consumer groups; the default one also takes what has no handler any more."""
    return sorted({DEFAULT_GROUP, *(handler.group for handler in _handlers.values())})


def handlers_of(event_name: str) -> list[Handler]:
    """List the handlers that hear of an event."""
    return _by_event.get(event_name, [])


def check_handlers() -> list[str]:
    """Name what is wrong with the handlers of this process, once every module is loaded."""
    return [problem for handler in _handlers.values() for problem in _problems_of(handler)]


def _problems_of(handler: Handler) -> list[str]:
    problems = [f"handler {handler.name}: {_unknown(name)}" for name in sorted(handler.events - _latest.keys())]
    if len(handler.name) > 100 or not _HANDLER_NAME.fullmatch(handler.name):
        problems.append(f"handler {handler.name!r}: a handler is named module.verb_noun, in 100 characters at most")
    return problems


def _unknown(name: str) -> str:
    close = get_close_matches(name, _latest, n=1)
    return f"no module announces {name!r}" + (f"; did you mean {close[0]}?" if close else "")
