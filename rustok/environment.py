"""Reading the environment: a wrong value stops the start with one clear line."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from typing import NoReturn, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

__all__ = ["Environment", "InvalidSetting"]

T = TypeVar("T")

_MAIL = {
    "smtp": "django.core.mail.backends.smtp.EmailBackend",
    "smtps": "django.core.mail.backends.smtp.EmailBackend",
    "file": "rustok.mailbox.backend.MailboxBackend",
    "console": "django.core.mail.backends.console.EmailBackend",
}


def _rate(text: str) -> str:
    if not re.fullmatch(r"[1-9]\d{0,8}/[smhd]", text):
        raise ValueError
    return text


class InvalidSetting(SystemExit):
    """A setting has a value that cannot be used; exits with status 2 and one line."""

    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(f"rustok: {name}={value!r} is not valid: expected {expected}")


class Environment:
    """The process environment, read by type."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self._values = os.environ if values is None else values

    def _read(self, name: str, default: str, read: Callable[[str], T], expected: str) -> T:
        raw = self._values.get(name) or default
        try:
            return read(raw)
        except (ValueError, KeyError):
            raise InvalidSetting(name, raw, expected) from None

    def text(self, name: str, default: str = "") -> str:
        """Read text."""
        return self._values.get(name) or default

    def flag(self, name: str, default: bool) -> bool:
        """Read 1/0, true/false, yes/no, on/off."""
        words = dict.fromkeys(("1", "true", "yes", "on"), True) | dict.fromkeys(("0", "false", "no", "off"), False)
        return self._read(name, "1" if default else "0", lambda raw: words[raw.strip().lower()], "1 or 0")

    def number(self, name: str, default: int, *, low: int, high: int) -> int:
        """Read a whole number between two bounds."""

        def read(raw: str) -> int:
            value = int(raw)
            if not low <= value <= high:
                raise ValueError
            return value

        return self._read(name, str(default), read, f"a whole number from {low} to {high}")

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        """Read one of a few words."""
        return self._read(name, default, lambda raw: choices[choices.index(raw)], " or ".join(choices))

    def rates(self, name: str, default: Mapping[str, str]) -> dict[str, str]:
        """Read how often something may be done: `10/m` for all that it is counted by, or `address=30/m,subject=5/m`."""

        def read(raw: str) -> dict[str, str]:
            if "=" not in raw:
                return dict.fromkeys(default, _rate(raw))
            pairs = dict(pair.strip().split("=", 1) for pair in raw.split(","))
            if not set(pairs) <= set(default):
                raise ValueError
            return dict(default) | {by: _rate(rate) for by, rate in pairs.items()}

        raw = self._values.get(name)
        if not raw:
            return dict(default)
        return self._read(name, raw, read, f"10/m, or {next(iter(default))}=10/m; s, m, h and d are the periods")

    def names(self, name: str, default: str) -> list[str]:
        """Read a comma separated list."""
        return [part.strip() for part in self.text(name, default).split(",") if part.strip()]

    def networks(self, name: str, default: str) -> list[str]:
        """Read networks, such as 10.1.0.0/16, with commas between them."""

        def read(raw: str) -> list[str]:
            return [str(ip_network(part.strip())) for part in raw.split(",") if part.strip()]

        return self._read(name, default, read, "networks such as 10.1.0.0/16")

    def ports(self, name: str, default: str) -> list[int]:
        """Read ports, with commas between them."""

        def read(raw: str) -> list[int]:
            found = [int(part) for part in raw.split(",")]
            if not all(1 <= port <= 65_535 for port in found):
                raise ValueError
            return found

        return self._read(name, default, read, "ports such as 80,443")

    def url(self, name: str, default: str, schemes: tuple[str, ...]) -> str:
        """Read a URL of one of some schemes."""

        def read(raw: str) -> str:
            parts = urlsplit(raw)
            if parts.scheme not in schemes or (not parts.hostname and not parts.path):
                raise ValueError
            _ = parts.port
            return raw

        return self._read(name, default, read, f"a URL starting with {schemes[0]}://")

    def urls(self, name: str, default: str, schemes: tuple[str, ...]) -> list[str]:
        """Read URLs of one of some schemes, with commas between them."""

        def read(raw: str) -> list[str]:
            found = [part.strip() for part in raw.split(",") if part.strip()]
            for parts in map(urlsplit, found):
                if parts.scheme not in schemes or not parts.hostname:
                    raise ValueError
                _ = parts.port
            return found

        return self._read(name, default, read, f"URLs starting with {schemes[0]}:// and commas between them")

    def secrets(self, name: str) -> list[str]:
        """Read secrets with commas between them; each has 32 characters at least, and none is ever shown."""
        found = self.names(name, "")
        if any(len(secret) < 32 for secret in found):
            raise InvalidSetting(name, "…", "secrets of 32 characters at least, with commas between them")
        return found

    def mail(self, name: str, default: str) -> dict[str, object]:
        """Read where mail goes: a server, a folder or the console."""

        def read(raw: str) -> dict[str, object]:
            parts = urlsplit(raw)
            options = parse_qs(parts.query, strict_parsing=bool(parts.query))
            if set(options) - {"starttls"} or (parts.scheme in ("smtp", "smtps") and not parts.hostname):
                raise ValueError
            if parts.scheme == "file" and not parts.path:
                raise ValueError
            return {
                "BACKEND": _MAIL[parts.scheme],
                "HOST": parts.hostname or "",
                "PORT": parts.port or (465 if parts.scheme == "smtps" else 25),
                "USER": unquote(parts.username or ""),
                "PASSWORD": unquote(parts.password or ""),
                "STARTTLS": parts.scheme == "smtp" and options.get("starttls") == ["1"],
                "SSL": parts.scheme == "smtps",
                "FOLDER": unquote(parts.path) if parts.scheme == "file" else "",
            }

        raw = self._values.get(name) or default
        try:
            return read(raw)
        except (ValueError, KeyError):
            hidden = raw.partition(":")[0] + ":…"
            expected = "smtp://user:password@host:587?starttls=1, smtps://host, file:///folder or console:"
            raise InvalidSetting(name, hidden, expected) from None

    def database(self, name: str, default: str) -> dict[str, object]:
        """Read a PostgreSQL URL as Django's connection parameters."""
        parts = urlsplit(self.url(name, default, ("postgres", "postgresql")))
        database = parts.path.lstrip("/")
        if not database:
            raise InvalidSetting(name, parts.geturl(), "postgres://user:password@host:port/database")
        return {
            "NAME": unquote(database),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(parts.port or ""),
        }


def stop(line: str) -> NoReturn:
    """Stop the start with one line."""
    raise SystemExit(f"rustok: {line}")
