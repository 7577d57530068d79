"""GraphQL over documents: a selection is compiled once a request, and applied to every document.

graphql-core resolves and completes field by field, which costs more than all else in a list of documents that are
plain JSON already. For a type that says `projected = True` its selection becomes one function from a document to its
answer. What the function cannot promise (a null where none may be) is left to graphql-core, so answers are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphene.utils.str_converters import to_snake_case
from graphql import (
    ExecutionContext,
    FieldNode,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    is_leaf_type,
)

__all__ = ["ProjectingContext"]

Project = Callable[[Any], Any]


class _Unfit(Exception):
    """This document or this selection needs graphql-core's own care."""


class ProjectingContext(ExecutionContext):
    """Completes objects of projected types by a compiled function."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._projections: dict[tuple[str, tuple[int, ...]], Project | None] = {}

    def complete_object_value(
        self, return_type: GraphQLObjectType, field_nodes: list[FieldNode], info: Any, path: Any, result: Any
    ) -> Any:
        """Answer the selected fields of one object."""
        project = self._projection(return_type, field_nodes) if isinstance(result, Mapping) else None
        if project is not None:
            try:
                return project(result)
            except _Unfit:
                pass
        return super().complete_object_value(return_type, field_nodes, info, path, result)

    def _projection(self, kind: GraphQLObjectType, field_nodes: list[FieldNode]) -> Project | None:
        key = (kind.name, tuple(map(id, field_nodes)))
        if key not in self._projections:
            try:
                self._projections[key] = self._compile(kind, field_nodes)
            except _Unfit:
                self._projections[key] = None
        return self._projections[key]

    def _compile(self, kind: GraphQLObjectType, field_nodes: list[FieldNode]) -> Project:
        """Compile a selection.

        :raises _Unfit: if the type is not projected, or a field takes arguments
        """
        graphene_type = getattr(kind, "graphene_type", None)
        if not getattr(graphene_type, "projected", False):
            raise _Unfit
        fields = [
            (answer, self._field(kind, graphene_type, nodes))
            for answer, nodes in self.collect_subfields(kind, field_nodes).items()
        ]

        def project(document: Any) -> dict[str, Any]:
            return {answer: read(document) for answer, read in fields}

        return project

    def _field(self, kind: GraphQLObjectType, graphene_type: Any, nodes: list[FieldNode]) -> Project:
        name = nodes[0].name.value
        if name == "__typename":
            return lambda _: kind.name
        definition = kind.fields[name]
        if definition.args:
            raise _Unfit
        key = to_snake_case(name)
        complete = self._value(definition.type, nodes)
        resolver = getattr(graphene_type, f"resolve_{key}", None)
        if resolver is not None:
            return lambda document: complete(resolver(document, None))
        return lambda document: complete(document.get(key))

    def _value(self, kind: GraphQLOutputType, nodes: list[FieldNode]) -> Project:
        if isinstance(kind, GraphQLNonNull):
            return _never_null(self._value(kind.of_type, nodes))
        if isinstance(kind, GraphQLList):
            each = self._value(kind.of_type, nodes)
            return lambda values: None if values is None else [each(value) for value in values]
        if isinstance(kind, GraphQLObjectType):
            project = self._compile(kind, nodes)
            return lambda value: None if value is None else project(_mapping(value))
        if is_leaf_type(kind):
            serialize = kind.serialize  # type: ignore[union-attr]
            return lambda value: None if value is None else serialize(value)
        raise _Unfit


def _mapping(value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise _Unfit
    return value


def _never_null(complete: Project) -> Project:
    def present(value: Any) -> Any:
        completed = complete(value)
        if completed is None:
            raise _Unfit
        return completed

    return present
