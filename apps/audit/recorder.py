"""Writing down what leaves no row: once no transaction is open, so that a refusal that rolls back leaves its entry.

Whoever fails to log in a thousand times a minute fills no disk: of one kind from one origin so many entries a minute
are written, then one whenever the number has doubled, and one that says how many more there were.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import Model
from django.utils import timezone

from apps.audit.models import AuditEntry
from rustok.kernel import audit
from rustok.kernel.access import Actor
from rustok.kernel.context import current_work, stamp
from rustok.kernel.ids import parse_id
from rustok.kernel.tenancy import PUBLIC, current_schema, current_tenant, use_tenant

__all__ = ["LogRecorder", "keep_now", "keep_refusal", "write_what_waits"]

logger = logging.getLogger(__name__)

#: Entries of one kind that one origin, and all origins of one tenant together, leave in one minute, per process.
PER_ORIGIN, PER_TENANT = 20, 300
#: Origins that are remembered.
MAX_ORIGINS = 2_000
#: Characters of a value, and values.
LONGEST, MOST = 500, 30


class LogRecorder:
    """Implements `rustok.kernel.audit.Recorder`."""

    def __init__(self) -> None:
        self.flood = Flood()

    def record(self, action: str, actor: Actor, obj: Model | None, label: str, data: Mapping[str, Any]) -> None:
        """Write one entry into the current tenant's log, as soon as no transaction is open."""
        if current_schema() == PUBLIC:
            return
        entry = _entry(action, actor, obj, label, data)
        more = self.flood.admit(current_schema(), action, entry.address or str(entry.actor_id or ""))
        if more is None:
            return
        if more:
            entry.after = {**(entry.after or {}), "more": more}
        tenant = current_tenant()
        connection.when_free(lambda: _write(tenant, entry))  # type: ignore[attr-defined]


def keep_now(
    action: str, actor: Actor | None, data: Mapping[str, Any], *, kind: str = "", key: str = "", label: str = ""
) -> None:
    """Write an entry inside the running transaction; without an actor, by whoever works."""
    entry = _entry(action, actor or Actor.system(""), None, label, data)
    if actor is None:
        said: dict[str, str] = json.loads(stamp())
        entry.actor_kind, entry.actor_label = said.get("kind", "system"), said.get("label", "")
        entry.actor_id = parse_id(said.get("actor", ""))
    entry.object_type, entry.object_id = kind, key
    entry.save(force_insert=True)


def keep_refusal(actor: Actor, permission: str, obj: Model | None) -> None:
    """Keep that somebody who is logged in was refused a change; who only looks around leaves no entry."""
    if actor.kind == "user" and current_work().is_write and permission.partition(".")[2] not in ("read", "list"):
        audit.record("permission.refused", actor=actor, obj=obj, permission=permission)


def write_what_waits() -> None:
    """Write what could not be written while a transaction was open."""
    connection.run_when_free()  # type: ignore[attr-defined]


def _write(tenant: Any, entry: AuditEntry) -> None:
    try:
        with use_tenant(tenant), transaction.atomic():
            entry.save(force_insert=True)
    except DatabaseError:
        logger.exception("the audit log could not be written: %s", entry.action)


def _entry(action: str, actor: Actor, obj: Model | None, label: str, data: Mapping[str, Any]) -> AuditEntry:
    said: dict[str, str] = json.loads(stamp())
    return AuditEntry(
        at=timezone.now(), action=action[:64], permission=said.get("permission", ""), actor_id=actor.id,
        actor_kind=actor.kind, actor_label=(actor.email or actor.label)[:254], key_id=said.get("key"),
        address=said.get("address", ""), via=said.get("via", ""), trace_id=said.get("trace", ""),
        correlation_id=said.get("correlation"), object_type=obj._meta.label_lower if obj is not None else "",
        object_id=str(obj.pk)[:64] if obj is not None else "",
        object_label=(label or (str(obj) if obj is not None else ""))[:200],
        after={name: _plain(value) for name, value in list(data.items())[:MOST]} or None,
    )  # fmt: skip


def _plain(value: Any) -> Any:
    """Write a value so that JSON has it, and no longer than anybody reads."""
    if value is None or isinstance(value, bool | int):
        return value
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple | set) else str(value)
    return text.replace("\0", "")[:LONGEST]


# --- floods ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Count:
    minute: int
    limit: int
    seen: int = 0
    untold: int = 0

    def one_more(self, minute: int) -> int | None:
        """Count; answer how many were left out before this one, or None to leave it out too."""
        if minute != self.minute:
            self.minute, self.seen = minute, 0
        self.seen += 1
        if self.seen > self.limit and not _is_double(self.seen, self.limit):
            self.untold += 1
            return None
        told, self.untold = self.untold, 0
        return told


def _is_double(seen: int, limit: int) -> bool:
    times, rest = divmod(seen, limit)
    return rest == 0 and times & (times - 1) == 0


class Flood:
    """Counts entries by kind and origin; in this process, so that nothing is asked over the network."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, ...], _Count] = {}

    def admit(self, schema: str, action: str, address: str) -> int | None:
        """Answer how many entries were left out since the last one of its kind; None if this one is, too."""
        minute = int(time.time() // 60)
        with self._lock:
            if len(self._counts) >= MAX_ORIGINS:
                self._counts = {key: one for key, one in self._counts.items() if one.minute == minute}
            origin = _network(address) if len(self._counts) < MAX_ORIGINS else "*"
            of_origin = self._count((schema, action, origin), PER_ORIGIN, minute).one_more(minute)
            if of_origin is None:
                return None
            # per kind: whoever floods the log with failed logins hides no export in it
            of_all = self._count((schema, action), PER_TENANT, minute).one_more(minute)
            return None if of_all is None else of_origin + of_all

    def _count(self, key: tuple[str, ...], limit: int, minute: int) -> _Count:
        return self._counts.setdefault(key, _Count(minute, limit))


def _network(address: str) -> str:
    """Answer who an address belongs to: of IPv6 everybody has a whole network."""
    return ":".join(address.split(":")[:4]) if ":" in address else address
