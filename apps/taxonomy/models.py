"""Categories and tags of one tenant."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rustok.kernel.attributes import Number, Text
from rustok.kernel.audit import Audited
from rustok.kernel.models import Entity, EntityManager, EntityQuerySet, TranslationRow

__all__ = ["MAX_DEPTH", "Category", "CategoryTranslation", "Tag"]

#: Levels of the tree; with it a path and a breadcrumb are bounded.
MAX_DEPTH = 8
SLUG_LENGTH = 80


class CategoryQuerySet(EntityQuerySet["Category"]):
    """Ways to choose categories."""

    def below(self, path: str) -> CategoryQuerySet:
        """Keep the category of that path and all that are under it."""
        return self.filter(Q(path=path) | Q(path__startswith=f"{path}/"))

    def tree_order(self) -> CategoryQuerySet:
        """Order so that parents come before children and siblings stand as they were arranged."""
        return self.order_by("depth", "position", "path")


class Category(Entity):  # type: ignore[django-manager-missing]
    """A place in the tree; `path` is the slugs from the root down, as in the storefront's URL."""

    #: Under which resource one can be shared by name.
    shared_as = "categories"

    policy_resources = ("categories",)
    policy_attributes = {
        "slug": Text("slug"),
        "path": Text("path"),
        "depth": Number("depth"),
        "parent": Text("parent__slug", _("the short name of the category above")),
    }

    audited = Audited()

    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    slug = models.CharField(_("slug"), max_length=SLUG_LENGTH)
    path = models.CharField(_("path"), max_length=MAX_DEPTH * (SLUG_LENGTH + 1), unique=True)
    depth = models.PositiveSmallIntegerField(_("depth"), default=1)
    position = models.PositiveIntegerField(_("position"), default=0)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = EntityManager.from_queryset(CategoryQuerySet)()  # type: ignore[misc]

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ("path",)
        indexes = [models.Index(fields=["path"], name="taxonomy_below", opclasses=["varchar_pattern_ops"])]
        constraints = [
            models.CheckConstraint(condition=Q(slug__regex=r"^[a-z0-9]+(-[a-z0-9]+)*$"), name="taxonomy_category_slug"),
            models.CheckConstraint(condition=Q(depth__gte=1, depth__lte=MAX_DEPTH), name="taxonomy_category_depth"),
            models.CheckConstraint(condition=~Q(parent=models.F("id")), name="taxonomy_category_not_own_parent"),
            models.CheckConstraint(
                condition=Q(parent=None, depth=1) | Q(parent__isnull=False, depth__gt=1), name="taxonomy_category_root"
            ),
        ]

    def __str__(self) -> str:
        return self.path

    def stand_under(self, parent: Category | None) -> None:
        """Take the path and depth that follow from the slug and the parent."""
        self.parent = parent
        self.path = f"{parent.path}/{self.slug}" if parent else self.slug
        self.depth = parent.depth + 1 if parent else 1


class CategoryTranslation(TranslationRow):
    """What a category is called in one locale."""

    audited = Audited(part_of="category")

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="translations")
    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(_("description"), max_length=5_000, blank=True)

    class Meta:
        verbose_name = _("translation")
        verbose_name_plural = _("translations")
        constraints = [models.UniqueConstraint(fields=["category", "locale"], name="taxonomy_category_locale")]

    def __str__(self) -> str:
        return f"{self.name} ({self.locale})"


class Tag(Entity):
    """A free word; its slug never changes, because filters and bookmarks use it."""

    policy_resources = ("categories",)
    policy_attributes = {
        "slug": Text("slug"),
    }

    audited = Audited()

    slug = models.CharField(_("slug"), max_length=SLUG_LENGTH, unique=True)
    name = models.CharField(_("name"), max_length=80)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ("slug",)
        constraints = [
            models.CheckConstraint(condition=Q(slug__regex=r"^[a-z0-9]+(-[a-z0-9]+)*$"), name="taxonomy_tag_slug")
        ]

    def __str__(self) -> str:
        return self.name
