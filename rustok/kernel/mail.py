"""Mail of one tenant: `templates/mail/<name>/<locale>.txt`, from which the text and the HTML part are both made.

A template is written once, in plain words:

    Subject: A new password for {{ shop }}
    # A new password
    Somebody asked for a new password for your account.
    [Choose a password]({{ link }})
    ~ If it was not you, nothing changes.

A line that begins with `#` is the heading, a link in a line of its own is the button, `~` begins small print; blank
lines part paragraphs. Values are one line of text each, so that none of them can add a line, a link or a header.
"""

from __future__ import annotations

import re
import smtplib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import formataddr, parseaddr
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context, Engine
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format

from rustok.kernel import links
from rustok.kernel.colour import ink_on
from rustok.kernel.events import Permanent
from rustok.kernel.tenancy import current_tenant

__all__ = ["Undeliverable", "send"]

ACCENT = "#3451b2"
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_BUTTON = re.compile(r"\[([^\[\]]+)\]\((https?://[^\s()]+)\)")


class Undeliverable(Permanent):
    """The recipient's server refuses this mail for good: no use in trying again."""


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a letter."""

    kind: Literal["heading", "text", "button", "small"]
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in one language."""

    subject: str
    blocks: tuple[Block, ...]
    locale: str


def send(template: str, *, to: str, locale: str, context: Mapping[str, object], key: str) -> None:
    """Send a mail in the name of the current tenant, now.

    The language is the wanted one, else the tenant's, else English. `key` is the same for every try of the same mail,
    so that a mailbox which gets it twice can tell.

    :raises Undeliverable: if the recipient's server refuses it for good
    :raises OSError: if it could not be sent now
    """
    letter = _written(template, locale, context)
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=_text(letter),
        from_email=_sender(),
        to=[to],
        headers={
            "Message-ID": f"<{key}@{_host()}>",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "Content-Language": letter.locale,
        },
    )
    message.attach_alternative(_html(letter), "text/html")
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = sorted(code for code, _ in error.recipients.values())
        if codes and codes[0] >= 500:
            raise Undeliverable(f"the recipient's server answered {codes[0]}") from None
        raise
    except smtplib.SMTPDataError as error:
        if error.smtp_code >= 500:
            raise Undeliverable(f"the recipient's server answered {error.smtp_code}") from None
        raise
    except ValueError:
        raise Undeliverable("this is no address that mail can be sent to") from None


# --- words --------------------------------------------------------------------------------------------------------


def _written(template: str, locale: str, context: Mapping[str, object]) -> Letter:
    """Fill in a template in the best language that it has."""
    language, source = _best(template, locale)
    with translation.override(language):
        values = {name: _shown(value) for name, value in context.items()} | {"shop": _one_line(_brand()["name"])}
        rendered = _engine().from_string(source).render(Context(values, autoescape=False))
    first, _, body = rendered.strip().partition("\n")
    return Letter(_one_line(first.removeprefix("Subject:")), tuple(_blocks(body)), language)


def _best(template: str, locale: str) -> tuple[str, str]:
    wanted = [locale, locale.partition("-")[0], current_tenant().default_locale, "en"]
    found = next((one for one in wanted if one and _source(template, one)), None)
    if found is None:
        raise LookupError(f"there is no mail {template!r}")
    return found, _source(template, found)


@lru_cache(maxsize=256)
def _source(template: str, locale: str) -> str:
    """Read a template; empty if it does not exist in that language."""
    if not re.fullmatch(r"[a-z_]+", template) or not re.fullmatch(r"[A-Za-z0-9-]+", locale):
        return ""
    paths = (Path(folder) / "mail" / template / f"{locale}.txt" for folder in _folders())
    return next((path.read_text(encoding="utf-8") for path in paths if path.is_file()), "")


def _folders() -> list[str]:
    folders: Any = settings.TEMPLATES[0]["DIRS"]
    return [str(folder) for folder in folders]


@lru_cache(maxsize=1)
def _engine() -> Engine:
    return Engine(autoescape=False)


def _shown(value: object) -> str:
    """Write a value: a moment as the language does, in the tenant's time zone."""
    if isinstance(value, datetime):
        value = date_format(timezone.localtime(value, ZoneInfo(current_tenant().timezone)), "DATETIME_FORMAT")
    return _one_line(value)


def _one_line(value: object) -> str:
    """Flatten a value: no line breaks, no control characters, and no more than fits."""
    text = "".join(char if char.isprintable() else " " for char in str(value))
    return " ".join(text.split())[:1_000]


def _blocks(body: str) -> list[Block]:
    return [_block(" ".join(part.split())) for part in _parts(body)]


def _parts(body: str) -> list[str]:
    """Split at blank lines; a heading, a button and small print begin a part without one, too."""
    parts: list[list[str]] = [[]]
    for line in map(str.strip, body.splitlines()):
        single = line.startswith("# ") or _BUTTON.fullmatch(line) is not None
        if not line or single or line.startswith("~ "):
            parts.append([])
        if line:
            parts[-1].append(line)
        if single:
            parts.append([])
    return [" ".join(lines) for lines in parts if lines]


def _block(text: str) -> Block:
    if button := _BUTTON.fullmatch(text):
        return Block("button", button[1], button[2])
    if text.startswith("# "):
        return Block("heading", text[2:])
    return Block("small", text[2:]) if text.startswith("~ ") else Block("text", text)


# --- parts --------------------------------------------------------------------------------------------------------


def _text(letter: Letter) -> str:
    parts = [f"{block.text}:\n{block.url}" if block.kind == "button" else block.text for block in letter.blocks]
    return "\n\n".join([*parts, f"-- \n{_one_line(_brand()['name'])}\n{_home()}"]).rstrip() + "\n"


def _html(letter: Letter) -> str:
    accent = _brand()["accent"]
    return render_to_string("mail/layout.html", {
        "letter": letter, "shop": _one_line(_brand()["name"]), "home": _home(),
        "accent": accent, "on_accent": ink_on(accent),
    })  # fmt: skip


def _home() -> str:
    """Answer the tenant's address; nothing if no domain leads to it, which is when it must hear of that."""
    try:
        return links.absolute("/")
    except links.NoAddress:
        return ""


def _host() -> str:
    """Answer what the mail's id is of: the tenant's domain, or else the deployment's."""
    try:
        return links.host()
    except links.NoAddress:
        return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"


def _brand() -> dict[str, str]:
    """Answer what the tenant is called, and its colour."""
    tenant = current_tenant()
    theme: dict[str, Any] = tenant.theme or {}
    accent = str(theme.get("accent", ""))
    return {
        "name": str(theme.get("name") or tenant.name)[:200],
        "accent": accent if _HEX.fullmatch(accent) else ACCENT,
    }


def _sender() -> str:
    """Answer the deployment's address under the tenant's name."""
    _, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return formataddr((_one_line(_brand()["name"]), address))
