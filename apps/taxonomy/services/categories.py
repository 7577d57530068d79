"""Growing, moving and cutting the tree of categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, Unpack
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import F, ProtectedError, Value
from django.db.models.functions import Concat, Now, Substr

from apps.taxonomy.events import CategoryCreated, CategoryDeleted, CategoryUpdated
from apps.taxonomy.models import MAX_DEPTH, Category, CategoryTranslation
from apps.taxonomy.services.rules import TooMany, check_version, slug_of
from rustok.kernel.access import Actor, authorize
from rustok.kernel.errors import Conflict, Invalid, NotFound
from rustok.kernel.events import publish
from rustok.kernel.locales import UnknownLocale
from rustok.kernel.tenancy import current_tenant

__all__ = [
    "MAX_CATEGORIES", "CategoryChanges", "CategoryInUse", "create_category", "delete_category", "ensure_category",
    "update_category",
]  # fmt: skip

#: Categories that a tenant may have: the whole tree is read at once.
MAX_CATEGORIES = 2_000

#: `{locale: {"name": …, "description": …}}`; in a change, None takes a locale away.
Translations = Mapping[str, Mapping[str, str] | None]


class NoSuchCategory(NotFound):
    """There is no such category."""

    code = "no_such_category"


class SlugTaken(Conflict):
    """There is a category of this slug at this place."""

    code = "slug_taken"


class NeedsName(Invalid):
    """A category needs a name in at least one locale."""

    code = "needs_name"


class TooDeep(Invalid):
    """The tree has at most eight levels."""

    code = "too_deep"


class UnderItself(Invalid):
    """A category cannot stand under itself."""

    code = "under_itself"


class CategoryInUse(Conflict):
    """Move what is in this category, and the categories under it, somewhere else first."""

    code = "category_in_use"


class CategoryChanges(TypedDict, total=False):
    """What may change in a category; what is left out stays."""

    slug: str
    parent_id: UUID | None
    position: int
    translations: Translations


@transaction.atomic
def create_category(
    *,
    actor: Actor,
    translations: Translations,
    slug: str = "",
    parent_id: UUID | None = None,
    position: int | None = None,
) -> Category:
    """Put a category into the tree, at the end of its siblings if no position is given.

    :raises SlugTaken: if a sibling has the slug
    :raises TooDeep: below the eighth level
    """
    authorize(actor, "categories.create")
    _lock_tree()
    return _create(translations, slug, _find(parent_id, "parent_id") if parent_id else None, position)


@transaction.atomic
def update_category(
    *, actor: Actor, category_id: UUID, expected_version: int | None = None, **changes: Unpack[CategoryChanges]
) -> Category:
    """Rename or move a category; the paths of all under it follow.

    :raises PreconditionFailed: if its version is not the expected one
    :raises UnderItself: if the new parent is the category or stands under it
    """
    _lock_tree()
    category = _find(category_id)
    authorize(actor, "categories.update", category)
    check_version(category, expected_version)
    before = category.path, category.depth
    category.slug = changes.get("slug") or category.slug
    category.position = changes.get("position", category.position)
    category.stand_under(_new_parent(category, changes))
    if (category.path, category.depth) != before:
        _carry_along(category, *before)
    category.version += 1
    _save(category)
    _write_words(category, changes.get("translations", {}))
    publish(CategoryUpdated(category_id=category.pk, path=category.path), aggregate=category)
    return category


@transaction.atomic
def delete_category(*, actor: Actor, category_id: UUID, expected_version: int | None = None) -> None:
    """Take an empty category out of the tree.

    :raises CategoryInUse: if something is in it or under it
    """
    _lock_tree()
    category = _find(category_id)
    authorize(actor, "categories.delete", category)
    check_version(category, expected_version)
    publish(CategoryDeleted(category_id=category.pk, path=category.path), aggregate=category)
    try:
        category.delete()
    except ProtectedError:
        raise CategoryInUse(category.path) from None


def ensure_category(*, actor: Actor, path: Sequence[str], locale: str) -> UUID:
    """Find the category that these names lead to from the root, making what is missing; answer its id.

    :raises TooDeep: for more than eight names
    :raises NoSlug: if a name has no letter or digit
    """
    if not 1 <= len(path) <= MAX_DEPTH:
        raise TooDeep(f"{len(path)} levels", field="path")
    slugs = [slug_of(name) for name in path]
    found = Category.objects.filter(path="/".join(slugs)).first()
    return found.pk if found else _grow(actor, path, slugs, locale)


@transaction.atomic
def _grow(actor: Actor, names: Sequence[str], slugs: Sequence[str], locale: str) -> UUID:
    authorize(actor, "categories.create")
    _lock_tree()
    at: Category | None = None
    for level, name in enumerate(names):
        standing = Category.objects.filter(path="/".join(slugs[: level + 1])).first()
        at = standing or _create({locale: {"name": name}}, slugs[level], at, None)
    assert at is not None
    return at.pk


def _create(translations: Translations, slug: str, parent: Category | None, position: int | None) -> Category:
    if Category.objects.count() >= MAX_CATEGORIES:
        raise TooMany(f"a shop has at most {MAX_CATEGORIES} categories")
    category = Category(slug=slug or slug_of(_name_of(translations)))
    category.stand_under(parent)
    siblings = Category.objects.filter(parent=parent)
    category.position = siblings.count() if position is None else position
    _save(category)
    _write_words(category, translations)
    publish(CategoryCreated(category_id=category.pk, path=category.path), aggregate=category)
    return category


def _lock_tree() -> None:
    """Let one transaction at a time change the tree; readers and products are not held up."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE taxonomy_category IN SHARE ROW EXCLUSIVE MODE")


def _find(category_id: UUID, field: str | None = None) -> Category:
    category = Category.objects.filter(pk=category_id).first()
    if category is None and field:
        raise Invalid("there is no such category", field=field)
    if category is None:
        raise NoSuchCategory()
    return category


def _new_parent(category: Category, changes: CategoryChanges) -> Category | None:
    if "parent_id" not in changes:
        return category.parent
    parent = _find(changes["parent_id"], "parent_id") if changes["parent_id"] else None
    if parent and (parent.path == category.path or parent.path.startswith(f"{category.path}/")):
        raise UnderItself(field="parent_id")
    return parent


def _carry_along(category: Category, old_path: str, old_depth: int) -> None:
    """Give all that is under a moved category its new path and depth."""
    under = Category.objects.filter(path__startswith=f"{old_path}/")
    deeper = category.depth - old_depth
    lowest = under.order_by("-depth").values_list("depth", flat=True).first() or old_depth
    if lowest + deeper > MAX_DEPTH:
        raise TooDeep(field="parent_id")
    rest = Substr("path", len(old_path) + 1)
    under.update(
        path=Concat(Value(category.path), rest),
        depth=F("depth") + deeper,
        version=F("version") + 1,
        updated_at=Now(),
    )


def _save(category: Category) -> None:
    if category.depth > MAX_DEPTH:
        raise TooDeep(field="parent_id")
    try:
        with transaction.atomic():
            category.save()
    except IntegrityError:
        raise SlugTaken(category.path, field="slug") from None


def _name_of(translations: Translations) -> str:
    """Answer the name in the tenant's default locale, or in any."""
    preferred = translations.get(current_tenant().default_locale)
    words = preferred or next((words for words in translations.values() if words), None)
    if not words or not words.get("name", "").strip():
        raise NeedsName(field="translations")
    return words["name"]


def _write_words(category: Category, translations: Translations) -> None:
    """Write the locales that are named, take away those that are None, keep the others."""
    _check_locales(translations)
    gone = [locale for locale, words in translations.items() if words is None]
    category.translations.filter(locale__in=gone).delete()
    standing = {row.locale: row for row in category.translations.all()}
    for locale, words in translations.items():
        if words is not None:
            row = standing.setdefault(locale, CategoryTranslation(category=category, locale=locale))
            row.name = words.get("name", row.name).strip()
            row.description = words.get("description", row.description)
    if not standing or not all(row.name for row in standing.values()):
        raise NeedsName(field="translations")
    CategoryTranslation.objects.bulk_create(
        [row for locale, row in standing.items() if locale in translations],
        update_conflicts=True,
        unique_fields=["category", "locale"],
        update_fields=["name", "description", "updated_at"],
    )


def _check_locales(translations: Mapping[str, Any]) -> None:
    offered = current_tenant().locales
    for locale in translations:
        if locale not in offered:
            raise UnknownLocale(f"{locale} is not one of {', '.join(offered)}", field=f"translations.{locale}")
