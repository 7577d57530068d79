"""What the log is asked: the one reading of filters, for REST and GraphQL."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.audit.models import AuditEntry
from apps.audit.selectors import EntryFilter
from rustok.kernel.inputs import Input, TextField

__all__ = ["EntryQuery", "entry_filter"]


class EntryQuery(Input):
    """Which entries: all that are left out match."""

    object_type = TextField(max_length=64, required=False, help_text="Such as product.product.")
    object_id = TextField(max_length=64, required=False)
    history_of = TextField(max_length=64, required=False, help_text="Id of an object: with all that is a part of it.")
    action = TextField(max_length=64, required=False, help_text="Such as row.update or login.failed.")
    actor_id = serializers.UUIDField(required=False)
    key_id = serializers.UUIDField(required=False, help_text="The API key that it was done with.")
    via = serializers.ChoiceField(AuditEntry.Via.choices, required=False)
    transaction = serializers.IntegerField(required=False, min_value=0, max_value=2**63 - 1)
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)
    q = TextField(max_length=200, required=False, help_text="An id, an address, or a part of a name.")


def entry_filter(data: dict[str, Any]) -> EntryFilter:
    """Read which entries clean values ask for."""
    lists = {"object_type": "object_types", "action": "actions", "via": "via"}
    given: dict[str, Any] = {lists[name]: [value] for name, value in data.items() if name in lists}
    plain: dict[str, Any] = {name: value for name, value in data.items() if name not in lists and name != "q"}
    return EntryFilter(**given, **plain, search=data.get("q", ""))
