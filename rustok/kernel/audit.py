"""What the audit log is told: the contract. `apps.audit` implements it.

Changes of rows are written by the database itself, for the models that say `audited = Audited(...)`; `record` is for
what leaves no row behind: a login that failed, a token of another tenant, an export, a refusal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from django.apps import apps
from django.db.models import Model

from rustok.kernel.access import Actor

__all__ = ["Audited", "Recorder", "audited_models", "install", "record", "watch"]

#: Columns that say what to call a row, the best first.
_LABELS = ("number", "title", "email", "sku", "name", "handle", "slug", "code", "label", "domain", "path", "locale")
#: Columns whose change is no news.
_NEVER = ("created_at", "updated_at", "version")


@dataclass(frozen=True, slots=True)
class Audited:
    """Which changes of a model's rows the audit log keeps. Fields are named as in the model."""

    #: Whose values are never written; that they changed, is.
    hidden: tuple[str, ...] = ()
    #: Whose changes are no news: counters, moments of last use.
    ignored: tuple[str, ...] = ()
    #: Whose values say something of a person, and go when the person is erased.
    personal: tuple[str, ...] = ()
    #: The foreign key to what it is a part of, whose history shows it.
    part_of: str = ""
    #: The field that says what to call a row; found by name if empty. A foreign key: the row is called like the other.
    label: str = ""
    #: New rows: with all that they hold, only that they came, or not at all.
    inserts: Literal["full", "bare", "none"] = "full"

    def label_of(self, model: type[Model]) -> str:
        """Answer the column that says what to call a row; empty for none.

        If that is a foreign key: "column>table>key>label", where to look the name of the other row up.
        """
        fields = {field.name: field for field in model._meta.concrete_fields}
        chosen = fields.get(self.label or next((name for name in _LABELS if name in fields), ""))
        if chosen is None:
            return ""
        if not chosen.is_relation:
            return str(chosen.column)
        other: Any = chosen.related_model
        named = (getattr(other, "audited", None) or Audited()).label_of(other)
        return f"{chosen.column}>{other._meta.db_table}>{other._meta.pk.column}>{named}"

    def columns(self, model: type[Model], fields: tuple[str, ...]) -> list[str]:
        """Answer the columns of fields."""
        return [str(model._meta.get_field(field).column) for field in fields]  # type: ignore[union-attr]

    def ignored_columns(self, model: type[Model]) -> list[str]:
        """Answer the columns whose changes are no news."""
        own = {field.column for field in model._meta.concrete_fields}
        return [*(name for name in _NEVER if name in own), *self.columns(model, self.ignored)]


_watched: dict[str, Audited] = {}


def watch(label: str, audited: Audited) -> None:
    """Have the changes of a model kept that is not ours to write on, as "guardian.UserObjectPermission"."""
    _watched[label] = audited


def audited_models() -> Iterator[tuple[type[Model], Audited]]:
    """Walk the models whose changes are kept, by their tables' names."""
    for model in sorted(apps.get_models(include_auto_created=True), key=lambda one: one._meta.db_table):
        audited = vars(model).get("audited") or getattr(model, "audited", None) or _watched.get(model._meta.label)
        if isinstance(audited, Audited) and model._meta.managed and not model._meta.proxy:
            yield model, audited


class Recorder(Protocol):
    """What `apps.audit` provides."""

    def record(self, action: str, actor: Actor, obj: Model | None, label: str, data: Mapping[str, Any]) -> None:
        """Write one entry into the current tenant's log."""


_recorder: list[Recorder] = []


def install(recorder: Recorder) -> None:
    """Set the one implementation."""
    _recorder[:] = [recorder]


def record(action: str, *, actor: Actor, obj: Model | None = None, label: str = "", **data: Any) -> None:
    """Write into the current tenant's audit log that something was done or refused, as `login.failed`.

    It stays, whatever becomes of the transaction. Address, API key and trace come from the current work. Never pass a
    secret.
    """
    for recorder in _recorder:
        recorder.record(action, actor, obj, label, data)
