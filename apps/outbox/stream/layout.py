"""The stream and its consumers as this code needs them, and how what exists differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.outbox.stream.connection import Connection, Refused
from apps.outbox.stream.messages import StreamDrift

__all__ = ["MAX_DELIVER", "Layout"]

#: Times that a message is handed out before it is given up.
MAX_DELIVER = 5
#: Settings that a consumer is born with; to change one it is made anew.
INBORN = {"ack_policy", "deliver_policy", "replay_policy"}
SECOND = 1_000_000_000
Config = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Layout:
    """Names and limits of a stream; one consumer per group and partition."""

    name: str
    groups: Sequence[str]
    partitions: int
    replicas: int = 1
    max_age_days: int = 14
    max_bytes: int = -1
    ack_wait: float = 30.0

    @property
    def prefix(self) -> str:
        """First word of every subject."""
        return self.name.lower()

    @property
    def events(self) -> str:
        """Subjects of all events."""
        return f"{self.prefix}.events.>"

    @property
    def mark(self) -> str:
        """Subject of the marks that a rebuild leaves."""
        return f"{self.prefix}.rebuilt"

    def subject(self, partition: int, event_type: str) -> str:
        """Return the subject of an event."""
        return f"{self.prefix}.events.{partition}.{event_type}"

    def stream(self) -> Config:
        """Return what the stream must be."""
        return {
            "name": self.name,
            "subjects": [self.events, self.mark],
            "retention": "limits",
            "storage": "file",
            "discard": "old",
            "max_age": self.max_age_days * 86_400 * SECOND,
            "max_bytes": self.max_bytes,
            "max_msgs": -1,
            "max_msgs_per_subject": -1,
            "max_consumers": -1,
            "duplicate_window": 120 * SECOND,
            "num_replicas": self.replicas,
        }

    def consumers(self) -> dict[str, Config]:
        """Return what each consumer must be; a new one starts with what comes, since the relay sends it again."""
        return {
            f"{group}-{partition}": self._consumer(f"{group}-{partition}", partition)
            for group in self.groups
            for partition in range(self.partitions)
        }

    def _consumer(self, name: str, partition: int) -> Config:
        return {
            "name": name,
            "durable_name": name,
            "filter_subject": f"{self.prefix}.events.{partition}.>",
            "deliver_policy": "new",
            "replay_policy": "instant",
            "ack_policy": "explicit",
            "ack_wait": int(self.ack_wait * SECOND),
            "max_deliver": MAX_DELIVER,
            "max_ack_pending": 1000,
        }

    async def settle(self, connection: Connection, *, update: bool) -> None:
        """Make what is missing; what differs is an error, or is brought in line.

        :raises StreamDrift: naming each difference
        """
        differences = await self._settle_stream(connection, update=update)
        existing = await self._existing(connection)
        for name, config in self.consumers().items():
            differences += await self._settle_consumer(connection, config, existing.get(name), update=update)
        for name in filter(self._is_surplus, sorted(existing)):
            if update:
                await connection.request(f"CONSUMER.DELETE.{self.name}.{name}")
            else:
                differences.append(f"consumer {name}: there are {self.partitions} partitions")
        if differences:
            raise StreamDrift(differences)

    async def _settle_stream(self, connection: Connection, *, update: bool) -> list[str]:
        wanted = self.stream()
        try:
            found = (await connection.request(f"STREAM.INFO.{self.name}"))["config"]
        except Refused as refused:
            if refused.code != 404:
                raise
            return await self._ask(connection, f"STREAM.CREATE.{self.name}", wanted, f"stream {self.name}")
        differences = _differences(f"stream {self.name}", wanted, found)
        if differences and update:
            return await self._ask(connection, f"STREAM.UPDATE.{self.name}", found | wanted, f"stream {self.name}")
        return differences

    async def _settle_consumer(
        self, connection: Connection, wanted: Config, found: Config | None, *, update: bool
    ) -> list[str]:
        label = f"consumer {wanted['name']}"
        differences = _differences(label, wanted, found) if found is not None else []
        if found is not None and not (differences and update):
            return differences
        if found is not None and any(wanted[key] != found.get(key) for key in INBORN):
            await connection.request(f"CONSUMER.DELETE.{self.name}.{wanted['name']}")
            found = None
        body = {"stream_name": self.name, "config": wanted, "action": "create" if found is None else "update"}
        subject = f"CONSUMER.CREATE.{self.name}.{wanted['name']}.{wanted['filter_subject']}"
        return await self._ask(connection, subject, body, label)

    @staticmethod
    async def _ask(connection: Connection, subject: str, body: Config, label: str) -> list[str]:
        try:
            await connection.request(subject, body)
        except Refused as refused:
            return [f"{label}: {refused}"]
        return []

    async def _existing(self, connection: Connection) -> dict[str, Config]:
        """Return the configurations of all consumers by name; of a stream that could not be made there are none."""
        try:
            return {info["name"]: info["config"] for info in await consumers_of(connection, self.name)}
        except Refused:
            return {}

    def _is_surplus(self, name: str) -> bool:
        """Tell whether a consumer is left from a time of more partitions; strangers' are none of our business."""
        group, _, number = name.rpartition("-")
        return group in self.groups and number.isdecimal() and int(number) >= self.partitions


async def consumers_of(connection: Connection, stream: str) -> list[dict[str, Any]]:
    """List what the server knows of a stream's consumers, page by page."""
    found: list[dict[str, Any]] = []
    while True:
        page = await connection.request(f"CONSUMER.LIST.{stream}", {"offset": len(found)})
        found += page["consumers"] or []
        if not page["consumers"] or len(found) >= page["total"]:
            return [info for info in found if info.get("config")]


def _differences(label: str, wanted: Config, found: Config) -> list[str]:
    return [
        f"{label}: {key} is {_shown(key, found.get(key))}, not {_shown(key, value)}"
        for key, value in wanted.items()
        if found.get(key) != value
    ]


def _shown(key: str, value: Any) -> str:
    """Write durations in seconds."""
    return f"{value / SECOND:g} s" if key in ("max_age", "ack_wait", "duplicate_window") and value else str(value)
