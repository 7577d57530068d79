"""What the roles module accepts."""

from typing import Any

from rest_framework import serializers

from apps.accounts.public import MAX_PASSWORD
from apps.rbac.models import MAX_CONDITION
from rustok.kernel.access import ACTIONS
from rustok.kernel.inputs import Input, LocaleField, TextField

__all__ = [
    "AcceptInvitationInput", "ApiKeyInput", "AssignInput", "AttributesInput", "GrantInput", "GrantsOnInput",
    "InvitationInput", "PersonChange", "PersonInput", "PolicyCheckInput", "PolicyInput", "RoleInput", "RolesInput",
    "TeamInput",
]  # fmt: skip


class InvitationInput(Input):
    """Whom to invite, and as what."""

    email = serializers.EmailField(max_length=254)
    name = TextField(max_length=150, required=False, allow_blank=True)
    locale = LocaleField(required=False)
    roles = serializers.ListField(child=TextField(max_length=64), max_length=20, required=False)


class AcceptInvitationInput(Input):
    """The secret of the link, and what the invited person chooses."""

    token = TextField(max_length=1_000)
    name = TextField(max_length=150, required=False, allow_blank=True)
    password = TextField(max_length=MAX_PASSWORD, trim_whitespace=False)


class PersonChange(Input):
    """What can be changed of somebody's account."""

    email = serializers.EmailField(max_length=254)
    name = TextField(max_length=150, required=False, allow_blank=True)
    locale = LocaleField(required=False, allow_blank=True)
    is_staff = serializers.BooleanField(required=False)
    is_active = serializers.BooleanField(required=False)


class PersonInput(Input):
    """An account for somebody else."""

    email = serializers.EmailField(max_length=254)
    password = TextField(max_length=MAX_PASSWORD, trim_whitespace=False)
    name = TextField(max_length=150, required=False, allow_blank=True)
    locale = LocaleField(required=False)
    is_staff = serializers.BooleanField(required=False)


class RoleInput(Input):
    """A role: what it is called, and what it lets its holders do, each with the scope all or own."""

    slug = serializers.SlugField(max_length=64)
    name = TextField(max_length=120)
    permissions = serializers.DictField(child=serializers.ChoiceField(choices=("all", "own")))


class AssignInput(Input):
    """A role to give."""

    role = TextField(max_length=64)


class RolesInput(Input):
    """All roles that somebody is to have, by their short names."""

    roles = serializers.ListField(child=TextField(max_length=64), max_length=20)


class TeamInput(Input):
    """A team, and exactly who is in it."""

    name = TextField(max_length=150)
    members = serializers.ListField(child=serializers.UUIDField(), max_length=500, required=False)


class GrantsOnInput(Input):
    """One object that can be shared."""

    kind = TextField(max_length=64)
    object_id = serializers.UUIDField()


class GrantInput(GrantsOnInput):
    """What to let whom do to one object: a person or a team."""

    action = serializers.ChoiceField(choices=("read", "update", "delete"))
    user_id = serializers.UUIDField(required=False)
    team_id = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)


class PolicyInput(Input):
    """A policy; in a change every field may be left out."""

    name = TextField(max_length=120)
    effect = serializers.ChoiceField(choices=["allow", "deny"])
    resource = TextField(max_length=32)
    actions = serializers.ListField(child=TextField(max_length=16), min_length=1, max_length=len(ACTIONS))
    condition = TextField(max_length=MAX_CONDITION, required=False, allow_blank=True)
    enabled = serializers.BooleanField(required=False)
    description = TextField(max_length=500, required=False, allow_blank=True)


class PolicyCheckInput(Input):
    """Who wants to do what, to which object if it is about one."""

    user_id = serializers.UUIDField()
    permission = TextField(max_length=64)
    object_kind = TextField(max_length=40, required=False)
    object_id = serializers.UUIDField(required=False)


class AttributesInput(Input):
    """What is said of a person: a text, a number, or true or false, by name."""

    attributes = serializers.DictField(child=serializers.JSONField())

    def validate_attributes(self, given: dict[str, Any]) -> dict[str, Any]:
        """Refuse what is no text, number, true or false."""
        wrong = [name for name, value in given.items() if not isinstance(value, str | int | float | bool)]
        if wrong:
            raise serializers.ValidationError(f"{wrong[0][:40]}: a text, a number, true or false")
        return given


class ApiKeyInput(Input):
    """A key for a program: what it may do, as whom, and until when; null is said, never left out."""

    name = TextField(max_length=120)
    permissions = serializers.ListField(child=TextField(max_length=64), min_length=1, max_length=200)
    expires_at = serializers.DateTimeField(allow_null=True)
    user_id = serializers.UUIDField(required=False)
