"""The GraphQL edge: fields and mutations that declare a permission, and an executor with limits.

graphql-core's specified rules are kept and ours are added: depth, aliases and tokens are bounded before anything
runs. Parsed and validated documents are cached by their text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import graphene
from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    Source,
    execute,
    parse,
    specified_rules,
    validate,
)

from rustok.kernel.access import authorize, check_permission_name
from rustok.kernel.edges.graphql_cost import MAX_COST, cost_of
from rustok.kernel.edges.problems import as_problem
from rustok.kernel.edges.projection import ProjectingContext
from rustok.kernel.errors import DomainError, Invalid
from rustok.kernel.modules import owner_of, require_enabled

__all__ = [
    "ErrorType",
    "Field",
    "Limits",
    "MoneyType",
    "Mutation",
    "PageInfoType",
    "check_limits",
    "connection_of",
    "decode_node_id",
    "encode_node_id",
    "format_error",
    "page_request",
    "Executor",
]


# --- declared permissions -----------------------------------------------------------------------------------------


class Field(graphene.Field):
    """A root field that says who may ask; without a permission it cannot be declared.

    It belongs to the module of its resolver; `needs` names others that it has nothing to answer without.
    """

    def __init__(self, *args: Any, permission: str, needs: tuple[str, ...] = (), **kwargs: Any) -> None:
        self.permission = check_permission_name(permission)
        self.needs = needs
        super().__init__(*args, **kwargs)

    def wrap_resolve(self, parent_resolver: Any) -> Callable[..., Any]:
        """Check that the tenant uses it, and the permission, before the resolver runs."""
        resolve = super().wrap_resolve(parent_resolver)
        permission, modules = self.permission, (owner_of(parent_resolver), *self.needs)

        def guarded(root: Any, info: Any, **arguments: Any) -> Any:
            require_enabled(*modules)
            authorize(info.context.actor, permission)
            return resolve(root, info, **arguments)

        return guarded


class ErrorType(graphene.ObjectType):
    """One thing wrong with one field of an input."""

    class Meta:
        name = "Error"

    field = graphene.String(required=True, description="Dotted path of the field; empty for the whole input.")
    code = graphene.String(required=True)
    message = graphene.String(required=True)


class Mutation(graphene.Mutation):
    """A mutation with one `input` and an `errors` list.

    The subclass declares `permission`, a nested `class Input` of graphene input fields, its payload fields, and
    `perform(cls, actor, info, **input)` that calls one service and answers the payload as a dict.
    """

    permission: ClassVar[str]
    #: Modules beside its own that it can do nothing without.
    needs: ClassVar[tuple[str, ...]] = ()

    class Meta:
        abstract = True

    @classmethod
    def __init_subclass_with_meta__(cls, **options: Any) -> None:
        check_permission_name(cls.permission)
        fields = {name: value for name, value in vars(cls.Input).items() if not name.startswith("__")}
        input_type = type(f"{cls.__name__}Input", (graphene.InputObjectType,), fields)
        cls.errors = graphene.List(graphene.NonNull(ErrorType), required=True)
        arguments = {"input": graphene.Argument(input_type, required=True)}
        del cls.Input
        super().__init_subclass_with_meta__(arguments=arguments, **options)

    class Input:
        """Input fields of the mutation."""

    @classmethod
    def mutate(cls, root: Any, info: Any, input: Mapping[str, Any]) -> Any:
        """Run the mutation; a refusal becomes `errors`, and nothing else in the answer.

        :raises ModuleDisabled: if the tenant does not use its module
        """
        require_enabled(owner_of(cls), *cls.needs)
        try:
            authorize(info.context.actor, cls.permission)
            return cls(**cls.perform(info.context.actor, info, **input), errors=[])
        except DomainError as error:
            return cls(errors=_payload_errors(error))

    @classmethod
    def perform(cls, actor: Any, info: Any, **data: Any) -> dict[str, Any]:
        """Do it."""
        raise NotImplementedError


def _payload_errors(error: DomainError) -> list[ErrorType]:
    if error.errors:
        return [ErrorType(field=e.field, code=e.code, message=e.message) for e in error.errors]
    return [ErrorType(field="", code=error.code, message=error.detail)]


# --- Relay --------------------------------------------------------------------------------------------------------


class PageInfoType(graphene.ObjectType):
    """Where a page stands in its list."""

    projected = True

    class Meta:
        name = "PageInfo"

    has_next_page = graphene.Boolean(required=True)
    has_previous_page = graphene.Boolean(required=True)
    start_cursor = graphene.String()
    end_cursor = graphene.String()


class MoneyType(graphene.ObjectType):
    """An amount as a decimal string beside its currency."""

    projected = True

    class Meta:
        name = "Money"

    amount = graphene.String(required=True)
    currency = graphene.String(required=True)


def encode_node_id(kind: str, key: Any) -> str:
    """Make a Relay node id."""
    from graphql_relay import to_global_id

    return to_global_id(kind, str(key))


class BadNodeId(Invalid):
    """This is not the id of such a thing."""

    code = "invalid_id"


def decode_node_id(kind: str, text: str) -> str:
    """Read a Relay node id; a bare key is taken as it is.

    :raises BadNodeId: if it is the id of something else
    """
    from graphql_relay import from_global_id

    if "-" in text:
        return text
    try:
        resolved = from_global_id(text)
    except (ValueError, UnicodeDecodeError):
        raise BadNodeId(field="id") from None
    if resolved.type != kind:
        raise BadNodeId(field="id")
    return resolved.id


def connection_of(node: type[graphene.ObjectType], name: str) -> type[graphene.ObjectType]:
    """Build the connection type of a node type: edges, nodes, pageInfo, totalCount."""
    edge = type(f"{name}Edge", (graphene.ObjectType,), {
        "projected": True,
        "node": graphene.Field(node, required=True),
        "cursor": graphene.String(required=True),
    })  # fmt: skip
    return type(f"{name}Connection", (graphene.ObjectType,), {
        "projected": True,
        "edges": graphene.List(graphene.NonNull(edge), required=True),
        "nodes": graphene.List(graphene.NonNull(node), required=True),
        "page_info": graphene.Field(PageInfoType, required=True),
        "total_count": graphene.Int(),
    })  # fmt: skip


def page_request(first: int | None, after: str | None, *, count: bool = False) -> Any:
    """Read Relay's arguments as a page request.

    :raises BadPageSize: if `first` is not a number from 1 to 100
    """
    from rustok.kernel.pages import DEFAULT_SIZE, MAX_SIZE, BadPageSize, PageRequest

    size = DEFAULT_SIZE if first is None else first
    if not 1 <= size <= MAX_SIZE:
        raise BadPageSize(f"first is a number from 1 to {MAX_SIZE}", field="first")
    return PageRequest(size=size, cursor=after or None, count=count)


def as_connection(page: Any, write: Callable[[Any], Any] = lambda row: row) -> dict[str, Any]:
    """Answer a page as a Relay connection (plain dicts: resolved by graphene's dict_or_attr resolver)."""
    nodes = [write(row) for row in page.results]
    edges = [{"node": node, "cursor": cursor} for node, cursor in zip(nodes, page.cursors, strict=True)]
    info = {
        "has_next_page": page.next is not None,
        "has_previous_page": page.previous is not None,
        "start_cursor": page.cursors[0] if page.cursors else None,
        "end_cursor": page.cursors[-1] if page.cursors else None,
    }
    return {"edges": edges, "nodes": nodes, "page_info": info, "total_count": page.count}


# --- limits and execution -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may ask for."""

    depth: int = 12
    aliases: int = 30
    tokens: int = 2_000
    selections: int = 500


LIMITS = Limits()


class TooComplex(Invalid):
    """The query asks for too much at once."""

    code = "query_too_complex"


def _deepens(node: Any) -> bool:
    """Tell whether a selection is one level deeper.

    `ofType` is not: a type has one at most, and every tool asks for nine of them, one in the other.
    """
    return isinstance(node, FieldNode) and node.name.value != "ofType"


def check_limits(document: DocumentNode, limits: Limits = LIMITS) -> None:
    """Refuse a document that is too deep, too wide or full of aliases; safe against fragment cycles.

    :raises TooComplex: naming the limit
    """
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    seen = {"aliases": 0, "selections": 0}

    def count(selections: int) -> None:
        """Count fields and fragments: spreads of spreads double without ever naming a field."""
        seen["selections"] += selections
        if seen["selections"] > limits.selections:
            raise TooComplex(f"more than {limits.selections} fields and fragments")

    def walk(selection_set: Any, depth: int, trail: frozenset[str]) -> None:
        if depth > limits.depth:
            raise TooComplex(f"deeper than {limits.depth} levels")
        for node in selection_set.selections if selection_set else ():
            if isinstance(node, FragmentSpreadNode):
                count(1)
                name = node.name.value
                if name in trail or name not in fragments:
                    continue
                walk(fragments[name].selection_set, depth, trail | {name})
                continue
            count(1)
            if isinstance(node, FieldNode):
                seen["aliases"] += node.alias is not None
            if seen["aliases"] > limits.aliases:
                raise TooComplex(f"more than {limits.aliases} aliases")
            walk(node.selection_set, depth + _deepens(node), trail)

    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            walk(definition.selection_set, 1, frozenset())


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that was parsed and validated once."""

    document: DocumentNode | None
    errors: tuple[GraphQLError, ...] = ()


class Executor:
    """Runs documents against one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self._prepare = lru_cache(maxsize=512)(self._prepare_uncached)
        self._cost = lru_cache(maxsize=4_096)(self._cost_uncached)

    def _prepare_uncached(self, text: str, introspection: bool) -> Prepared:
        try:
            document = parse(Source(text), no_location=False, max_tokens=LIMITS.tokens)
            check_limits(document)
        except RecursionError:
            return Prepared(None, (_wrapped(TooComplex("nested too deeply")),))
        except (GraphQLError, TooComplex) as error:
            return Prepared(None, (error if isinstance(error, GraphQLError) else _wrapped(error),))
        rules = list(specified_rules) + ([] if introspection else [NoSchemaIntrospectionCustomRule])
        errors = validate(self.schema, document, rules, max_errors=5)
        if not introspection:
            errors = [_without_hints(error) for error in errors]
        return Prepared(None if errors else document, tuple(errors))

    def _cost_uncached(
        self, text: str, introspection: bool, operation: str | None, sizes: frozenset[tuple[str, int]]
    ) -> int:
        document = self._prepare(text, introspection).document
        return cost_of(self.schema, document, dict(sizes), operation) if document else 1

    def cost(self, text: str, *, variables: Any, operation: str | None, introspection: bool) -> int:
        """Answer the points that an operation costs; a document that is not valid costs one.

        :raises TooComplex: if it costs more than anything may
        """
        sizes = frozenset((name, value) for name, value in (variables or {}).items() if type(value) is int)
        cost = self._cost(text, introspection, operation, sizes)
        if cost > MAX_COST:
            raise TooComplex(f"it costs more than {MAX_COST} points")
        return cost

    def run(
        self, text: str, *, variables: Any, operation: str | None, context: Any, introspection: bool
    ) -> ExecutionResult:
        """Run one operation of a document."""
        prepared = self._prepare(text, introspection)
        if prepared.document is None:
            return ExecutionResult(None, list(prepared.errors))
        result = execute(
            self.schema,
            prepared.document,
            context_value=context,
            variable_values=variables,
            operation_name=operation,
            execution_context_class=ProjectingContext,
        )
        assert isinstance(result, ExecutionResult)
        return result


def _without_hints(error: GraphQLError) -> GraphQLError:
    """Take out what graphql-core suggests: guess by guess, suggestions tell the schema to whoever may not read it."""
    return GraphQLError(error.message.partition(" Did you mean ")[0], error.nodes)


def _wrapped(error: DomainError) -> GraphQLError:
    return GraphQLError(error.detail, original_error=error)


def format_error(error: GraphQLError) -> dict[str, Any]:
    """Answer an error with its stable code; nothing of the inside leaks."""
    answer: dict[str, Any] = {"message": error.message}
    if error.locations:
        answer["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    if error.path:
        answer["path"] = error.path
    code = "graphql_invalid"
    if error.original_error is not None and not isinstance(error.original_error, GraphQLError):
        problem = as_problem(error.original_error)
        code, answer["message"] = problem.code, problem.detail
        if problem.errors:
            answer["extensions"] = {"errors": [e.as_dict() for e in problem.errors]}
    answer["extensions"] = {"code": code, **answer.get("extensions", {})}
    return answer
