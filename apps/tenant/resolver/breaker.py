"""A breaker: what has just failed is not asked again for a while, and then by one thread that no request waits for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from apps.tenant.resolver import tally

__all__ = ["Breaker"]

#: Seconds without asking after the first failure, and after many; it doubles in between.
PAUSE, LONGEST = 0.5, 5.0


class Breaker:
    """Closed while all is well; open after one failure; a probe in the background closes it again."""

    def __init__(self, probe: Callable[[], object]) -> None:
        self._probe = probe
        self._lock = threading.Lock()
        self._pause = PAUSE
        self._probe_at = 0.0
        self.is_open = False

    def allows(self) -> bool:
        """Tell whether to ask; while it is open, see to it that somebody tries in time."""
        if not self.is_open:
            return True
        if time.monotonic() >= self._probe_at:
            self._begin_probe()
        return False

    def failed(self) -> None:
        """Open: the next ones ask nobody."""
        with self._lock:
            if not self.is_open:
                self.is_open, self._pause = True, PAUSE
                self._probe_at = time.monotonic() + PAUSE
                tally.add("breaker_opened")

    def _begin_probe(self) -> None:
        with self._lock:
            now = time.monotonic()
            if not self.is_open or now < self._probe_at:
                return
            self._probe_at = now + LONGEST  # one at a time; another one, should this process forget it in a fork
        threading.Thread(target=self._try, daemon=True, name="tenant-breaker").start()

    def _try(self) -> None:
        try:
            self._probe()
        except Exception:  # whatever it is, it is not well yet
            with self._lock:
                self._pause = min(self._pause * 2, LONGEST)
                self._probe_at = time.monotonic() + self._pause
            return
        with self._lock:
            self.is_open = False
        tally.add("breaker_closed")
