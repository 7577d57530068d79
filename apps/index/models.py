"""The read tables: one row per thing, locale and (for products) currency, holding the answer itself."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rustok.kernel.models import CurrencyField, Entity, LocaleField, MoneyField

__all__ = ["IndexContent", "IndexProduct", "IndexReading", "IndexRun"]


def _texts(**kwargs: Any) -> ArrayField[Any, Any]:
    return ArrayField(models.TextField(), default=list, **kwargs)


class IndexRow(Entity):
    """What every row of the index has."""

    locale = LocaleField()
    #: The locale that the words are really in.
    resolved_locale = LocaleField()
    title = models.TextField(_("title"))
    tags = _texts()
    published_at = models.DateTimeField(_("published"), null=True)
    #: What "newest" orders by: never null.
    sort_date = models.DateTimeField()
    #: Fingerprint of the whole row, prefixed with the version of its source.
    etag = models.CharField(max_length=48)
    #: The answer, exactly as REST shows it.
    document = models.JSONField()
    search = SearchVectorField()
    #: Fingerprint of the words that `search` was made of: while it stands, they are not parsed again.
    words = models.CharField(max_length=24, default="")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.title} ({self.locale})"


class IndexProduct(IndexRow):
    """A product as one locale and one currency see it."""

    product_id = models.UUIDField()
    currency = CurrencyField()
    version = models.BigIntegerField(default=0)
    handle = models.TextField()
    status = models.CharField(_("status"), max_length=16)
    vendor = models.TextField(_("vendor"), blank=True)
    #: The category's path and those of all its ancestors.
    category_paths = _texts()
    collections = _texts()
    #: "size:m": lower case, in every locale that the product has.
    option_values = _texts()
    #: "Size:M", as this locale writes it; what facets count.
    option_labels = _texts()
    in_stock = models.BooleanField(_("in stock"), default=False)
    on_sale = models.BooleanField(default=False)
    price_min = MoneyField(null=True)
    price_max = MoneyField(null=True)
    #: Keys of the orders; a product without a price comes last in both directions.
    sort_title = models.TextField(db_collation="C")
    sort_price_low = MoneyField()
    sort_price_high = MoneyField()

    class Meta:
        verbose_name = _("product in the index")
        verbose_name_plural = _("products in the index")
        constraints = [
            models.UniqueConstraint(fields=["product_id", "locale", "currency"], name="index_product_key"),
        ]
        indexes = [
            models.Index(fields=["handle", "locale", "currency"], name="index_product_handle"),
            *(
                models.Index(
                    fields=["locale", "currency", key, "product_id"],
                    condition=Q(status="active"),
                    name=f"index_product_by_{name}",
                )
                for name, key in {
                    "date": "sort_date",
                    "title": "sort_title",
                    "low": "sort_price_low",
                    "high": "sort_price_high",
                }.items()
            ),
            GinIndex(fields=["category_paths", "collections", "tags", "option_values"], name="index_product_arrays"),
            GinIndex(fields=["search"], name="index_product_search"),
        ]


class IndexContent(IndexRow):
    """A page, post or other node as one locale sees it."""

    node_id = models.UUIDField()
    kind = models.CharField(max_length=16)
    slug = models.TextField(blank=True)
    path = models.TextField(blank=True)
    excerpt = models.TextField(blank=True)

    class Meta:
        verbose_name = _("content in the index")
        verbose_name_plural = _("contents in the index")
        constraints = [models.UniqueConstraint(fields=["node_id", "locale"], name="index_content_key")]
        indexes = [
            models.Index(fields=["kind", "locale", "sort_date", "node_id"], name="index_content_by_date"),
            models.Index(fields=["kind", "locale", "slug"], name="index_content_slug"),
            models.Index(fields=["kind", "locale", "path"], name="index_content_path"),
            GinIndex(fields=["tags"], name="index_content_tags"),
            GinIndex(fields=["search"], name="index_content_search"),
        ]


class IndexReading(models.Model):
    """The last reading of a source whose rows were written; also of what is gone since.

    Readings are numbered before they begin. Who began later saw all that those before it had to see, so the highest
    number wins, and nobody has to wait while others read.
    """

    kind = models.CharField(max_length=16)
    key = models.UUIDField()
    number = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="index_reading_key")]


class IndexRun(Entity):
    """A rebuild, and how far it came: the next one goes on where this one stopped."""

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")

    kind = models.CharField(max_length=16)
    state = models.CharField(max_length=16, choices=State, default=State.RUNNING)
    #: The last key that is done.
    reached = models.UUIDField(null=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        verbose_name = _("rebuild of the index")
        verbose_name_plural = _("rebuilds of the index")
        constraints = [
            models.UniqueConstraint(fields=["kind"], condition=Q(state="running"), name="index_one_run_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.done}/{self.total}"
