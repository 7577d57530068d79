"""Asks several things at once, each on a thread of its own, and waits for all of them no longer than a time.

A query or a socket has a time-out of its own; looking up a name has none, nor has a server that takes a connection and
says nothing. What hangs is left to its thread, and not asked a second time until it is over: however often a load
balancer asks, at most one thread for each thing waits.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextvars import copy_context
from dataclasses import dataclass, field

from django.db import connections

from rustok.kernel.modules import Health

__all__ = ["Answer", "TOTAL", "ask_all"]

#: Seconds after which whoever asks has an answer about everything.
TOTAL = 2.0
Check = Callable[[], Health]


@dataclass(frozen=True, slots=True)
class Answer:
    """How something is, and the milliseconds that it took to say so."""

    health: Health
    latency_ms: float


@dataclass(slots=True)
class _Asked:
    """A question that is on its way."""

    since: float = field(default_factory=time.perf_counter)
    answer: Answer | None = None
    is_over: threading.Event = field(default_factory=threading.Event)


_on_their_way: dict[str, _Asked] = {}
_lock = threading.Lock()


def ask_all(checks: Mapping[str, Check], *, within: float = TOTAL) -> dict[str, Answer]:
    """Answer how each thing is; of what has not answered after `within` seconds, that it has not."""
    until = time.perf_counter() + within
    asked = {name: _ask(name, check) for name, check in checks.items()}
    return {name: _wait(one, until) for name, one in asked.items()}


def _ask(name: str, check: Check) -> _Asked:
    """Ask, unless an earlier question is still on its way."""
    with _lock:
        if (standing := _on_their_way.get(name)) is not None:
            return standing
        asked = _on_their_way[name] = _Asked()
    work = copy_context()
    thread = threading.Thread(target=work.run, args=(_run, name, asked, check), name=f"health-{name}", daemon=True)
    thread.start()
    return asked


def _run(name: str, asked: _Asked, check: Check) -> None:
    try:
        health = check()
    except Exception as error:  # whatever it is: somebody waits for an answer
        health = Health(ok=False, reason=type(error).__name__)
    asked.answer = Answer(health, _since(asked))
    try:
        connections.close_all()
    finally:
        with _lock:
            del _on_their_way[name]
        asked.is_over.set()


def _wait(asked: _Asked, until: float) -> Answer:
    asked.is_over.wait(max(0.0, until - time.perf_counter()))
    if asked.answer is not None:
        return asked.answer
    waited = _since(asked)
    return Answer(Health(ok=False, reason=f"no answer after {waited / 1000:.1f} s"), waited)


def _since(asked: _Asked) -> float:
    return round((time.perf_counter() - asked.since) * 1000, 2)
