"""Long polls: each partition has one pull request open, and what it brings waits in order until it is taken."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error

from apps.outbox.stream.connection import Connection
from apps.outbox.stream.messages import Received, StreamUnavailable

__all__ = ["Pulls"]

SECOND = 1_000_000_000
#: How long the server keeps a request open, how often it says that it does, and when its silence means a loss.
EXPIRES, HEARTBEAT, SILENCE = 60, 2, 5.0
#: Seconds to let the companions of a message arrive, again as long as some do, so many times at most.
LINGER, LINGERS = 0.002, 10
#: Seconds before a request is made again that the server ended early.
PAUSE = 0.5
#: How long a message is kept from others while it is worked on.
MOST_HELD = 600.0


@dataclass(slots=True)
class Partition:
    """One consumer's open request and the messages that it brought."""

    group: str
    consumer: str
    waiting: deque[Received] = field(default_factory=deque)
    #: What brings the answers to its requests; without it the server forgets them.
    subscription: Subscription | None = None
    inbox: str = ""
    request: int = 0
    open: int = 0
    heard: float = 0.0
    not_before: float = 0.0
    problem: str = ""
    wanted: bool = True


class Pulls:
    """The pull requests of one connection."""

    def __init__(self, connection: Connection, stream: str, ack_wait: float) -> None:
        self._connection = connection
        self._stream = stream
        self._ack_wait = ack_wait
        self._partitions: dict[str, Partition] = {}
        self._events: dict[str, asyncio.Event] = {}
        self._held: dict[str, float] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._keeping: asyncio.Task[None] | None = None
        connection.on_open.append(self._opened)
        connection.on_change.append(self._start_over)

    async def fetch(self, group: str, partitions: Sequence[int], batch: int, timeout: float) -> list[Received]:
        """Return messages as soon as there are some, in order within a partition; none after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        event = self._events.setdefault(group, asyncio.Event())
        client = await self._connection.client()
        mine = [self._partition(group, number) for number in partitions]
        await self._let_go_of_others(client, group, mine)
        while True:
            await _gather(mine, batch)
            event.clear()
            taken = _take(mine, batch)
            for partition in mine:
                await self._keep_open(client, partition, batch)
            if taken:
                return taken
            self._complain(mine)
            left = deadline - time.monotonic()
            if left <= 0:
                return []
            await self._wait(event, min(left, 1.0 if any(each.open <= 0 for each in mine) else left, SILENCE))

    async def give_back_all(self) -> None:
        """Give back what nobody took, so that it comes again at once and not when its time is over."""
        client = await self._connection.client()
        for partition in self._partitions.values():
            partition.wanted = False
            while partition.waiting:
                await self._give_back(client, partition.waiting.popleft()._raw)

    def release(self, messages: Sequence[Received]) -> None:
        """Stop keeping messages from others: they are answered."""
        for message in messages:
            self._held.pop(message._raw.reply, None)

    def _partition(self, group: str, number: int) -> Partition:
        name = f"{group}-{number}"
        partition = self._partitions.setdefault(name, Partition(group, name))
        partition.wanted = True
        return partition

    @staticmethod
    async def _wait(event: asyncio.Event, seconds: float) -> None:
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except TimeoutError:
            return

    async def _let_go_of_others(self, client: Client, group: str, mine: list[Partition]) -> None:
        """Give back what came for partitions that now belong to somebody else."""
        for partition in self._partitions.values():
            if partition.group == group and partition not in mine:
                partition.wanted = False
                self._forget_requests(partition)
                while partition.waiting:
                    await self._give_back(client, partition.waiting.popleft()._raw)

    def _forget_requests(self, partition: Partition) -> None:
        """Have the server forget what is asked for, or it would go on to send us what others wait for."""
        subscription, partition.subscription, partition.open = partition.subscription, None, 0
        if subscription is not None:
            leaving = asyncio.create_task(_drain(subscription))
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)

    async def _give_back(self, client: Client, raw: Msg) -> None:
        self._held.pop(raw.reply, None)
        await client.publish(raw.reply, b"-NAK")

    async def _keep_open(self, client: Client, partition: Partition, batch: int) -> None:
        """Ask for messages unless they wait here or were asked for; silence means that the request was lost."""
        now = time.monotonic()
        if partition.open > 0 and now - partition.heard > SILENCE:
            partition.open, partition.problem = 0, f"no sign of consumer {partition.consumer}"
        if partition.open > 0 or partition.waiting or now < partition.not_before:
            return
        partition.request += 1
        partition.open, partition.heard = batch, now
        if partition.subscription is None:
            partition.inbox = client.new_inbox()
            partition.subscription = await client.subscribe(
                f"{partition.inbox}.*", cb=partial(self._received, partition), pending_bytes_limit=0
            )  # fmt: skip
        body = {"batch": batch, "expires": EXPIRES * SECOND, "idle_heartbeat": HEARTBEAT * SECOND}
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{partition.consumer}"
        await client.publish(subject, json.dumps(body).encode(), reply=f"{partition.inbox}.{partition.request}")

    @staticmethod
    def _complain(partitions: list[Partition]) -> None:
        problems = [partition.problem for partition in partitions if partition.problem]
        for partition in partitions:
            partition.problem = ""
        if problems:
            raise StreamUnavailable("; ".join(sorted(set(problems))[:3]))

    async def _opened(self, client: Client) -> None:
        for partition in self._partitions.values():
            partition.subscription = None  # it ended with the connection before
        self._start_over()
        if self._keeping is None:
            self._keeping = asyncio.create_task(self._keep())

    def _start_over(self) -> None:
        """Forget the open requests: the server forgot them with the connection."""
        for partition in self._partitions.values():
            partition.open = 0
        for event in self._events.values():
            event.set()

    async def _received(self, partition: Partition, raw: Msg) -> None:
        if not raw.reply:
            self._heard_status(partition, int(raw.subject.rpartition(".")[2]), raw)
            return
        partition.open -= 1
        partition.heard = time.monotonic()
        if not partition.wanted:
            await self._give_back(await self._connection.client(), raw)
            return
        self._held[raw.reply] = partition.heard
        partition.waiting.append(Received.from_raw(raw))
        self._events[partition.group].set()

    def _heard_status(self, partition: Partition, number: int, raw: Msg) -> None:
        """Note a heartbeat, or the end of the open request; answers to older requests do not count."""
        if number != partition.request:
            return
        partition.heard = time.monotonic()
        status, description = (raw.headers or {}).get("Status", ""), (raw.headers or {}).get("Description", "")
        if status == "100":
            return
        partition.open = 0
        if status != "408":
            partition.not_before = partition.heard + PAUSE
        if status == "503" or "Deleted" in description:
            partition.problem = f"no consumer {partition.consumer}"
        self._events[partition.group].set()

    async def _keep(self) -> None:
        """Tell the server of messages that are still worked on, so that it gives them to nobody else."""
        every = self._ack_wait / 3
        while True:
            await asyncio.sleep(every)
            now = time.monotonic()
            for reply, since in list(self._held.items()):
                if now - since > MOST_HELD:
                    del self._held[reply]
                elif now - since >= every:
                    await self._say_busy(reply)

    async def _say_busy(self, reply: str) -> None:
        try:
            await (await self._connection.client()).publish(reply, b"+WPI")
        except (Error, OSError, StreamUnavailable):
            return


async def _drain(subscription: Subscription) -> None:
    """Give back what is on its way to us, and end."""
    with suppress(Error, OSError):
        await subscription.drain()  # type: ignore[no-untyped-call]


async def _gather(partitions: Sequence[Partition], batch: int) -> None:
    """Let a burst arrive, so that it is done at once and not in crumbs."""
    before = 0
    for _ in range(LINGERS):
        count = sum(len(partition.waiting) for partition in partitions)
        if count == before or count >= batch:
            return
        before = count
        await asyncio.sleep(LINGER)


def _take(partitions: list[Partition], batch: int) -> list[Received]:
    """Take up to `batch` messages, from every partition its share."""
    taken: list[Received] = []
    share = max(1, batch // max(1, sum(bool(each.waiting) for each in partitions)))
    for partition in partitions:
        for _ in range(min(share, len(partition.waiting), batch - len(taken))):
            taken.append(partition.waiting.popleft())
    return taken
