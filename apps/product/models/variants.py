"""Options and what they lead to: variants, and images of them."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.product.models.products import Product
from rustok.kernel.attributes import Text
from rustok.kernel.audit import Audited
from rustok.kernel.models import Entity, TranslationRow

__all__ = [
    "MAX_IMAGES", "MAX_OPTIONS", "MAX_VALUES", "MAX_VARIANTS", "Option", "OptionTranslation", "OptionValue",
    "OptionValueTranslation", "ProductImage", "Variant", "VariantValue", "combination_of",
]  # fmt: skip

MAX_OPTIONS = 5

MAX_VALUES = 100

MAX_VARIANTS = 250

MAX_IMAGES = 50


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
