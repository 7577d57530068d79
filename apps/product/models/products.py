"""Products: one is an aggregate, and every change to a part of it counts its version up."""

from __future__ import annotations

from datetime import datetime

from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rustok.kernel.attributes import Date, Text
from rustok.kernel.audit import Audited
from rustok.kernel.models import Entity, EntityManager, EntityQuerySet, TranslationRow

__all__ = ["HANDLE", "Product", "ProductTag", "ProductTranslation"]

#: What a handle may be, to PostgreSQL.
HANDLE = r"^[a-z0-9]+(-[a-z0-9]+)*$"


class ProductQuerySet(EntityQuerySet["Product"]):
    """Ways to choose products."""

    def on_sale(self) -> ProductQuerySet:
        """Keep what visitors may see."""
        return self.filter(status=Product.Status.ACTIVE)


class Product(Entity):
    """Something the shop offers, in one or more variants."""

    #: Under which resource one can be shared by name.
    shared_as = "products"

    policy_resources = ("products",)
    policy_attributes = {
        "vendor": Text("vendor"),
        "status": Text("status", _("draft, active or archived")),
        "kind": Text("kind", _("physical, digital, external or grouped")),
        "category": Text("category__slug", _("the short name of the category")),
        "handle": Text("handle"),
        "published": Date("published_at"),
        "created": Date("created_at"),
    }

    audited = Audited()

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        ACTIVE = "active", _("active")
        ARCHIVED = "archived", _("archived")

    class Kind(models.TextChoices):
        PHYSICAL = "physical", _("physical")
        DIGITAL = "digital", _("digital")
        EXTERNAL = "external", _("sold elsewhere")
        GROUPED = "grouped", _("group of products")

    handle = models.CharField(_("handle"), max_length=120, unique=True)
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.DRAFT)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind, default=Kind.PHYSICAL)
    vendor = models.CharField(_("vendor"), max_length=120, blank=True)
    category = models.ForeignKey(
        "taxonomy.Category",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category"),
    )
    tags = models.ManyToManyField(
        "taxonomy.Tag", through="ProductTag", blank=True, related_name="+", verbose_name=_("tags")
    )
    external_url = models.CharField(
        _("address elsewhere"), max_length=500, blank=True, validators=[URLValidator(schemes=["http", "https"])]
    )
    button_text = models.CharField(_("text of the button"), max_length=60, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)

    objects = EntityManager.from_queryset(ProductQuerySet)()  # type: ignore[misc]

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["status", "-id"], name="product_by_status"),
            models.Index(fields=["vendor", "-id"], name="product_by_vendor"),
            models.Index(fields=["-updated_at", "-id"], name="product_by_change"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(handle__regex=HANDLE), name="product_handle"),
            models.CheckConstraint(condition=Q(status__in=["draft", "active", "archived"]), name="product_status"),
            models.CheckConstraint(
                condition=Q(kind__in=["physical", "digital", "external", "grouped"]), name="product_kind"
            ),
        ]

    def __str__(self) -> str:
        return self.handle

    @property
    def is_on_sale(self) -> bool:
        """Tell whether visitors see it."""
        return self.status == self.Status.ACTIVE

    def mark_published(self, *, at: datetime) -> None:
        """Put it on sale; the first time is remembered."""
        self.status = self.Status.ACTIVE
        self.published_at = self.published_at or at


class ProductTranslation(TranslationRow):
    """What one locale says of a product; the description is sanitised HTML."""

    audited = Audited(part_of="product")

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="translations")
    title = models.CharField(_("title"), max_length=200)
    subtitle = models.CharField(_("subtitle"), max_length=300, blank=True)
    description = models.TextField(_("description"), max_length=100_000, blank=True)
    seo_title = models.CharField(_("title for search engines"), max_length=200, blank=True)
    seo_description = models.CharField(_("description for search engines"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("translation")
        verbose_name_plural = _("translations")
        constraints = [
            models.UniqueConstraint(fields=["product", "locale"], name="product_locale"),
            models.CheckConstraint(condition=~Q(title=""), name="product_title_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.locale})"


class ProductTag(Entity):
    """A tag of a product; a tag that is in use is not deleted."""

    audited = Audited(part_of="product", label="tag")

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="tag_links")
    tag = models.ForeignKey("taxonomy.Tag", on_delete=models.PROTECT, related_name="+", verbose_name=_("tag"))

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        constraints = [models.UniqueConstraint(fields=["product", "tag"], name="product_tag_once")]

    def __str__(self) -> str:
        return str(self.tag_id)
