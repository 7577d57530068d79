"""Sessions of browsers (Django's `SESSION_ENGINE`): rows with a user and a device, which can be listed and ended.

A key is made of chance and a tag that only this tenant's keys have: another tenant's cookie is refused before the
database is asked, and the same key cannot stand in two schemas. What a row holds is signed for its tenant as well.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db.models import F, Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac

from apps.accounts.models import BrowserSession, User
from apps.accounts.services.arrivals import note_arrival
from apps.accounts.services.devices import describe_device
from apps.accounts.services.known_devices import COOKIE, remember_account
from rustok.kernel.errors import Unauthenticated
from rustok.kernel.ids import new_id, parse_id
from rustok.kernel.tenancy import PUBLIC, current_schema, current_tenant

__all__ = ["SecondFactorRequired", "SessionStore", "note_login", "over"]

#: How much later a use has to be to be written down.
USE_EVERY = timedelta(minutes=1)
_RANDOM, _TAG = 32, 16
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_STARTED, _STAFF = "_started", "_staff"


class SecondFactorRequired(Unauthenticated):
    """This account asks for a code after the password."""

    code = "second_factor_required"

    def __init__(self, user: User) -> None:
        super().__init__()
        self.user = user


def _tenant_id() -> str:
    return PUBLIC if current_schema() == PUBLIC else str(current_tenant().id)


def _tag(random: str) -> str:
    return salted_hmac("accounts.browser_session", f"{_tenant_id()}:{random}").hexdigest()[:_TAG]


class SessionStore(DatabaseStore):
    """Keeps one browser's session."""

    #: Set by the middleware: the User-Agent and the address of this request.
    agent = address = ""

    def __init__(self, session_key: str | None = None) -> None:
        self.row: BrowserSession | None = None
        super().__init__(session_key)

    @classmethod
    def get_model_class(cls) -> type[BrowserSession]:  # type: ignore[override]
        """Answer the table."""
        return BrowserSession

    @property
    def key_salt(self) -> str:  # type: ignore[override]
        """Sign what a session holds for this tenant alone."""
        return f"accounts.browser_session:{_tenant_id()}"

    @property
    def row_id(self) -> Any:
        """Answer what lists call this session; None before it is stored."""
        if self.row is None and self.session_key:
            self._get_session()  # type: ignore[attr-defined]
        return self.row.id if self.row else None

    def _get_new_session_key(self) -> str:
        random = get_random_string(_RANDOM, _LETTERS)
        return random + _tag(random)

    def _validate_session_key(self, key: str | None) -> bool:
        if not isinstance(key, str) or len(key) != _RANDOM + _TAG or not key.isascii():
            return False
        return constant_time_compare(key[_RANDOM:], _tag(key[:_RANDOM]))

    def load(self) -> dict[str, Any]:
        """Read the session; one that is over is gone."""
        now = timezone.now()
        row = self._find(now) if self.session_key else None
        if row is None:
            return {}
        if _is_over(row, now):
            row.delete()
            self._session_key = None
            return {}
        self.row = row
        self._note_use(row, now)
        return self.decode(row.session_data)

    def _find(self, now: datetime) -> BrowserSession | None:
        """Read the row, and whether its user is of staff by now; a key that leads nowhere is not used again."""
        rows = BrowserSession.objects.filter(session_key=self.session_key, expire_date__gt=now)
        found = rows.annotate(user_is_staff=F("user__is_staff"), user_is_superuser=F("user__is_superuser")).first()
        if found is None:
            self._session_key = None
        return found

    def _note_use(self, row: BrowserSession, now: datetime) -> None:
        """Write down that it is used, at most once a minute."""
        if row.user_id and now - row.used_at >= USE_EVERY:
            values = {"used_at": now} | ({"address": self.address} if self.address else {})
            BrowserSession.objects.filter(session_key=row.session_key).update(**values)

    def get_session_cookie_age(self) -> int:
        """Answer the seconds that it may last: of staff, what is left of their day."""
        age: int = settings.SESSION_COOKIE_AGE
        if not self.get(_STAFF):
            return age
        spent = timezone.now().timestamp() - float(self.get(_STARTED, 0))
        return max(1, min(age, int(settings.STAFF_SESSION_HOURS * 3600 - spent)))

    def create_model_instance(self, data: dict[str, Any]) -> BrowserSession:
        """Write the row: what the session holds, whose it is, and from where."""
        now, key = timezone.now(), self._get_or_create_session_key()  # type: ignore[attr-defined]
        same = self.row if self.row is not None and self.row.session_key == key else None
        self.row = BrowserSession(
            session_key=key, session_data=self.encode(data), expire_date=self.get_expiry_date(),
            id=same.id if same else new_id(), user_id=parse_id(str(data.get("_auth_user_id", ""))),
            is_staff=bool(data.get(_STAFF)), device=describe_device(self.agent)[:200] or (same.device if same else ""),
            address=self.address[:45] or (same.address if same else ""),
            started_at=datetime.fromtimestamp(data[_STARTED], UTC) if _STARTED in data else now, used_at=now,
        )  # fmt: skip
        return self.row


def _limits() -> tuple[timedelta, timedelta]:
    return timedelta(minutes=settings.STAFF_SESSION_IDLE_MINUTES), timedelta(hours=settings.STAFF_SESSION_HOURS)


def _is_over(row: Any, now: datetime) -> bool:
    """Tell whether a session of staff lasted too long, or lay idle too long.

    Of staff is also who became it after the login, whoever made them so and however.
    """
    idle, whole = _limits()
    is_staff = row.is_staff or row.user_is_staff or row.user_is_superuser
    return bool(is_staff and (now - row.used_at >= idle or now - row.started_at >= whole))


def over(now: datetime) -> Q:
    """Say in SQL which sessions have ended by themselves."""
    idle, whole = _limits()
    staff = Q(is_staff=True) | Q(user__is_staff=True) | Q(user__is_superuser=True)
    return Q(expire_date__lt=now) | (staff & (Q(used_at__lte=now - idle) | Q(started_at__lte=now - whole)))


def note_login(request: Any, user: User, **signal: Any) -> None:
    """Mark a browser's session as this user's, from now on; Django calls it after every login, whoever asks for one.

    :raises SecondFactorRequired: if the second step was left out, so that no page can forget it
    """
    if user.has_second_factor and not getattr(user, "second_factor_passed", False):
        request.session.flush()
        raise SecondFactorRequired(user)
    now, seen = timezone.now(), request.COOKIES.get(COOKIE, "")
    note_arrival(user, device=describe_device(request.META.get("HTTP_USER_AGENT", "")[:500]), seen=seen, now=now)
    request.session[_STARTED] = now.timestamp()
    request.session[_STAFF] = user.is_staff or user.is_superuser
    request.device_seen = remember_account(user, seen)
