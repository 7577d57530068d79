"""GraphQL: policies."""

from __future__ import annotations

from typing import Any

import graphene

from apps.rbac import inputs, selectors, services
from apps.rbac.explaining import explain
from rustok.kernel.access import Actor
from rustok.kernel.edges.graphql import Field, Mutation, as_connection, connection_of, page_request

__all__ = ["PolicyMutations", "PolicyQuery"]


class PolicyType(graphene.ObjectType):
    """A rule of the shop: allow or deny some actions on the objects that a condition picks."""

    class Meta:
        name = "Policy"

    id = graphene.ID(required=True)
    name = graphene.String(required=True)
    effect = graphene.String(required=True)
    resource = graphene.String(required=True)
    actions = graphene.List(graphene.NonNull(graphene.String), required=True)
    condition = graphene.String(required=True)
    enabled = graphene.Boolean(required=True)
    description = graphene.String(required=True)
    version = graphene.Int(required=True)


class ReasonType(graphene.ObjectType):
    """Something that speaks for or against."""

    class Meta:
        name = "Reason"

    kind = graphene.String(required=True)
    name = graphene.String(required=True)
    allows = graphene.Boolean(required=True)
    text = graphene.String(required=True)


class DecisionType(graphene.ObjectType):
    """Whether somebody may, and why."""

    class Meta:
        name = "Decision"

    allowed = graphene.Boolean(required=True)
    reasons = graphene.List(graphene.NonNull(ReasonType), required=True)


class PolicyQuery(graphene.ObjectType):
    """Reading policies, and asking what they decide."""

    policies = Field(
        connection_of(PolicyType, "Policy"), required=True, permission="users.list",
        first=graphene.Int(), after=graphene.String(),
    )  # fmt: skip
    policy_check = Field(
        DecisionType, required=True, permission="users.manage", user_id=graphene.UUID(required=True),
        access=graphene.String(required=True), object_kind=graphene.String(), object_id=graphene.UUID(),
    )  # fmt: skip

    def resolve_policies(root: Any, info: Any, first: Any = None, after: Any = None) -> Any:
        """List policies by name."""
        page = selectors.policies(actor=info.context.actor, page=page_request(first, after))
        return as_connection(page, selectors.policy_document)

    def resolve_policy_check(
        root: Any, info: Any, user_id: Any, access: str, object_kind: str = "", object_id: Any = None
    ) -> Any:
        """Tell whether somebody may do something, and what decides."""
        return explain(
            actor=info.context.actor, user_id=user_id, permission=access, kind=object_kind, object_id=object_id
        )


class PolicyCreate(Mutation):
    """Make a policy; it is in force at once."""

    permission = "users.manage"
    policy = graphene.Field(PolicyType)

    class Input:
        name = graphene.String(required=True)
        effect = graphene.String(required=True)
        resource = graphene.String(required=True)
        actions = graphene.List(graphene.NonNull(graphene.String), required=True)
        condition = graphene.String()
        enabled = graphene.Boolean()
        description = graphene.String()

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Save it."""
        policy = services.save_policy(actor=actor, **inputs.PolicyInput.parse(data))
        return {"policy": selectors.policy_document(policy)}


class PolicyUpdate(Mutation):
    """Change a policy; what is left out stays."""

    permission = "users.manage"
    policy = graphene.Field(PolicyType)

    class Input:
        id = graphene.UUID(required=True)
        name = graphene.String()
        effect = graphene.String()
        resource = graphene.String()
        actions = graphene.List(graphene.NonNull(graphene.String))
        condition = graphene.String()
        enabled = graphene.Boolean()
        description = graphene.String()
        version = graphene.Int()

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Save it."""
        policy_id, version = data.pop("id"), data.pop("version", None)
        changes = inputs.PolicyInput.parse(data, partial=True)
        policy = services.change_policy(actor=actor, policy_id=policy_id, expected_version=version, **changes)
        return {"policy": selectors.policy_document(policy)}


class PolicyDelete(Mutation):
    """Take a policy back."""

    permission = "users.manage"

    class Input:
        id = graphene.UUID(required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Delete it."""
        services.delete_policy(actor=actor, policy_id=data["id"])
        return {}


class PersonAttributeInput(graphene.InputObjectType):
    """One thing that is said of a person: one of text, number and flag."""

    name = graphene.String(required=True)
    text = graphene.String()
    number = graphene.Float()
    flag = graphene.Boolean()


class PersonAttributesSet(Mutation):
    """Say exactly this of a person, for policies."""

    permission = "users.manage"

    class Input:
        user_id = graphene.UUID(required=True)
        attributes = graphene.List(graphene.NonNull(PersonAttributeInput), required=True)

    @classmethod
    def perform(cls, actor: Actor, info: Any, **data: Any) -> dict[str, Any]:
        """Say it."""
        given = {
            one["name"]: next((one[kind] for kind in ("text", "number", "flag") if one.get(kind) is not None), None)
            for one in data["attributes"]
        }
        clean = inputs.AttributesInput.parse({"attributes": given})
        services.set_attributes(actor=actor, user_id=data["user_id"], attributes=clean["attributes"])
        return {}


class PolicyMutations(graphene.ObjectType):
    """Mutations of policies."""

    policy_create = PolicyCreate.Field()
    policy_update = PolicyUpdate.Field()
    policy_delete = PolicyDelete.Field()
    person_attributes_set = PersonAttributesSet.Field()
