"""Menus, their items and their labels."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rustok.kernel.audit import Audited
from rustok.kernel.models import Entity, TranslationRow

__all__ = ["MAX_DEPTH", "MAX_ITEMS", "Location", "Menu", "MenuItem", "MenuItemTranslation"]

MAX_ITEMS = 100
MAX_DEPTH = 3


class Location(models.TextChoices):
    """Where a menu stands."""

    HEADER = "header", _("header")
    FOOTER = "footer", _("footer")
    SIDEBAR = "sidebar", _("sidebar")
    MOBILE = "mobile", _("mobile")


class Menu(Entity):
    """The menu of one location."""

    audited = Audited(label="location")

    location = models.CharField(pgettext_lazy("of a menu", "location"), max_length=16, choices=Location, unique=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("menu")
        verbose_name_plural = _("menus")
        ordering = ("location",)
        constraints = [
            models.CheckConstraint(condition=Q(location__in=Location.values), name="navigation_location_is_known")
        ]

    def __str__(self) -> str:
        return str(self.get_location_display())


class MenuItem(Entity):
    """One entry: it leads to a page of ours, or to an address."""

    audited = Audited(part_of="menu", label="url")

    menu = models.ForeignKey(Menu, on_delete=models.CASCADE, related_name="items")
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="children")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    url = models.CharField(_("address"), max_length=500, blank=True)
    page = models.ForeignKey(
        "pages.Page", on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("page")
    )

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        ordering = ("position", "id")
        constraints = [
            models.CheckConstraint(condition=Q(url="") | Q(page=None), name="navigation_one_destination"),
            models.CheckConstraint(condition=~Q(parent=models.F("id")), name="navigation_not_own_parent"),
        ]

    def __str__(self) -> str:
        return self.url or str(self.pk)


class MenuItemTranslation(TranslationRow):
    """What an item is called in one language."""

    audited = Audited(part_of="item")

    item = models.ForeignKey(MenuItem, on_delete=models.CASCADE, related_name="translations")
    label = models.CharField(_("label"), max_length=80)

    class Meta:
        verbose_name = _("label")
        verbose_name_plural = _("labels")
        ordering = ("locale",)
        constraints = [models.UniqueConstraint(fields=["item", "locale"], name="navigation_label_locale")]

    def __str__(self) -> str:
        return f"{self.label} ({self.locale})"
