"""The base of every domain table: UUIDv7 keys, timestamps, and a guard against crossing tenants."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar, Self, TypeVar

from django.db import models

from rustok.kernel import access, writes
from rustok.kernel.context import because, stated_reason
from rustok.kernel.ids import new_id
from rustok.kernel.tenancy import WrongTenant, current_schema

__all__ = [
    "CurrencyField", "Entity", "EntityManager", "EntityQuerySet", "LocaleField", "MoneyField", "ProtectedEntity",
    "ProtectedManager", "ProtectedQuerySet", "TranslationRow", "UnguardedQuery",
]  # fmt: skip

M = TypeVar("M", bound=models.Model)


class EntityQuerySet(models.QuerySet[M]):
    """A query that only runs in the schema it was built in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._schema = current_schema()

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc]
        clone._schema = self._schema
        return clone

    def _check(self) -> None:
        if self._schema != current_schema():
            raise WrongTenant(f"a query built in {self._schema!r} was run in {current_schema()!r}")

    def _fetch_all(self) -> None:
        if self._result_cache is None:  # type: ignore[has-type]
            self._check()
        super()._fetch_all()  # type: ignore[misc]

    def iterator(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """Stream rows; refuses in another tenant's context."""
        self._check()
        return super().iterator(*args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        """Update rows; refuses in another tenant's context."""
        self._check()
        _wrote(self.model, self._keys, added=False)
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete rows; refuses in another tenant's context."""
        self._check()
        writes.deleting(self.model, self._keys)
        _wrote(self.model, list, added=False)
        return super().delete()

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> Any:
        """Add rows."""
        added = super().bulk_create(objs, *args, **kwargs)
        _wrote(self.model, lambda: [row.pk for row in added], added=True)
        return added

    def _keys(self) -> list[Any]:
        return list(self.order_by().values_list("pk", flat=True))

    def count(self) -> int:
        """Count rows; refuses in another tenant's context."""
        self._check()
        return super().count()

    def exists(self) -> bool:
        """Tell whether there is a row; refuses in another tenant's context."""
        self._check()
        return super().exists()

    def aggregate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Sum up rows; refuses in another tenant's context."""
        self._check()
        return super().aggregate(*args, **kwargs)


def _wrote(model: type[models.Model], keys: Callable[[], list[Any]], *, added: bool) -> None:
    """Tell of rows that were written those who watch: whose rights may have changed, and who may write only some."""
    if getattr(model, "decides_access", False):
        access.changed()
    writes.wrote(model, keys, added=added)


EntityManager = models.Manager.from_queryset(EntityQuerySet)


class UnguardedQuery(RuntimeError):
    """Protected rows were asked for with no actor and no stated reason."""


class ProtectedQuerySet(EntityQuerySet[M]):
    """A query that only runs once somebody's right to it was checked, or with a stated reason.

    Good are: what `restrict` answers; `because("the price of the actor's own cart")`; the rows of an object that one
    already holds (`order.lines`); and whatever happens in a piece of work with a reason (a command, a task, a
    handler). Adding rows reveals none, and needs nothing.
    """

    #: Who was let pass, or why nobody had to be; empty: not yet.
    _passed = ""

    def _clone(self) -> Self:
        clone = super()._clone()
        clone._passed = self._passed
        return clone

    def passed(self, why: str) -> Self:
        """Note that a right was checked: "orders.list for jo@acme.test"; `restrict` does."""
        clone: Self = self._chain()  # type: ignore[attr-defined]
        clone._passed = why
        return clone

    def because(self, reason: str) -> Self:
        """State why these rows are read without asking whose they are."""
        return self.passed(reason)

    def _check(self) -> None:
        super()._check()
        if not self._passed and "instance" not in self._hints and not stated_reason():  # type: ignore[attr-defined]
            self._refuse()

    def _refuse(self) -> None:
        """Refuse, unless nothing would be read at all.

        :raises UnguardedQuery: naming the ways
        """
        if not self.query.is_empty():
            raise UnguardedQuery(
                f"{self.model._meta.label}: use restrict(actor, queryset, permission), or say why with .because(...)"
            )

    def _widened(self, result: Any, others: Sequence[Any]) -> Any:
        """Forget the right of a query that took in another without one."""
        if not all(getattr(other, "_passed", "") for other in others):
            result._passed = ""
        return result

    def _combinator_query(self, combinator: str, *others: Any, all: bool = False) -> Any:
        combined = super()._combinator_query(combinator, *others, all=all)  # type: ignore[misc]
        return self._widened(combined, others) if combinator == "union" else combined

    def __or__(self, other: Any) -> Any:
        return self._widened(super().__or__(other), [self, other])

    def __xor__(self, other: Any) -> Any:
        return self._widened(super().__xor__(other), [self, other])

    def raw(self, *args: Any, **kwargs: Any) -> Any:
        """Read rows by SQL, with a reason."""
        self._check()
        return super().raw(*args, **kwargs)

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> Any:
        """Add rows; with a reason if that may change others."""
        if kwargs.get("update_conflicts"):
            self._check()
        return super().bulk_create(objs, *args, **kwargs)


ProtectedManager = models.Manager.from_queryset(ProtectedQuerySet)


class Entity(models.Model):
    """A row of one tenant."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = EntityManager()

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: str | None, field_names: Any, values: Any, **options: Any) -> Self:
        """Build the instance and remember which schema it was read in."""
        instance = super().from_db(db, field_names, values, **options)
        instance._schema = current_schema()  # type: ignore[attr-defined]
        return instance

    def check_schema(self) -> None:
        """Refuse to go on with an instance of another tenant.

        :raises WrongTenant: if it was read or saved in another schema
        """
        home = getattr(self, "_schema", None)
        if home is not None and home != current_schema():
            raise WrongTenant(f"{type(self).__name__} of {home!r} used in {current_schema()!r}")

    def save_base(self, *args: Any, **kwargs: Any) -> None:
        """Write the row, in the schema it belongs to."""
        self.check_schema()
        added = self._state.adding
        super().save_base(*args, **kwargs)
        self._schema = current_schema()
        _wrote(type(self), lambda: [self.pk], added=added)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the row, in the schema it belongs to."""
        self.check_schema()
        writes.deleting(type(self), lambda: [self.pk])
        _wrote(type(self), list, added=False)
        return super().delete(*args, **kwargs)

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        """Read the row again, from the schema it belongs to."""
        self.check_schema()
        super().refresh_from_db(*args, **kwargs)


class ProtectedEntity(Entity):
    """A row of one tenant that would hurt in the wrong hands: its manager wants an actor or a reason."""

    objects: ClassVar[Any] = ProtectedManager()

    class Meta:
        abstract = True

    def validate_unique(self, exclude: Any = None) -> None:
        """Look for another of its kind, which needs nobody's right."""
        with because("is there another of its kind?"):
            super().validate_unique(exclude)

    def validate_constraints(self, exclude: Any = None) -> None:
        """Look for what the table would refuse, which needs nobody's right."""
        with because("would the table take it?"):
            super().validate_constraints(exclude)


class MoneyField(models.BigIntegerField):  # type: ignore[type-arg]
    """An amount in minor units; its currency stands in a column beside it."""


class CurrencyField(models.CharField):  # type: ignore[type-arg]
    """An ISO 4217 code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 3)
        super().__init__(*args, **kwargs)


class LocaleField(models.CharField):  # type: ignore[type-arg]
    """A BCP 47 tag."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 16)
        super().__init__(*args, **kwargs)


class TranslationRow(Entity):
    """What one locale says of an entity; the subclass adds `entity` (a foreign key) and the words."""

    locale = LocaleField()

    class Meta:
        abstract = True
