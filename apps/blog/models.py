"""What a post has beyond its node."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rustok.kernel.attributes import Bool, Date, Id, Text
from rustok.kernel.audit import Audited
from rustok.kernel.models import Entity

__all__ = ["MAX_TAGS", "Post"]

MAX_TAGS = 20


class Post(Entity):
    """A node in the blog; it has its node's id, and its node's version counts its changes."""

    #: Under which resource one can be shared by name; the grants stand on its node.
    shared_as = "posts"
    shared_through = "node"

    owner_field = "node__author_id"
    policy_resources = ("posts",)
    policy_attributes = {
        "author": Id("node__author_id", _("compare it with subject.id")),
        "author_name": Text("node__author_name"),
        "created": Date("node__created_at"),
        "takes_comments": Bool("takes_comments"),
    }

    audited = Audited(part_of="node")

    node = models.OneToOneField("content.Node", on_delete=models.CASCADE, related_name="+")
    cover = models.ForeignKey(
        "media.Asset", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("cover")
    )
    tags = models.ManyToManyField("taxonomy.Tag", blank=True, related_name="+", verbose_name=_("tags"))
    takes_comments = models.BooleanField(_("takes comments"), default=True)

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        ordering = ("-id",)
        constraints = [models.CheckConstraint(condition=Q(id=F("node_id")), name="blog_post_is_its_node")]

    def __str__(self) -> str:
        return next((str(row.title) for row in self.translations.all()), str(self.pk))

    @property
    def translations(self) -> Any:
        """Answer its node's words."""
        return self.node.translations

    @property
    def version(self) -> int:
        """Answer its node's version."""
        return int(self.node.version)
