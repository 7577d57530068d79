"""One connection to NATS, kept in a thread with an event loop of its own, for code that is not asynchronous."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlsplit

from nats.aio.client import Client
from nats.errors import Error, NoRespondersError

from apps.outbox.stream.messages import StreamUnavailable

__all__ = ["Connection", "Refused"]

log = logging.getLogger(__name__)

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 5.0
T = TypeVar("T")


class Refused(Exception):
    """JetStream answered a request with an error."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(description)
        self.code = code


class Connection:
    """Connects when it is first used, and again for ever."""

    def __init__(self, urls: Sequence[str], name: str) -> None:
        self._urls = list(urls)
        self._name = name
        self._client: Client | None = None
        self._connecting: asyncio.Lock | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._starting = threading.Lock()
        self._attempt: asyncio.Future[None] | None = None
        self._problems: list[Exception] = []
        #: Called in the loop with each new client, before it is used.
        self.on_open: list[Callable[[Client], Coroutine[Any, Any, None]]] = []
        #: Called in the loop when the connection is lost or is there again.
        self.on_change: list[Callable[[], None]] = []

    @property
    def address(self) -> str:
        """Name the servers without passwords."""
        return ", ".join(f"{url.hostname}:{url.port or 4222}" for url in map(urlsplit, self._urls))

    @property
    def is_open(self) -> bool:
        """Tell whether there is a connection that works."""
        return self._client is not None and self._client.is_connected

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the loop and wait for its end.

        :raises StreamUnavailable: if NATS is away or does not answer in time
        """
        try:
            return asyncio.run_coroutine_threadsafe(work, self._running()).result()
        except (Error, OSError, TimeoutError, asyncio.CancelledError) as error:
            raise StreamUnavailable(f"NATS at {self.address}: {error or type(error).__name__}") from error

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine in the loop without waiting for it."""
        asyncio.run_coroutine_threadsafe(work, self._running())

    def close(self) -> None:
        """Send what is on its way and end the thread."""
        with self._starting:
            loop, self._loop = self._loop, None
        if loop is None:
            return
        with suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(self._end(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)

    async def client(self) -> Client:
        """Return the connected client, connecting if there is none.

        :raises StreamUnavailable: if NATS is away
        """
        client = self._client
        if client is None or client.is_closed:
            assert self._connecting is not None
            async with self._connecting:
                if self._client is None or self._client.is_closed:
                    self._client = await self._connect()
                client = self._client
        if not client.is_connected:
            raise StreamUnavailable(f"NATS at {self.address} is away")
        return client

    async def request(self, subject: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask JetStream's API.

        :raises Refused: if the answer is an error
        :raises StreamUnavailable: if there is none
        """
        client = await self.client()
        payload = json.dumps(body).encode() if body is not None else b""
        try:
            message = await client.request(f"$JS.API.{subject}", payload, timeout=ANSWER_SECONDS)
        except NoRespondersError:
            raise StreamUnavailable(f"NATS at {self.address} has no JetStream that answers") from None
        answer: dict[str, Any] = json.loads(message.data)
        error = answer.get("error")
        if error and error["code"] == 503:
            raise StreamUnavailable(f"NATS at {self.address}: {error.get('description')}")
        if error:
            raise Refused(error["code"], error.get("description", "refused"))
        return answer

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._connecting = asyncio.Lock()
                threading.Thread(target=self._live, args=(self._loop,), name="nats", daemon=True).start()
            return self._loop

    @staticmethod
    def _live(loop: asyncio.AbstractEventLoop) -> None:
        loop.run_forever()
        loop.close()

    async def _connect(self) -> Client:
        client = Client()
        self._problems = []
        self._attempt = asyncio.ensure_future(client.connect(
            self._urls, name=self._name, max_reconnect_attempts=-1, reconnect_time_wait=1, connect_timeout=2,
            ping_interval=5, max_outstanding_pings=2, pending_size=0, error_cb=self._noticed,
            disconnected_cb=self._changed, reconnected_cb=self._changed, closed_cb=self._changed,
        ))  # fmt: skip
        await asyncio.wait([self._attempt], timeout=CONNECT_SECONDS)
        attempt, self._attempt = self._attempt, None
        if not client.is_connected:
            await self._give_up(client, attempt)
        for prepare in self.on_open:
            await prepare(client)
        return client

    async def _give_up(self, client: Client, attempt: asyncio.Future[None]) -> NoReturn:
        attempt.cancel()
        with suppress(Exception, asyncio.CancelledError):
            await attempt
        with suppress(Exception):
            await client.close()
        problem = self._problems[-1] if self._problems else "no answer"
        raise StreamUnavailable(f"NATS at {self.address}: {problem}")

    async def _noticed(self, error: Exception) -> None:
        """Keep what the client complains of; left alone it would try for ever, so one round of servers must do."""
        log.debug("nats: %r", error)
        if self._attempt is not None:
            self._problems.append(error)
            if len(self._problems) >= len(self._urls):
                self._attempt.cancel()

    async def _changed(self) -> None:
        for notice in self.on_change:
            notice()

    async def _end(self) -> None:
        client, self._client = self._client, None
        if client is not None and not client.is_closed:
            with suppress(Error, OSError, TimeoutError):
                await client.flush(2)
            with suppress(Error, OSError, TimeoutError):
                await client.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.wait(others, timeout=1) if others else None
