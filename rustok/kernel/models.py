"""The base of every domain table: UUIDv7 keys, timestamps, and a guard against crossing tenants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self, TypeVar

from django.db import models

from rustok.kernel.ids import new_id
from rustok.kernel.tenancy import WrongTenant, current_schema

__all__ = ["CurrencyField", "Entity", "EntityManager", "EntityQuerySet", "LocaleField", "MoneyField", "TranslationRow"]

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

    def _check_schema(self) -> None:
        if self._schema != current_schema():
            raise WrongTenant(f"a query built in {self._schema!r} was run in {current_schema()!r}")

    def _fetch_all(self) -> None:
        if self._result_cache is None:  # type: ignore[has-type]
            self._check_schema()
        super()._fetch_all()  # type: ignore[misc]

    def iterator(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """Stream rows; refuses in another tenant's context."""
        self._check_schema()
        return super().iterator(*args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        """Update rows; refuses in another tenant's context."""
        self._check_schema()
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete rows; refuses in another tenant's context."""
        self._check_schema()
        return super().delete()

    def count(self) -> int:
        """Count rows; refuses in another tenant's context."""
        self._check_schema()
        return super().count()

    def exists(self) -> bool:
        """Tell whether there is a row; refuses in another tenant's context."""
        self._check_schema()
        return super().exists()


EntityManager = models.Manager.from_queryset(EntityQuerySet)


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
        super().save_base(*args, **kwargs)
        self._schema = current_schema()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the row, in the schema it belongs to."""
        self.check_schema()
        return super().delete(*args, **kwargs)

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        """Read the row again, from the schema it belongs to."""
        self.check_schema()
        super().refresh_from_db(*args, **kwargs)


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
