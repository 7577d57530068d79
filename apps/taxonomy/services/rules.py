"""What holds for categories and tags alike."""

from __future__ import annotations

from apps.taxonomy.models import SLUG_LENGTH, Category, Tag
from rustok.kernel.errors import Invalid, PreconditionFailed
from rustok.kernel.slugs import slugify

__all__ = ["NoSlug", "TooMany", "check_version", "slug_of"]


class NoSlug(Invalid):
    """No slug can be made of this name; give one."""

    code = "no_slug"


class TooMany(Invalid):
    """There are too many of these."""

    code = "too_many"


def check_version(thing: Category | Tag, expected: int | None) -> None:
    """Refuse to change what somebody changed meanwhile.

    :raises PreconditionFailed: if it is another version than the expected one
    """
    if expected is not None and expected != thing.version:
        raise PreconditionFailed(f"this is version {thing.version}, not {expected}")


def slug_of(name: str) -> str:
    """Make a slug of a name.

    :raises NoSlug: if it has no letter or digit
    """
    slug = slugify(name, max_length=SLUG_LENGTH)
    if not slug:
        raise NoSlug(field="slug")
    return slug
