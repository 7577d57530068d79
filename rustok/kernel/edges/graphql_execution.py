"""Running GraphQL documents within limits.

graphql-core's specified rules are kept and ours are added: depth, aliases and tokens are bounded before anything
runs. Parsed and validated documents are cached by their text.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

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

from rustok.kernel.edges.graphql_cost import MAX_COST, cost_of
from rustok.kernel.edges.problems import as_problem
from rustok.kernel.edges.projection import ProjectingContext
from rustok.kernel.errors import DomainError, Invalid

__all__ = ["Executor", "Limits", "check_limits", "format_error"]


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
