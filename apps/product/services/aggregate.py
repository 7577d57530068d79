"""A product as one thing: locked, compared with the version that the writer saw, counted up, announced."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Model
from psycopg import errors as pg

from apps.product.events import ProductUpdated
from apps.product.models import Product
from rustok.kernel.access import Actor, authorize
from rustok.kernel.errors import Conflict, DomainError, Invalid, NotFound, PreconditionFailed
from rustok.kernel.events import Event, publish
from rustok.kernel.ids import parse_id
from rustok.kernel.locales import UnknownLocale
from rustok.kernel.slugs import SLUG, numbered, slugify
from rustok.kernel.tenancy import current_tenant

__all__ = [
    "HANDLE_LENGTH", "BadHandle", "HandleTaken", "NoSuchProduct", "SameChoice", "SkuTaken", "check_locales",
    "check_version", "free_handle", "good_handle", "lock_product", "preferred", "touch", "writing",
]  # fmt: skip

HANDLE_LENGTH = 120


class NoSuchProduct(NotFound):
    """There is no such product."""

    code = "no_such_product"


class BadHandle(Invalid):
    """A handle is lower case letters, digits and single hyphens, and no id."""

    code = "invalid_handle"


class HandleTaken(Conflict):
    """This handle is taken."""

    code = "handle_taken"


class SkuTaken(Conflict):
    """There is a variant of this SKU."""

    code = "sku_taken"


class SameChoice(Conflict):
    """There is a variant of these options."""

    code = "same_options"


#: What to say when a unique constraint is broken, by its table and its last column: the names of constraints are not
#: the same in every tenant, because cloning a schema makes new ones.
_CONFLICTS: Mapping[tuple[str, str], tuple[type[DomainError], str]] = {
    ("product_product", "handle"): (HandleTaken, "handle"),
    ("product_collection", "handle"): (HandleTaken, "handle"),
    ("product_variant", "sku"): (SkuTaken, "sku"),
    ("product_variant", "combination"): (SameChoice, "options"),
}
_COLUMNS = re.compile(r"\((?:[^)]*, )?(\w+)\)=")


@contextmanager
def writing() -> Iterator[None]:
    """Run in one transaction; what somebody else took first is a conflict with a name."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise _typed(error) from error


def _typed(error: IntegrityError) -> Exception:
    if not isinstance(error.__cause__, pg.UniqueViolation):
        return error
    told = error.__cause__.diag
    column = _COLUMNS.search(told.message_detail or "")
    conflict = _CONFLICTS.get((told.table_name or "", column.group(1) if column else ""))
    return conflict[0](field=conflict[1]) if conflict else error


def lock_product(
    actor: Actor, product_id: UUID, expected_version: int | None = None, permission: str = "products.update"
) -> Product:
    """Lock a product for a change.

    :raises NoSuchProduct: if there is none
    :raises PreconditionFailed: if its version is not the expected one
    """
    product = Product.objects.select_for_update().filter(pk=product_id).first()
    authorize(actor, permission, product)
    if product is None:
        raise NoSuchProduct()
    check_version(product, expected_version)
    return product


def check_version(thing: Any, expected: int | None) -> None:
    """Refuse a change that was made from another version than the one that stands.

    :raises PreconditionFailed: naming both
    """
    if expected is not None and expected != thing.version:
        raise PreconditionFailed(f"this is version {thing.version}, not {expected}")


def touch(product: Product, *facts: Event) -> Product:
    """Save a changed product under the next version, and announce it."""
    product.version += 1
    product.save()
    for fact in facts or (ProductUpdated(product_id=product.pk, handle=product.handle),):
        publish(fact, aggregate=product)
    return product


# --- handles and words ----------------------------------------------------------------------------------------------


def good_handle(handle: str) -> str:
    """Answer the handle if it is one; ids are none, because an address names a product by either.

    :raises BadHandle: if it is not
    """
    if len(handle) > HANDLE_LENGTH or not re.match(SLUG, handle) or parse_id(handle):
        raise BadHandle(handle[:HANDLE_LENGTH], field="handle")
    return handle


def free_handle(model: type[Model], title: str) -> str:
    """Make a handle of a title, with a number if it is taken."""
    slug = slugify(title, max_length=HANDLE_LENGTH) or model._meta.model_name or ""
    stem = slug[: HANDLE_LENGTH - 6]
    taken = set(
        model._default_manager.filter(handle__startswith=stem)
        .order_by("handle")
        .values_list("handle", flat=True)[:10_000]
    )
    if slug not in taken:
        return slug
    numbers = (numbered(slug, number, max_length=HANDLE_LENGTH) for number in range(2, 100_000))
    return next(handle for handle in numbers if handle not in taken)


def check_locales(translations: Mapping[str, Any], field: str = "translations") -> None:
    """Refuse words in a locale that the shop does not have.

    :raises UnknownLocale: naming the first
    """
    offered = current_tenant().locales
    for locale in translations:
        if locale not in offered:
            raise UnknownLocale(f"{locale} is not one of {', '.join(offered)}", field=f"{field}.{locale}")


def preferred(translations: Mapping[str, Mapping[str, Any] | None], key: str, chosen: Sequence[str] = ()) -> str:
    """Answer a word in the first of the chosen locales, in the tenant's default, or in any."""
    for locale in (*chosen, current_tenant().default_locale, *translations):
        words = translations.get(locale)
        if words and str(words.get(key, "")).strip():
            return str(words[key]).strip()
    return ""
