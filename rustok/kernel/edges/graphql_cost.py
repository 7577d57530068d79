"""What a GraphQL document asks for, in points: one for each field that is resolved, a list's fields times its size.

Reckoned from the document, the schema and the variables before anything runs, so that a document that is too much is
refused for nothing, and what a caller may ask for in a minute is counted in points instead of requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    VariableNode,
    get_named_type,
    is_list_type,
)
from graphql.type.definition import GraphQLField, get_nullable_type

from rustok.kernel.pages import DEFAULT_SIZE, MAX_SIZE

__all__ = ["MAX_COST", "cost_of"]

#: Points that one operation may cost.
MAX_COST = 20_000
#: What a list without a size is taken for: variants of a product, tags, lines of a cart.
PLAIN_LIST = 5
#: The lists of a connection, as long as its page.
_PAGES = frozenset(["edges", "nodes"])


def cost_of(
    schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any] | None, operation: str | None
) -> int:
    """Answer the points of the operation that is to be run, at most a little above `MAX_COST`."""
    chosen = next(
        (
            node
            for node in document.definitions
            if isinstance(node, OperationDefinitionNode)
            and (operation is None or (node.name is not None and node.name.value == operation))
        ),
        None,
    )
    if chosen is None:
        return 1
    return max(_Cost(schema, document, variables or {}).of(chosen), 1)


class _Place(NamedTuple):
    """How often a field is resolved, and how many rows the page has whose connection it is in."""

    times: int
    page: int


class _Cost:
    """One reckoning: fragments and variables at hand."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self.schema, self.variables = schema, variables
        self.fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}

    def of(self, operation: OperationDefinitionNode) -> int:
        root = self.schema.get_root_type(operation.operation)
        return self._selections(operation.selection_set, root, _Place(1, 1), MAX_COST)

    def _selections(self, selection_set: Any, parent: Any, place: _Place, budget: int) -> int:
        """Add up the fields of a selection; stops soon after the budget is spent."""
        spent = 0
        for node in selection_set.selections if selection_set else ():
            if spent > budget:
                break
            if isinstance(node, FieldNode):
                spent += self._field(node, parent, place, budget - spent)
            elif isinstance(node, InlineFragmentNode):
                spent += self._selections(node.selection_set, self._type(node, parent), place, budget - spent)
            elif fragment := self.fragments.get(node.name.value):
                spent += self._selections(fragment.selection_set, self._type(fragment, parent), place, budget - spent)
        return spent

    def _type(self, node: Any, parent: Any) -> Any:
        condition = getattr(node, "type_condition", None)
        return self.schema.get_type(condition.name.value) if condition else parent

    def _field(self, node: FieldNode, parent: Any, place: _Place, budget: int) -> int:
        field = parent.fields.get(node.name.value) if isinstance(parent, GraphQLObjectType) else None
        if field is None or node.selection_set is None:
            return place.times
        inner = self._inside(node, field, place)
        named = get_named_type(field.type)
        return place.times + self._selections(node.selection_set, named, inner, budget - place.times)

    def _inside(self, node: FieldNode, field: GraphQLField, place: _Place) -> _Place:
        """Answer how often what is inside a field is resolved."""
        size = self._asked(node) if "first" in field.args else PLAIN_LIST
        if not is_list_type(get_nullable_type(cast(Any, field.type))):
            return _Place(place.times, size if "first" in field.args else 1)
        return _Place(place.times * (place.page if node.name.value in _PAGES else size), 1)

    def _asked(self, node: FieldNode) -> int:
        value = next((argument.value for argument in node.arguments if argument.name.value == "first"), None)
        size: Any = None
        if isinstance(value, IntValueNode):
            size = int(value.value)
        elif isinstance(value, VariableNode):
            size = self.variables.get(value.name.value)
        return min(max(size, 1), MAX_SIZE) if isinstance(size, int) else DEFAULT_SIZE
