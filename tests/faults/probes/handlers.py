"""Reactions that leave a trace, and some that end badly on the way."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Sequence

from django.db import transaction

from rustok.kernel.events import Envelope, RetryPolicy, on
from tests.faults.probes.models import note_effects

__all__ = ["dare", "dare_batch", "note", "note_batch", "note_flood"]

#: As often as the platform's own handlers, or less for those that are to die; both without its patience.
OFTEN = RetryPolicy(max_attempts=RetryPolicy().max_attempts, base=0.05, ceiling=0.2)
SOON = RetryPolicy(max_attempts=3, base=0.05)
#: Bytes beyond what the process has that a handler may still take.
ROOM = 64 << 20


@on("probe.happened", name="probes.note", retry=OFTEN, runs_as="is a probe")
def note(event: Envelope) -> None:
    """Leave a trace of one event."""
    note_effects("probes.note", [event])


@on("probe.happened", name="probes.note_batch", retry=OFTEN, batch=True, group="index", runs_as="is a probe")
def note_batch(events: Sequence[Envelope]) -> None:
    """Leave a trace of many events."""
    note_effects("probes.note_batch", events)


@on("probe.flooded", name="probes.note_flood", retry=OFTEN, batch=True, runs_as="is a probe")
def note_flood(events: Sequence[Envelope]) -> None:
    """Leave a trace of a flood."""
    note_effects("probes.note_flood", events)


@on("probe.dared", name="probes.dare", retry=SOON, runs_as="is a probe")
def dare(event: Envelope) -> None:
    """Leave a trace, and do what the event asks for."""
    note_effects("probes.dare", [event])
    _do(event)


@on("probe.dared", name="probes.dare_batch", retry=SOON, batch=True, runs_as="is a probe")
def dare_batch(events: Sequence[Envelope]) -> None:
    """Leave traces, and do what the events ask for."""
    note_effects("probes.dare_batch", events)
    for event in events:
        _do(event)


def _do(event: Envelope) -> None:
    _DEEDS[event.payload["deed"]](event)


def _nothing(event: Envelope) -> None:
    return


def _sleep(event: Envelope) -> None:
    time.sleep(event.payload["seconds"])


def _raise(event: Envelope) -> None:
    raise RuntimeError("this one always fails")


def _raise_oddly(event: Envelope) -> None:
    """Fail with words that no database can store."""
    raise RuntimeError("half a pair: \ud800, and nothing: \0")


def _exit(event: Envelope) -> None:
    sys.exit("a handler that ends the process")


def _eat(event: Envelope) -> None:
    """Run out of memory, and let the process have it again after."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm") as stream:
        taken = int(stream.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + ROOM, before[1]))
    try:
        eaten = []
        while True:
            eaten.append(bytes(1 << 20))
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def _kill(event: Envelope) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _kill_first(event: Envelope) -> None:
    """Die before the commit, the first time."""
    if event.retry_count == 0:
        _kill(event)


def _kill_after(event: Envelope) -> None:
    """Die between the commit and everything that would come after it."""
    transaction.on_commit(lambda: _kill(event))


def _kill_all_first(event: Envelope) -> None:
    """Take the whole worker along before the commit, the first time."""
    if event.retry_count == 0:
        os.killpg(0, signal.SIGKILL)


def _kill_all_after(event: Envelope) -> None:
    """Take the whole worker along right after the commit."""
    transaction.on_commit(lambda: os.killpg(0, signal.SIGKILL))


_DEEDS: dict[str, Callable[[Envelope], None]] = {
    "nothing": _nothing, "sleep": _sleep, "raise": _raise, "raise oddly": _raise_oddly, "exit": _exit, "eat": _eat,
    "kill": _kill, "kill first": _kill_first, "kill after": _kill_after, "kill all first": _kill_all_first,
    "kill all after": _kill_all_after,
}  # fmt: skip
