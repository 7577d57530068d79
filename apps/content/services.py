"""Writing nodes: creating, changing, publishing, deleting."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.accounts.public import find_user
from apps.content.events import NodeCreated, NodeDeleted, NodePublished, NodeUnpublished, NodeUpdated
from apps.content.models import RESOURCES, Kind, Node, NodeTranslation
from apps.content.selectors import TEXT_FIELDS, UnknownKind, require_kind
from rustok.kernel.access import Actor, authorize
from rustok.kernel.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, PreconditionFailed
from rustok.kernel.events import publish
from rustok.kernel.ids import new_id
from rustok.kernel.locales import UnknownLocale
from rustok.kernel.slugs import SLUG, slugify
from rustok.kernel.tenancy import current_tenant

__all__ = [
    "begin_node", "check_locale", "create_node", "delete_node", "lock_node", "publish_node", "register_kind",
    "signature", "unpublish_node", "update_node",
]  # fmt: skip

#: Locale → field → text, as `inputs.TextsField` answers it; None takes a language away.
Texts = Mapping[str, Mapping[str, str] | None]
SLUG_LENGTH = 120
#: Characters that a field may have.
LIMITS = {"title": 200, "slug": SLUG_LENGTH, "excerpt": 500, "body": 100_000, "seo_title": 200, "seo_description": 320}


_SLUG = re.compile(SLUG)


class NoText(Invalid):
    """A node needs a title in at least one language."""

    code = "no_text"


class SlugTaken(Conflict):
    """Another one has this slug in this language."""

    code = "slug_taken"


class NotTranslated(NotFound):
    """It has no text in this language."""

    code = "not_translated"


class DateToCome(Invalid):
    """A date of publication lies in the past."""

    code = "date_to_come"


class ForeignAuthor(Forbidden):
    """Only editors may write under another name."""

    code = "foreign_author"


def check_locale(locale: str, field: str = "locale") -> str:
    """Answer the locale if the tenant has it.

    :raises UnknownLocale: if not
    """
    tenant = current_tenant()
    if locale not in tenant.locales:
        raise UnknownLocale(f"{locale[:35]} is not one of {', '.join(tenant.locales)}", field=field)
    return locale


def signature(actor: Actor) -> str:
    """Answer the name that an actor writes under; never the address."""
    user = find_user(actor.id) if actor.id else None
    return user.name if user and user.name else "Member" if user else ""


# --- kinds ------------------------------------------------------------------------------------------------------

#: Gives a new node what its kind needs, in the transaction that creates it; refuses if that cannot be.
Extend = Callable[[Actor, Node], Any]
_extensions: dict[str, Extend] = {}


def register_kind(kind: str, function: Extend) -> None:
    """Let a module say what belongs to a node that was begun without it."""
    _extensions[Kind(kind)] = function


@transaction.atomic
def begin_node(*, actor: Actor, kind: str, translations: Texts, now: datetime, publish_at: datetime | None) -> Node:
    """Create a node over the general edge (`nodes/`, `nodeCreate`), complete with what its kind needs."""
    node = create_node(actor=actor, kind=kind, translations=translations, now=now, publish_at=publish_at)
    if kind in _extensions:
        _extensions[kind](actor, node)
    return node


# --- creating and changing ----------------------------------------------------------------------------------------


@transaction.atomic
def create_node(
    *, actor: Actor, kind: str, translations: Texts, now: datetime, author_name: str = "",
    publish_at: datetime | None = None,
) -> Node:  # fmt: skip
    """Begin a node; with `publish_at` every translation is published as of then.

    :raises NoText: without a translation
    :raises SlugTaken: if a slug that was asked for is another's
    """
    if kind not in Kind.values:
        raise UnknownKind(f"{str(kind)[:32]!r} is none of {', '.join(Kind.values)}", field="kind")
    require_kind(actor, kind)
    permission = f"{RESOURCES[Kind(kind)]}.create"
    authorize(actor, permission)
    if author_name and actor.scope(permission) != "all":
        raise ForeignAuthor(field="author_name")
    node = Node.objects.create(pk=new_id(), kind=kind, author_id=actor.id, author_name=author_name or signature(actor))
    _write_texts(node, translations, publish_at)
    publish(NodeCreated(node_id=node.pk, kind=kind), aggregate=node)
    if publish_at:
        publish(NodePublished(node_id=node.pk, kind=kind), aggregate=node)
    return node


@transaction.atomic
def update_node(
    *, actor: Actor, node_id: UUID, translations: Texts, now: datetime, author_name: str | None = None,
    expected: int | None = None, kind: str | None = None,
) -> Node:  # fmt: skip
    """Change what a node says; a language that it did not have begins as a draft.

    :raises PreconditionFailed: if its version is not the expected one
    :raises SlugTaken: if a slug that was asked for is another's
    """
    node = lock_node(actor, node_id, "update", expected=expected, kind=kind)
    if author_name is not None and author_name != node.author_name:
        if actor.scope(f"{node.resource}.update") != "all":
            raise ForeignAuthor(field="author_name")
        node.author_name = author_name
    _write_texts(node, translations, None)
    _count_up(node)
    publish(NodeUpdated(node_id=node.pk, kind=node.kind), aggregate=node)
    return node


def _check_date(published_at: datetime | None, now: datetime) -> None:
    if published_at is not None and published_at > now:
        raise DateToCome(field="published_at")


def lock_node(
    actor: Actor, node_id: UUID, action: str, *, expected: int | None = None, kind: str | None = None
) -> Node:
    """Lock a node that the actor may do this to.

    :raises NotFound: if there is none of that id and kind
    :raises PreconditionFailed: if its version is not the expected one
    """
    node = Node.objects.select_for_update().filter(pk=node_id).first()
    if node is None or kind not in (None, node.kind):
        raise NotFound()
    require_kind(actor, node.kind)
    authorize(actor, f"{node.resource}.{action}", node)
    if expected is not None and node.version != expected:
        raise PreconditionFailed()
    return node


def _count_up(node: Node) -> None:
    node.version += 1
    node.save(update_fields=["version", "author_name", "updated_at"])


def _write_texts(node: Node, translations: Texts, publish_at: datetime | None) -> None:
    known = {row.locale: row for row in node.translations.all()}
    for locale, text in translations.items():
        if text is None:
            NodeTranslation.objects.filter(node=node, locale=locale).delete()
            known.pop(locale, None)
            continue
        check_locale(locale, f"translations.{locale}")
        row = known.get(locale) or NodeTranslation(node=node, kind=node.kind, locale=locale)
        _take(row, text)
        if publish_at:
            row.mark_published(at=publish_at)
        _save(row, asked=bool(text.get("slug")), spare=_first_slug(known.values()))
        known[locale] = row
    if not known:
        raise NoText(field="translations")


def _first_slug(rows: Collection[NodeTranslation]) -> str:
    """Answer a slug that a sister translation has, for a title that cannot be spelled."""
    return next((row.slug for row in rows if row.slug), "")


def _take(row: NodeTranslation, text: Mapping[str, str]) -> None:
    """Copy an editor's text into a row.

    :raises Invalid: if a new row has no title
    """
    if unknown := set(text) - set(TEXT_FIELDS):
        raise TypeError(f"not a field of a translation: {sorted(unknown)}")
    for name, words in text.items():
        if len(words) > LIMITS[name] or any(ord(char) < 32 and char not in "\n\r\t" for char in words):
            raise _wrong(row, name, f"at most {LIMITS[name]} characters, without control characters")
        if name == "body":
            row.write_body(words)
        else:
            setattr(row, name, words.strip())
    if not row.title:
        raise _wrong(row, "title", "a title is needed")
    if row.slug and not _SLUG.match(row.slug):
        raise _wrong(row, "slug", "use lower case letters, digits and single hyphens")


def _wrong(row: NodeTranslation, name: str, message: str) -> Invalid:
    where = f"translations.{row.locale}.{name}"
    return Invalid(f"{where}: {message}", errors=(FieldError(where, "invalid", message),))


def _save(row: NodeTranslation, *, asked: bool, spare: str) -> None:
    """Write a row; a slug that was not asked for gives way to one that is taken."""
    row.slug = row.slug or slugify(row.title, max_length=SLUG_LENGTH) or spare or f"{row.kind}-{row.pk.hex[-8:]}"
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        if asked:
            raise SlugTaken(field=f"translations.{row.locale}.slug") from None
        row.slug = f"{row.slug[: SLUG_LENGTH - 9].rstrip('-')}-{row.pk.hex[-8:]}"
        row.save()


# --- publishing ---------------------------------------------------------------------------------------------------


@transaction.atomic
def publish_node(
    *, actor: Actor, node_id: UUID, now: datetime, locale: str | None = None, published_at: datetime | None = None,
    expected: int | None = None, kind: str | None = None,
) -> Node:  # fmt: skip
    """Let visitors read a node in one language, or in all that it has; doing it twice changes nothing.

    :raises NotTranslated: if it has no text in that language
    :raises PreconditionFailed: if its version is not the expected one
    """
    node = lock_node(actor, node_id, "update", expected=expected, kind=kind)
    _check_date(published_at, now)
    rows = [row for row in _rows(node, locale) if not row.is_published or published_at]
    for row in rows:
        if published_at:
            row.published_at = published_at
        row.mark_published(at=now)
        row.save(update_fields=["status", "published_at", "updated_at"])
    return _announce(node, NodePublished(node_id=node.pk, kind=node.kind), rows)


@transaction.atomic
def unpublish_node(
    *, actor: Actor, node_id: UUID, now: datetime, locale: str | None = None,
    expected: int | None = None, kind: str | None = None,
) -> Node:  # fmt: skip
    """Take a node back to a draft in one language, or in all; doing it twice changes nothing.

    :raises NotTranslated: if it has no text in that language
    :raises PreconditionFailed: if its version is not the expected one
    """
    node = lock_node(actor, node_id, "update", expected=expected, kind=kind)
    rows = [row for row in _rows(node, locale) if row.is_published]
    for row in rows:
        row.mark_draft()
        row.save(update_fields=["status", "updated_at"])
    return _announce(node, NodeUnpublished(node_id=node.pk, kind=node.kind), rows)


def _rows(node: Node, locale: str | None) -> list[NodeTranslation]:
    rows = [row for row in node.translations.all() if locale in (None, row.locale)]
    if not rows:
        raise NotTranslated(field="locale")
    return rows


def _announce(node: Node, fact: NodePublished | NodeUnpublished, changed: list[NodeTranslation]) -> Node:
    if changed:
        _count_up(node)
        publish(fact, aggregate=node)
    return node


@transaction.atomic
def delete_node(*, actor: Actor, node_id: UUID, expected: int | None = None, kind: str | None = None) -> None:
    """Remove a node with its translations and with what specialises it.

    :raises PreconditionFailed: if its version is not the expected one
    """
    node = lock_node(actor, node_id, "delete", expected=expected, kind=kind)
    publish(NodeDeleted(node_id=node.pk, kind=node.kind), aggregate=node)
    node.delete()
