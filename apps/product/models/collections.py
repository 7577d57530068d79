"""Products together: groups that are sold as one, and collections."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.product.models.products import HANDLE, Product
from rustok.kernel.audit import Audited
from rustok.kernel.models import Entity, TranslationRow

__all__ = ["Collection", "CollectionItem", "CollectionTranslation", "ProductLink"]


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
        constraints = [models.CheckConstraint(condition=Q(handle__regex=HANDLE), name="product_collection_handle")]

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
