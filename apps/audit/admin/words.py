"""What entries say to people: kinds of objects, names of fields and values, actions, links."""

from __future__ import annotations

from typing import Any

import orjson
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, ForeignKey, Model
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.audit.models import AuditEntry
from rustok.kernel.ids import parse_id

__all__ = ["ACTIONS", "PILLS", "TONES", "action_name", "changes_of", "fields_in_words", "kind_name", "link_to"]

ACTIONS = {
    "row.insert": _("added"), "row.update": _("changed"), "row.delete": _("deleted"),
    "login.succeeded": _("logged in"), "login.failed": _("login failed"), "login.locked": _("login locked"),
    "token.refused": _("token refused"), "permission.refused": _("refused"), "api_key.used": _("API key used"),
    "audit.exported": _("audit log exported"), "audit.erased": _("person erased from the log"),
    "audit.pruned": _("old entries deleted"), "dead_letter.retried": _("event delivered again"),
    "dead_letter.discarded": _("event given up"), "tenant.suspended": _("shop suspended"),
    "tenant.resumed": _("shop opened again"), "tenant.leaving": _("shop leaving"),
    "tenant.exported": _("shop exported"), "tenant.export_downloaded": _("export downloaded"),
    "tenant.deletion_begun": _("deletion begun"), "tenant.deleted": _("shop deleted"),
    "domain.lapsed": _("domain lost"),
}  # fmt: skip
#: What is said of an action that leaves no row.
FACTS = {
    "device": _("device"), "kind": _("kind"), "seconds": _("seconds"), "reason": _("reason"), "job": _("job"),
    "delete_after": _("deleted after"), "format": _("format"), "limit": _("at most"), "filters": _("filters"),
    "permission": _("permission"), "program": _("program"),
}  # fmt: skip
#: How an action looks in the list, and in a document.
TONES = {"added": "success", "changed": "info", "deleted": "danger", "refused": "warning", "other": "default"}
PILLS = {
    "added": "rt-pill-good", "changed": "rt-pill-info", "deleted": "rt-pill-bad", "refused": "rt-pill-warn",
    "other": "rt-pill-plain",
}  # fmt: skip
_TONE_OF = {"row.insert": "added", "row.update": "changed", "row.delete": "deleted"}
#: Fields that a line names before it counts the others.
NAMED = 4
#: What stands for a value that is never written.
HIDDEN = "•••"


def action_name(action: str) -> tuple[str, str]:
    """Answer the tone of an action, and what to call it."""
    tone = _TONE_OF.get(action) or ("refused" if action.endswith(("failed", "refused", "locked")) else "other")
    return tone, str(ACTIONS.get(action, action))


def _model(object_type: str) -> type[Model] | None:
    try:
        return apps.get_model(object_type)
    except (LookupError, ValueError):
        return None


def kind_name(object_type: str) -> str:
    """Answer what people call a kind of object."""
    model = _model(object_type)
    return str(model._meta.verbose_name) if model is not None else object_type.rpartition(".")[2]


def _field(model: type[Model] | None, column: str) -> Field[Any, Any] | None:
    if model is None:
        return None
    try:
        found = model._meta.get_field(column)
    except FieldDoesNotExist:
        return next((field for field in model._meta.concrete_fields if field.column == column), None)
    return found if isinstance(found, Field) else None


def _fact_name(name: str) -> str:
    return str(FACTS.get(name, name.replace("_", " ")))


def _field_name(model: type[Model] | None, column: str) -> str:
    field = _field(model, column)
    name = str(field.verbose_name if field is not None else _fact_name(column))
    return name[:1].upper() + name[1:]


def _value(model: type[Model] | None, column: str, value: Any) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if value == HIDDEN:
        return gettext("(not shown)")
    if value == "erased":
        return gettext("(erased)")
    field = _field(model, column)
    named = dict(field.flatchoices).get(value) if field is not None and field.choices else None
    if named is not None:
        return str(named)
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() if isinstance(value, list | dict) else str(value)


def _links(model: type[Model] | None, before: dict[str, Any], after: dict[str, Any]) -> dict[str, str]:
    """Name the objects that foreign keys point at, as far as they are still there; one query for each key."""
    names: dict[str, str] = {}
    for column in {*before, *after}:
        field = _field(model, column)
        keys = {value for value in (before.get(column), after.get(column)) if value and parse_id(str(value))}
        if isinstance(field, ForeignKey) and keys:
            rows = field.related_model._base_manager.filter(pk__in=keys)  # type: ignore[union-attr]
            names |= {str(row.pk): str(row) for row in rows}
    return names


def changes_of(entry: AuditEntry) -> list[dict[str, str]]:
    """Answer the rows of the table of changes: field, before, after."""
    model = _model(entry.object_type) if entry.action.startswith("row.") else None
    before, after = dict(entry.before or {}), dict(entry.after or {})
    links = _links(model, before, after)
    for side in (before, after):
        side.update({column: links[str(value)] for column, value in side.items() if str(value) in links})
    return [
        {
            "name": _field_name(model, column), "column": column,
            "before": _value(model, column, before[column]) if column in before else "",
            "after": _value(model, column, after[column]) if column in after else "",
        }
        for column in sorted({*before, *after})
    ]  # fmt: skip


def fields_in_words(entry: AuditEntry) -> str:
    """Name the fields that an update changed; of anything else, its facts."""
    after = entry.after or {}
    if not entry.action.startswith("row."):
        return ", ".join(f"{_fact_name(name)}: {value}" for name, value in sorted(after.items()))[:120]
    if entry.action != "row.update":
        return ""
    model = _model(entry.object_type)
    names = [_field_name(model, column) for column in sorted(after)]
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (gettext(" and %(count)s more") % {"count": more} if more > 0 else "")


def link_to(object_type: str, object_id: str) -> str | None:
    """Answer the back office's page of an object; None if it has none."""
    model = _model(object_type)
    if model is None or not object_id or not admin.site.is_registered(model):
        return None
    try:
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[object_id])
    except NoReverseMatch:
        return None
