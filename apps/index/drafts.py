"""Who reads what is not on sale: staff, and those to whom it was given; for everybody else there is no such product."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import EmptyResultSet

from apps.index.parts import key_sources
from apps.index.queries import ON_SALE, Condition
from rustok.kernel.access import Actor, allows, authorize, restrict

__all__ = ["listed_for", "shown_to"]


def shown_to(actor: Actor) -> Condition:
    """Answer which products somebody may open; no query, it becomes a part of the one that reads the index."""
    return _reach(actor, "products.read") if allows(actor, "products.read") else ON_SALE


def listed_for(actor: Actor, statuses: Iterable[str]) -> Condition:
    """Answer which products somebody may list who asks for some statuses; no query.

    :raises Unauthenticated: if nobody is logged in, and not only what is on sale was asked for
    :raises Forbidden: if the actor may list nothing else
    """
    if set(statuses) <= {"active"}:
        return ON_SALE
    authorize(actor, "products.list")
    return _reach(actor, "products.list")


def _reach(actor: Actor, permission: str) -> Condition:
    """Answer what is on sale, and those of the others for which the actor has a permission."""
    if not actor.is_partial(permission):
        return Condition("true")
    given = [_keys(actor, permission, number) for number in range(len(key_sources("products")))]
    ways = [ON_SALE, *(one for one in given if one is not None)]
    return Condition(f"({' OR '.join(way.sql for way in ways)})", {k: v for way in ways for k, v in way.params.items()})


def _keys(actor: Actor, permission: str, number: int) -> Condition | None:
    """Write the products for which the actor has a permission as SQL; None if there can be none."""
    rows = restrict(actor, key_sources("products")[number], permission).order_by().values("pk")
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:
        return None
    named = {f"given{number}_{place}": value for place, value in enumerate(params)}
    # What is a per cent sign there is one here, too: the text goes through one more formatting.
    text = sql.replace("%%", "%%%%") % tuple(f"%({name})s" for name in named)
    return Condition(f"product_id IN ({text})", named)
