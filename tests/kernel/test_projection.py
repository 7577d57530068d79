"""Compiled selections answer what graphql-core would."""

from collections import namedtuple

import graphene
import pytest
from graphql import execute, parse

from rustok.kernel.edges.projection import ProjectingContext


class Part(graphene.ObjectType):
    projected = True

    name = graphene.String(required=True)
    unit_price = graphene.Int()

    def resolve_name(root, info):
        return root["name"].upper() if root["name"] else None


class Live(graphene.ObjectType):
    name = graphene.String()

    def resolve_name(root, info):
        return f"{root['name']} by {info.field_name}"


class Thing(graphene.ObjectType):
    projected = True

    id = graphene.ID(required=True)
    parts = graphene.List(graphene.NonNull(Part), required=True)
    best = graphene.Field(Part)
    tags = graphene.List(graphene.String)
    live = graphene.Field(Live)
    sized = graphene.String(size=graphene.Int())

    def resolve_sized(root, info, size=0):
        return "x" * size


THING = {
    "id": 7, "parts": [{"name": "a", "unit_price": 1}, {"name": "b"}], "best": None, "tags": ["t", None],
    "live": {"name": "l"},
}  # fmt: skip


class Query(graphene.ObjectType):
    thing = graphene.Field(Thing, required=True)
    things = graphene.List(Thing)
    broken = graphene.Field(Thing)

    def resolve_thing(root, info):
        return THING

    def resolve_things(root, info):
        return [THING, namedtuple("T", THING)(**THING)]

    def resolve_broken(root, info):
        return THING | {"parts": [{"name": None}]}


SCHEMA = graphene.Schema(query=Query).graphql_schema


@pytest.mark.parametrize(
    "query",
    [
        "{ thing { id parts { name unitPrice } best { name } tags } }",
        "{ thing { __typename number: id parts { __typename n: name n2: name } } }",
        "{ thing { ...F ... on Thing { tags } } } fragment F on Thing { parts { ...P } } fragment P on Part { name }",
        "query ($yes: Boolean = true) { thing { id @skip(if: $yes) tags @include(if: $yes) parts { name @skip(if: $yes)"
        " unitPrice } } }",
        "{ thing { id live { name } } }",
        "{ thing { id sized(size: 3) } }",
        "{ thing { parts { name } parts { unitPrice } } }",
        "{ things { id tags } }",
        "{ broken { id parts { name } } }",
        "{ broken { id } }",
    ],
)
def test_the_answer_is_the_same(query):
    document = parse(query)
    plain = execute(SCHEMA, document)
    projected = execute(SCHEMA, document, execution_context_class=ProjectingContext)
    assert projected.data == plain.data
    assert list(map(str, projected.errors or [])) == list(map(str, plain.errors or []))
