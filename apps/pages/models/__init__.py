"""Pages and their blocks."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rustok.kernel.attributes import Date, Id, Text
from rustok.kernel.audit import Audited
from rustok.kernel.models import Entity, LocaleField

__all__ = ["MAX_BLOCKS", "TYPE_NAMES", "Block", "Page"]

#: What editors call the types.
TYPE_NAMES = {"hero": _("Opening"), "text": _("Text"), "image": _("Image"), "product_grid": _("Products")}
#: The most blocks that a page has in one language.
MAX_BLOCKS = 50


class Page(Entity):
    """A node at a path; it has its node's id, and its node's version counts its changes."""

    #: Under which resource one can be shared by name; the grants stand on its node.
    shared_as = "pages"
    shared_through = "node"

    owner_field = "node__author_id"
    policy_resources = ("pages",)
    policy_attributes = {
        "author": Id("node__author_id", _("compare it with subject.id")),
        "author_name": Text("node__author_name"),
        "created": Date("node__created_at"),
        "path": Text("path"),
    }

    audited = Audited(part_of="node")

    node = models.OneToOneField("content.Node", on_delete=models.CASCADE, related_name="+")
    path = models.CharField(_("path"), max_length=200, unique=True)

    class Meta:
        verbose_name = _("page")
        verbose_name_plural = _("pages")
        ordering = ("path",)
        constraints = [models.CheckConstraint(condition=Q(id=F("node_id")), name="pages_page_is_its_node")]

    def __str__(self) -> str:
        return f"/{self.path}/"

    @property
    def translations(self) -> Any:
        """Answer its node's words."""
        return self.node.translations

    @property
    def version(self) -> int:
        """Answer its node's version."""
        return int(self.node.version)


class Block(Entity):
    """One part of a page in one language; `data` is what `blocks.py` defines for its type."""

    audited = Audited(part_of="page")

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="blocks")
    locale = LocaleField()
    position = models.PositiveSmallIntegerField(_("position"))
    type = models.CharField(_("type"), max_length=32, choices=list(TYPE_NAMES.items()))
    data = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        ordering = ("locale", "position")
        constraints = [
            models.UniqueConstraint(fields=["page", "locale", "position"], name="pages_block_position"),
            models.CheckConstraint(condition=Q(position__lt=MAX_BLOCKS), name="pages_block_bound"),
        ]

    def __str__(self) -> str:
        said = self.data.get("title") or self.data.get("body") or self.data.get("caption") or ""
        name = str(self.get_type_display())
        return f"{name} · {said[:60]}" if said else name
