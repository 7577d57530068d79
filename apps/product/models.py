"""The catalogue of one tenant. A product is one aggregate: every change to a part of it counts its version up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

from django.core.validators import URLValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rustok.kernel.attributes import Date, Text
from rustok.kernel.audit import Audited
from rustok.kernel.models import Entity, EntityManager, EntityQuerySet, TranslationRow

__all__ = [
    "MAX_IMAGES", "MAX_OPTIONS", "MAX_VALUES", "MAX_VARIANTS", "Collection", "CollectionItem", "CollectionTranslation",
    "Option", "OptionTranslation", "OptionValue", "OptionValueTranslation", "Product", "ProductImage", "ProductLink",
    "ProductTag", "ProductTranslation", "Variant", "VariantValue", "combination_of",
]  # fmt: skip

MAX_OPTIONS = 5
MAX_VALUES = 100
MAX_VARIANTS = 250
MAX_IMAGES = 50
_HANDLE = r"^[a-z0-9]+(-[a-z0-9]+)*$"


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
            models.CheckConstraint(condition=Q(handle__regex=_HANDLE), name="product_handle"),
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


# --- options and variants -----------------------------------------------------------------------------------------


class Option(Entity):
    """Something to choose, such as Size; the name is in the tenant's default locale."""

    audited = Audited(part_of="product")

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="options")
    name = models.CharField(_("name"), max_length=60)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("option")
        verbose_name_plural = _("options")
        ordering = ("position",)
        constraints = [models.UniqueConstraint(fields=["product", "name"], name="product_option_name")]

    def __str__(self) -> str:
        return self.name


class OptionTranslation(TranslationRow):
    """The name of an option in another locale."""

    audited = Audited(part_of="option", inserts="none")

    option = models.ForeignKey(Option, on_delete=models.CASCADE, related_name="translations")
    name = models.CharField(_("name"), max_length=60)

    class Meta:
        verbose_name = _("translation")
        verbose_name_plural = _("translations")
        constraints = [models.UniqueConstraint(fields=["option", "locale"], name="product_option_locale")]

    def __str__(self) -> str:
        return f"{self.name} ({self.locale})"


class OptionValue(Entity):
    """One answer to an option, such as M; in the tenant's default locale."""

    audited = Audited(part_of="option", label="value")

    option = models.ForeignKey(Option, on_delete=models.CASCADE, related_name="values")
    value = models.CharField(_("value"), max_length=80)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("value")
        verbose_name_plural = _("values")
        ordering = ("position",)
        constraints = [models.UniqueConstraint(fields=["option", "value"], name="product_option_value")]

    def __str__(self) -> str:
        return self.value


class OptionValueTranslation(TranslationRow):
    """A value in another locale."""

    audited = Audited(part_of="value", inserts="none")

    value = models.ForeignKey(OptionValue, on_delete=models.CASCADE, related_name="translations")
    text = models.CharField(_("value"), max_length=80)

    class Meta:
        verbose_name = _("translation")
        verbose_name_plural = _("translations")
        constraints = [models.UniqueConstraint(fields=["value", "locale"], name="product_value_locale")]

    def __str__(self) -> str:
        return f"{self.text} ({self.locale})"


class Variant(Entity):
    """What is put into a cart: one combination of the product's options."""

    #: Who was let do something to the product may do it to its variants.
    shared_through = "product"

    policy_resources = ("products",)
    policy_attributes = {
        "vendor": Text("product__vendor"),
        "status": Text("product__status", _("draft, active or archived")),
        "kind": Text("product__kind", _("physical, digital, external or grouped")),
        "category": Text("product__category__slug", _("the short name of the category")),
        "handle": Text("product__handle"),
        "sku": Text("sku"),
    }

    audited = Audited(part_of="product")

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    sku = models.CharField(_("SKU"), max_length=64, unique=True)
    #: The chosen values, "M / Red"; empty for the only variant of a product without options.
    title = models.CharField(_("title"), max_length=420, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    weight_g = models.PositiveIntegerField(_("weight (g)"), null=True, blank=True)
    barcode = models.CharField(_("barcode"), max_length=32, blank=True)
    requires_shipping = models.BooleanField(_("is shipped"), default=True)
    is_active = models.BooleanField(_("on offer"), default=True)
    #: Fingerprint of the chosen values: no two variants of a product are the same choice.
    combination = models.CharField(max_length=32, blank=True, editable=False)

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["product", "combination"], name="product_variant_combination"),
            models.CheckConstraint(condition=~Q(sku=""), name="product_variant_sku_not_empty"),
        ]

    def __str__(self) -> str:
        return self.sku


class VariantValue(Entity):
    """The value that a variant has for one option."""

    audited = Audited(part_of="variant", label="value", inserts="none")

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="choices")
    option = models.ForeignKey(Option, on_delete=models.CASCADE, related_name="+")
    value = models.ForeignKey(OptionValue, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("choice")
        verbose_name_plural = _("choices")
        constraints = [models.UniqueConstraint(fields=["variant", "option"], name="product_variant_option")]

    def __str__(self) -> str:
        return str(self.value_id)


def combination_of(value_ids: Iterable[UUID]) -> str:
    """Answer the fingerprint of a set of option values; empty for none."""
    ordered = sorted(value_id.bytes for value_id in value_ids)
    return blake2b(b"".join(ordered), digest_size=16).hexdigest() if ordered else ""


class ProductImage(Entity):
    """An image of a product, or of one of its variants."""

    audited = Audited(part_of="product", label="asset")

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="images")
    asset = models.ForeignKey("media.Asset", on_delete=models.PROTECT, related_name="+", verbose_name=_("image"))
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, null=True, blank=True, related_name="images")
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("image")
        verbose_name_plural = _("images")
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(
                fields=["product", "asset", "variant"], name="product_image_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return str(self.asset_id)


class ProductLink(Entity):
    """A product that belongs to a group."""

    audited = Audited(part_of="group", label="member")

    group = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="member_links")
    member = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="group_links")
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("member of the group")
        verbose_name_plural = _("members of the group")
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["group", "member"], name="product_link_once"),
            models.CheckConstraint(condition=~Q(group=F("member")), name="product_link_not_itself"),
        ]

    def __str__(self) -> str:
        return str(self.member_id)


# --- collections --------------------------------------------------------------------------------------------------


class Collection(Entity):
    """Products chosen by hand, in an order."""

    #: Under which resource one can be shared by name.
    shared_as = "products"

    audited = Audited()

    handle = models.CharField(_("handle"), max_length=120, unique=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("collection")
        verbose_name_plural = _("collections")
        ordering = ("position", "handle")
        constraints = [models.CheckConstraint(condition=Q(handle__regex=_HANDLE), name="product_collection_handle")]

    def __str__(self) -> str:
        return self.handle


class CollectionTranslation(TranslationRow):
    """What a collection is called in one locale; the description is sanitised HTML."""

    audited = Audited(part_of="collection")

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="translations")
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), max_length=20_000, blank=True)

    class Meta:
        verbose_name = _("translation")
        verbose_name_plural = _("translations")
        constraints = [models.UniqueConstraint(fields=["collection", "locale"], name="product_collection_locale")]

    def __str__(self) -> str:
        return f"{self.title} ({self.locale})"


class CollectionItem(Entity):
    """A product's place in a collection."""

    audited = Audited(part_of="collection", label="product")

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="collection_items")
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("product in the collection")
        verbose_name_plural = _("products in the collection")
        ordering = ("position",)
        constraints = [models.UniqueConstraint(fields=["collection", "product"], name="product_collection_item")]

    def __str__(self) -> str:
        return str(self.product_id)
