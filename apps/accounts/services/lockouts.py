"""Guessing is slowed down, and nobody is locked out by somebody else.

Failed tries are counted per account and origin, per origin over all accounts (one password tried on many), and per
account over all origins. What has to wait is always an origin, never an account:

- After a few failures, an origin waits longer and longer before its next try at an account.
- An origin that failed at many accounts waits before any next try, whatever the account.
- While an account is under attack from many origins, one that was never seen there waits `FIRST_WAIT` seconds before
  its first try. Whoever has the account gets in from a new place after that, however hard others hammer.
- A device that logged in before (a signed cookie), or a network with a live session of the account, is counted on its
  own: no failure of anybody else makes it wait.

Addresses that nobody has are counted like those of users: an answer never tells which they are.
"""

from __future__ import annotations

import hashlib
import ipaddress
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil

from django.utils import timezone

from apps.accounts.models import BrowserSession, Session, normalize_email
from apps.accounts.services.attempts import Busy, Count, change_counts
from apps.accounts.services.known_devices import device_of
from rustok.kernel.access import ANONYMOUS
from rustok.kernel.audit import record
from rustok.kernel.context import current_work
from rustok.kernel.errors import DomainError, TooManyRequests

__all__ = ["FIRST_WAIT", "TooManyAttempts", "attempt", "network_of"]

#: Seconds that an origin waits before its first try at an account under attack.
FIRST_WAIT = 15


class TooManyAttempts(TooManyRequests):
    """Too many attempts failed; wait before you try again."""

    code = "too_many_attempts"


@dataclass(frozen=True, slots=True)
class Steps:
    """How failures slow down: `free` cost nothing, then the wait doubles from 1 s up to `cap`; one fades in `fade`."""

    free: int
    cap: float
    fade: float

    def left(self, count: Count, now: float) -> float:
        """Answer how many failures still count."""
        return max(0.0, count.tries - (now - count.at) / self.fade)

    def wait(self, tries: float) -> float:
        """Answer the seconds to wait after so many failures."""
        over = ceil(tries) - self.free
        return 0.0 if over <= 0 else min(self.cap, 2.0 ** min(over - 1, 30))


@dataclass(frozen=True, slots=True)
class Policy:
    """What is counted for one kind of secret."""

    path: Steps | None = None
    origin: Steps | None = None
    #: Over all origins: failures from here on mean that the account is under attack.
    attack: Steps | None = None
    #: Over all origins, known devices aside: waits for everybody. Only where strangers cannot get that far.
    account: Steps | None = None


_PATH = Steps(free=5, cap=900, fade=900)
POLICIES = {
    "login": Policy(
        path=_PATH,
        origin=Steps(free=20, cap=900, fade=60),
        attack=Steps(free=30, cap=0, fade=60),
    ),
    # Whoever tries codes knows the password, so that only they can make the account wait.
    "second_factor": Policy(path=_PATH, account=Steps(free=10, cap=900, fade=900)),
    "password": Policy(path=_PATH),
    "api_key": Policy(origin=Steps(free=20, cap=60, fade=10)),
}


def network_of(address: str) -> str:
    """Answer what a client is counted by: its address; of IPv6 the 64 bits that are one customer's line."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    mapped = found.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.ip_network((found, 64), strict=False).network_address)


@contextmanager
def attempt(kind: str, account: str = "", *, seen: str = "") -> Iterator[None]:
    """Let somebody try a secret inside the block: a `DomainError` there is a failure, its end a success.

    `account` is the address that is tried, `seen` the device cookie that came with it.

    :raises TooManyAttempts: if it is too early for another try
    """
    tried = _Try(kind, normalize_email(account), device_of(seen, account) if account else "")
    tried.reserve()
    try:
        yield
    except DomainError:
        tried.failed()
        raise
    except BaseException:
        tried.undo()  # nobody knows whether it was right
        raise
    tried.succeeded()


class _Try:
    """One try, with the counts it belongs to."""

    def __init__(self, kind: str, account: str, device: str) -> None:
        self.kind, self.account, self.device = kind, account, device
        self.policy, self.network = POLICIES[kind], network_of(current_work().address)
        self._lay_out(known=bool(device))

    def _lay_out(self, known: bool) -> None:
        """Choose the counts; what was seen before is counted by itself alone."""
        who = hashlib.sha256(self.account.encode()).hexdigest()[:32]
        origin = self.device or self.network
        policy, self.known = self.policy, known
        parts = [
            (f"path:{who}:{origin}", policy.path),
            (f"origin:{self.network}", None if known else policy.origin),
            (f"account:{who}", None if known else policy.attack or policy.account),
        ]
        self.names, self.steps = [], []
        for name, steps in parts:
            if steps is not None:
                self.names.append(f"{self.kind}:{name}")
                self.steps.append(steps)

    def reserve(self) -> None:
        """Count a failure before the secret is looked at, so that tries sent at once cannot all be the first.

        :raises TooManyAttempts: if it is too early
        """
        wait, tell = self._change(self._reserve)
        if wait > 0 and not self.known and self.account and self._network_is_known():
            self._lay_out(known=True)
            wait, tell = self._change(self._reserve)
        if wait <= 0:
            return
        if tell:
            record("login.locked", actor=ANONYMOUS, label=self.account, kind=self.kind, seconds=ceil(wait))
        raise TooManyAttempts(f"wait {ceil(wait)} seconds", retry_after=ceil(wait))

    def _reserve(self, counts: list[Count]) -> tuple[float, bool]:
        now = time.time()
        wait = max([count.until - now for count in counts] + [self._first_wait(counts, now)])
        if wait > 0:
            cause = max(counts, key=lambda count: count.until)
            tell = not cause.told
            cause.told = 1.0
            return wait, tell
        for count, steps in zip(counts, self.steps, strict=True):
            count.tries = steps.left(count, now) + 1
            count.at, count.told, count.since = now, 0.0, count.since or now
            wait = steps.wait(count.tries)
            count.until = now + wait if wait else 0.0
        return 0.0, False

    def _first_wait(self, counts: list[Count], now: float) -> float:
        """Answer how long an origin that was never seen at an account under attack has to wait."""
        if self.known or self.policy.attack is None or self.policy.path is None:
            return 0.0
        path, attacked = counts[0], counts[-1]
        if path.tries or self.policy.attack.left(attacked, now) < self.policy.attack.free:
            return 0.0
        path.since = path.since or now
        return path.since + FIRST_WAIT - now

    def failed(self) -> None:
        """Leave the failure counted, and say so in the audit log."""
        record("login.failed", actor=ANONYMOUS, label=self.account, kind=self.kind)

    def undo(self) -> None:
        """Take back what was counted."""
        self._change(lambda counts: self._take_back(counts, path_too=False))

    def succeeded(self) -> None:
        """Forget the failures of this path; others' stay, and so do this origin's at other accounts."""
        self._change(lambda counts: self._take_back(counts, path_too=True))

    def _take_back(self, counts: list[Count], path_too: bool) -> None:
        now = time.time()
        for count, steps in zip(counts, self.steps, strict=True):
            if steps is self.policy.path and path_too:
                count.tries = count.until = count.told = 0.0
                continue
            count.tries, count.at = max(0.0, steps.left(count, now) - 1), now
            wait = steps.wait(count.tries)
            count.until = min(count.until, now + wait) if wait else 0.0

    def _change(self, change: object) -> tuple[float, bool]:
        try:
            answer = change_counts(self.names, change)  # type: ignore[arg-type]
        except Busy:
            return 1.0, False
        return answer or (0.0, False)

    def _network_is_known(self) -> bool:
        """Tell whether somebody is logged in to the account from this network; asked only of who would have to wait."""
        now, user = timezone.now(), {"user__email": self.account}
        api = Session.objects.because("known devices of an account").filter(**user, revoked_at=None, expires_at__gt=now)
        browser = BrowserSession.objects.filter(**user, expire_date__gt=now)
        addresses = [
            address
            for rows in (api, browser)
            for address in rows.order_by("-used_at").values_list("address", flat=True)[:50]
        ]
        return any(address and network_of(address) == self.network for address in addresses)
