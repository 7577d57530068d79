"""GraphQL over documents: a selection is compiled once a request, and applied to every document.

graphql-core resolves and completes field by field, which costs more than all else in a list of documents that are
plain JSON already. For a type that says `projected = True` its selection becomes one function from a document to its
answer. What the function cannot promise (a null where none may be) is left to graphql-core, so answers are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
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
            (answer, *self._field(kind, graphene_type, nodes))
            for answer, nodes in self.collect_subfields(kind, field_nodes).items()
        ]

        def project(document: Any) -> dict[str, Any]:
            get = document.get
            return {
                answer: complete(get(key) if resolve is None else resolve(document, None))
                for answer, key, resolve, complete in fields
            }

        return project

    def _field(
        self, kind: GraphQLObjectType, graphene_type: Any, nodes: list[FieldNode]
    ) -> tuple[str, Callable[[Any, Any], Any] | None, Project]:
        """Answer under which key a document has a field, or what resolves it, and what completes its value."""
        name = nodes[0].name.value
        if name == "__typename":
            return name, lambda *_: kind.name, str
        definition = kind.fields[name]
        if definition.args:
            raise _Unfit
        key = _snake_case(name)
        return key, getattr(graphene_type, f"resolve_{key}", None), self._value(definition.type, nodes)

    def _value(self, kind: GraphQLOutputType, nodes: list[FieldNode], *, required: bool = False) -> Project:
        if isinstance(kind, GraphQLNonNull):
            return self._value(kind.of_type, nodes, required=True)
        if isinstance(kind, GraphQLList):
            each = self._value(kind.of_type, nodes)
            return _unless_null(lambda values: [each(value) for value in values], required)
        if isinstance(kind, GraphQLObjectType):
            project = self._compile(kind, nodes)
            return _unless_null(lambda value: project(_mapping(value)), required)
        if is_leaf_type(kind):
            return _leaf(kind, required)
        raise _Unfit


#: The same few names, in every request.
_snake_case = lru_cache(maxsize=1_000)(to_snake_case)


def _leaf(kind: Any, required: bool) -> Project:
    """Complete a scalar; what is a text already and is to be one, most of all there is, stays as it is."""
    serialize, is_text = kind.serialize, kind.name in ("String", "ID")

    def leaf(value: Any) -> Any:
        if is_text and type(value) is str:
            return value
        completed = None if value is None else serialize(value)
        if completed is None and required:
            raise _Unfit
        return completed

    return leaf


def _unless_null(complete: Project, required: bool) -> Project:
    def value_or_null(value: Any) -> Any:
        if value is not None:
            return complete(value)
        if required:
            raise _Unfit
        return None

    return value_or_null


def _mapping(value: Any) -> Any:
    if type(value) is not dict and not isinstance(value, Mapping):
        raise _Unfit
    return value
