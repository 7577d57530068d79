"""What a checkout was asked and what it answered, so that asking again changes nothing."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rustok.kernel.models import Entity

__all__ = ["IdempotencyKey"]


class IdempotencyKey(Entity):
    """One attempt to complete a cart, under the key that the client chose."""

    cart_id = models.UUIDField()
    key = models.CharField(_("key"), max_length=255)
    #: SHA-256 of the request, so that another request under the same key is refused.
    request_hash = models.CharField(max_length=64)
    order_id = models.UUIDField()
    payment_id = models.UUIDField(unique=True)
    #: The answer, letter by letter; nothing until the payment provider was asked.
    status = models.PositiveSmallIntegerField(null=True)
    response = models.TextField(null=True)

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=["cart_id", "key"], name="commerce_key_once_a_cart"),
            models.CheckConstraint(
                condition=Q(status__isnull=True, response__isnull=True)
                | Q(status__isnull=False, response__isnull=False),
                name="commerce_answer_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.key
