"""One flight per key: of the threads that need the same answer at once, one fetches it and the others wait for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

__all__ = ["Flights"]

T = TypeVar("T")


class Flights(Generic[T]):
    """The answers that are on their way to this process."""

    def __init__(self) -> None:
        self._flying: dict[str, Future[T]] = {}
        self._lock = threading.Lock()

    def join(self, key: str, fetch: Callable[[], T], patience: float) -> T:
        """Fetch the answer, or wait for the thread that is fetching it already.

        :raises TimeoutError: if that thread takes longer than `patience` seconds
        """
        with self._lock:
            flight = self._flying.get(key)
            mine = flight is None
            if flight is None:
                flight = self._flying[key] = Future()
        return self._fly(key, flight, fetch) if mine else flight.result(patience)

    def begin(self, key: str, fetch: Callable[[], T]) -> T | None:
        """Fetch the answer, or answer None at once if another thread is fetching it."""
        with self._lock:
            if key in self._flying:
                return None
            flight = self._flying[key] = Future()
        return self._fly(key, flight, fetch)

    def _fly(self, key: str, flight: Future[T], fetch: Callable[[], T]) -> T:
        try:
            answer = fetch()
        except BaseException as error:
            self._land(key)
            flight.set_exception(error)
            raise
        self._land(key)
        flight.set_result(answer)
        return answer

    def _land(self, key: str) -> None:
        with self._lock:
            del self._flying[key]
