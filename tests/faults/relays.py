"""A process that forks relays, so that fifty of them can be killed without loading Django fifty times.

It reads a line of JSON from its input for each: how that relay differs from `manage.py relay`. A relay has its own
connections and its own pid, which is the answer; it dies with this process.
"""

from __future__ import annotations

import ctypes
import datetime
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import django

PR_SET_PDEATHSIG = 1


class Mortal:
    """A transport that kills its relay in the middle of a batch, with some dispatches sent and some not."""

    def __init__(self, transport: Any, dispatches: int) -> None:
        self.transport = transport
        self.left = dispatches

    def send(self, claims: Sequence[Any]) -> list[int]:
        if len(claims) > self.left:
            self.transport.send(claims[: self.left])
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= len(claims)
        return self.transport.send(claims)

    def close(self) -> None:
        self.transport.close()


class Stammering:
    """A transport that sends everything twice."""

    def __init__(self, transport: Any) -> None:
        self.transport = transport
        if hasattr(transport, "_stream"):
            self._publish, transport._stream.publish = transport._stream.publish, self._publish_twice

    def _publish_twice(self, messages: Sequence[Any]) -> list[str]:
        """The stream drops what comes again within two minutes: so say it a little differently."""
        lost = self._publish(messages)
        self._publish([replace(message, id=f"{message.id}.again") for message in messages])
        return lost

    def send(self, claims: Sequence[Any]) -> list[int]:
        self.transport.send(claims)
        return self.transport.send(claims)

    def close(self) -> None:
        self.transport.close()


def run(settings: dict[str, Any], most: int, ttl: float, dies_after: int | None, stammers: bool, clock: float) -> None:
    """Be a relay: with other settings, `most` deliveries per dispatch, and a clock that is wrong by some seconds."""
    from django.conf import settings as used

    for name, value in settings.items():
        setattr(used, name, value)
    from apps.outbox import leases, relay
    from apps.outbox.services import claiming
    from apps.outbox.transports import transport

    leases.TTL = relay.TTL = ttl
    claiming.BATCH, claiming.SINGLES = min(claiming.BATCH, most), min(claiming.SINGLES, most)
    if clock:
        _shift_clock(clock)
    way: Any = transport()
    if dies_after is not None:
        way = Mortal(way, dies_after)
    if stammers:
        way = Stammering(way)
    relay = relay.Relay(way)
    signal.signal(signal.SIGTERM, lambda *_: relay.stop())
    relay.run()


def _shift_clock(seconds: float) -> None:
    """Let everything that asks Python for the time get a wrong answer."""
    right, moment = time.time, datetime.datetime

    class Wrong(moment):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return moment.now(tz) + datetime.timedelta(seconds=seconds)

    time.time = lambda: right() + seconds
    for module in list(sys.modules.values()):
        if getattr(module, "datetime", None) is moment:
            module.datetime = Wrong


def _fork(options: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.setpgid(0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    try:
        run(**options)
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def main() -> None:
    """Fork relays until the input ends."""
    django.setup()
    from apps.outbox import relay, stream_transport, transports  # noqa: F401 - loaded once, for all

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    for line in sys.stdin:
        sys.stdout.write(f"{_fork(json.loads(line))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
