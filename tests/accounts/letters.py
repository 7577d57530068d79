"""Mails that a test was sent, and the links in them."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from django.core import mail


def letters(to: str = "", about: str = "") -> list[mail.EmailMultiAlternatives]:
    """List what was sent, oldest first."""
    return [one for one in mail.outbox if (not to or to in one.to) and about in one.subject]


def link_in(letter: mail.EmailMultiAlternatives) -> str:
    """Answer the address behind the button of a mail."""
    return next(url for url in re.findall(r"https?://\S+", str(letter.body)) if "token=" in url)


def token_in(letter: mail.EmailMultiAlternatives) -> str:
    """Answer the secret in the link of a mail."""
    return parse_qs(urlsplit(link_in(letter)).query)["token"][0]


def path_in(letter: mail.EmailMultiAlternatives) -> str:
    """Answer path and query of the link of a mail."""
    parts = urlsplit(link_in(letter))
    return f"{parts.path}?{parts.query}"
