"""Django's way to the mailbox: EMAIL_URL=file:///folder."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from rustok.kernel.tenancy import current_tenant
from rustok.mailbox import store

__all__ = ["MailboxBackend"]


class MailboxBackend(BaseEmailBackend):
    """Keeps mails as files of the current tenant."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep them; answer how many there were."""
        for message in email_messages:
            store.keep(current_tenant().slug, message.message().as_bytes())
        return len(email_messages)
