"""REST: `/api/v1/policies/`, and what is said of people for them."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from apps.rbac import inputs, selectors, services
from apps.rbac.conditions import ENVIRONMENT, SUBJECT
from apps.rbac.explaining import explain, kinds_of
from rustok.kernel.access import RESOURCES
from rustok.kernel.attributes import declared
from rustok.kernel.edges.rest import Endpoint, Request, page_of, page_response
from rustok.kernel.edges.versions import expected_version, versioned

__all__ = ["AttributesView", "PoliciesView", "PolicyAttributesView", "PolicyCheckView", "PolicyView"]

_PERMISSIONS = {"GET": "users.read", "POST": "users.manage", "PATCH": "users.manage", "PUT": "users.manage",
                "DELETE": "users.manage"}  # fmt: skip


class PolicyOutput(serializers.Serializer[Any]):
    """A policy; `parsed` is its condition as it was understood."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    effect = serializers.CharField()
    resource = serializers.CharField()
    actions = serializers.ListField(child=serializers.CharField())
    condition = serializers.CharField()
    parsed = serializers.ListField()
    enabled = serializers.BooleanField()
    description = serializers.CharField()
    version = serializers.IntegerField()


class PolicyPageOutput(serializers.Serializer[Any]):
    """A page of policies."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    count = serializers.IntegerField(required=False)
    results = PolicyOutput(many=True)


class ReasonOutput(serializers.Serializer[Any]):
    """Something that speaks for or against."""

    kind = serializers.CharField()
    name = serializers.CharField()
    allows = serializers.BooleanField()
    text = serializers.CharField()


class DecisionOutput(serializers.Serializer[Any]):
    """An answer, and why."""

    allowed = serializers.BooleanField()
    reasons = ReasonOutput(many=True)


class DeclaredOutput(serializers.Serializer[Any]):
    """What conditions about a resource may name, with the kind of each."""

    object = serializers.DictField(child=serializers.CharField())
    subject = serializers.DictField(child=serializers.CharField())
    environment = serializers.DictField(child=serializers.CharField())
    kinds = serializers.ListField(child=serializers.CharField())


class AttributesOutput(serializers.Serializer[Any]):
    """What is said of a person."""

    attributes = serializers.DictField(child=serializers.JSONField())


class PoliciesView(Endpoint):
    """All policies."""

    permission = _PERMISSIONS | {"GET": "users.list"}

    @extend_schema(operation_id="policies_list", responses=PolicyPageOutput)
    def get(self, request: Request) -> Response:
        """List policies by name."""
        page = selectors.policies(actor=request.actor, page=page_of(request))
        return page_response(request, page, selectors.policy_document)

    @extend_schema(request=inputs.PolicyInput, responses={201: PolicyOutput})
    def post(self, request: Request) -> Response | HttpResponse:
        """Make a policy; it is in force at once."""
        policy = services.save_policy(actor=request.actor, **inputs.PolicyInput.parse(request.data))
        return versioned(request, selectors.policy_document(policy), policy.version, status=201)


class PolicyView(Endpoint):
    """One policy."""

    permission = _PERMISSIONS

    @extend_schema(responses=PolicyOutput)
    def get(self, request: Request, policy_id: UUID) -> Response | HttpResponse:
        """Answer a policy."""
        policy = selectors.find_policy(actor=request.actor, policy_id=policy_id)
        return versioned(request, selectors.policy_document(policy), policy.version)

    @extend_schema(request=inputs.PolicyInput, responses=PolicyOutput)
    def patch(self, request: Request, policy_id: UUID) -> Response | HttpResponse:
        """Change a policy; what is left out stays."""
        changes = inputs.PolicyInput.parse(request.data, partial=True)
        policy = services.change_policy(
            actor=request.actor, policy_id=policy_id, expected_version=expected_version(request), **changes
        )
        return versioned(request, selectors.policy_document(policy), policy.version)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, policy_id: UUID) -> Response:
        """Take a policy back."""
        services.delete_policy(actor=request.actor, policy_id=policy_id, expected_version=expected_version(request))
        return Response(status=204)


class PolicyCheckView(Endpoint):
    """A question about somebody."""

    permission = "users.manage"

    @extend_schema(request=inputs.PolicyCheckInput, responses=DecisionOutput)
    def post(self, request: Request) -> Response:
        """Tell whether somebody may do something, and which role, grant or policy decides."""
        data = inputs.PolicyCheckInput.parse(request.data)
        decision = explain(
            actor=request.actor, user_id=data["user_id"], permission=data["permission"],
            kind=data.get("object_kind", ""), object_id=data.get("object_id"),
        )  # fmt: skip
        return Response({"allowed": decision.allowed, "reasons": [asdict(reason) for reason in decision.reasons]})


class PolicyAttributesView(Endpoint):
    """What conditions may name."""

    permission = "users.read"

    @extend_schema(responses=DeclaredOutput)
    def get(self, request: Request, resource: str) -> Response:
        """Answer the names that conditions about a resource may use."""
        known = {name: attribute.kind for name, attribute in declared(resource).items()}
        kinds = sorted(kinds_of(resource)) if resource in RESOURCES else []
        return Response({"object": known, "subject": SUBJECT, "environment": ENVIRONMENT, "kinds": kinds})


class AttributesView(Endpoint):
    """What the tenant says of a person for its policies."""

    permission = _PERMISSIONS

    @extend_schema(responses=AttributesOutput)
    def get(self, request: Request, user_id: UUID) -> Response:
        """Answer it."""
        return _attributes(request, user_id)

    @extend_schema(request=inputs.AttributesInput, responses=AttributesOutput)
    def put(self, request: Request, user_id: UUID) -> Response:
        """Say exactly this."""
        given = inputs.AttributesInput.parse(request.data)["attributes"]
        services.set_attributes(actor=request.actor, user_id=user_id, attributes=given)
        return _attributes(request, user_id)


def _attributes(request: Request, user_id: UUID) -> Response:
    found = selectors.attributes_of_person(actor=request.actor, user_id=user_id)
    plain = {name: float(value) if isinstance(value, Decimal) else value for name, value in found.items()}
    return Response({"attributes": plain})
