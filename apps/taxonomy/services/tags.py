"""Writing tags."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from apps.taxonomy.models import Tag
from apps.taxonomy.services.rules import TooMany, check_version, slug_of
from rustok.kernel.access import Actor, authorize
from rustok.kernel.errors import Conflict, NotFound
from rustok.kernel.ids import new_id

__all__ = ["MAX_TAGS", "TagInUse", "create_tag", "delete_tag", "ensure_tags", "update_tag"]

#: Tags in one call.
MAX_TAGS = 250


class NoSuchTag(NotFound):
    """There is no such tag."""

    code = "no_such_tag"


class TagTaken(Conflict):
    """There is a tag of this slug."""

    code = "tag_taken"


class TagInUse(Conflict):
    """Something still has this tag."""

    code = "tag_in_use"


def ensure_tags(*, actor: Actor, names: Sequence[str]) -> list[UUID]:
    """Find tags by their names, making those that are missing; answer their ids, without repetition.

    :raises NoSlug: if a name has no letter or digit
    """
    if len(names) > MAX_TAGS:
        raise TooMany(f"at most {MAX_TAGS} tags at once", field="tags")
    wanted = {slug_of(name): name.strip()[:80] for name in reversed(names)}
    found = _tag_ids(list(wanted))
    missing = [slug for slug in wanted if slug not in found]
    if missing:
        authorize(actor, "categories.create")
        rows = [Tag(id=new_id(), slug=slug, name=wanted[slug]) for slug in sorted(missing)]
        Tag.objects.bulk_create(rows, ignore_conflicts=True)
        found = _tag_ids(list(wanted))
    return [found[slug] for slug in dict.fromkeys(slug_of(name) for name in names)]


def _tag_ids(slugs: Sequence[str]) -> dict[str, UUID]:
    return dict(Tag.objects.filter(slug__in=slugs).values_list("slug", "pk"))


@transaction.atomic
def create_tag(*, actor: Actor, name: str, slug: str = "") -> Tag:
    """Make a tag.

    :raises TagTaken: if there is one of this slug
    """
    authorize(actor, "categories.create")
    tag = Tag(name=name.strip(), slug=slug or slug_of(name))
    try:
        with transaction.atomic():
            tag.save(force_insert=True)
    except IntegrityError:
        raise TagTaken(tag.slug, field="slug") from None
    return tag


@transaction.atomic
def update_tag(*, actor: Actor, tag_id: UUID, name: str, expected_version: int | None = None) -> Tag:
    """Rename a tag; its slug stays."""
    tag = _find_tag(tag_id)
    authorize(actor, "categories.update", tag)
    check_version(tag, expected_version)
    tag.name, tag.version = name.strip(), tag.version + 1
    tag.save()
    return tag


@transaction.atomic
def delete_tag(*, actor: Actor, tag_id: UUID, expected_version: int | None = None) -> None:
    """Delete a tag that nothing has.

    :raises TagInUse: if something has it
    """
    tag = _find_tag(tag_id)
    authorize(actor, "categories.delete", tag)
    check_version(tag, expected_version)
    try:
        tag.delete()
    except ProtectedError:
        raise TagInUse(tag.slug) from None


def _find_tag(tag_id: UUID) -> Tag:
    tag = Tag.objects.select_for_update().filter(pk=tag_id).first()
    if tag is None:
        raise NoSuchTag()
    return tag
