"""The GraphQL edge: fields and mutations that declare a permission, and Relay's ids and connections.

How documents are run, and within which limits, is in `graphql_execution`.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import graphene

from rustok.kernel.access import authorize, check_permission_name
from rustok.kernel.edges.rest import offered_locale, requested_locale
from rustok.kernel.errors import DomainError, Invalid
from rustok.kernel.modules import owner_of, require_enabled

__all__ = [
    "ErrorType",
    "Field",
    "MoneyType",
    "Mutation",
    "PageInfoType",
    "as_connection",
    "asked_locale",
    "connection_of",
    "decode_node_id",
    "encode_node_id",
    "page_request",
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


# --- what is asked for --------------------------------------------------------------------------------------------


def asked_locale(info: Any, locale: str | None = None) -> str:
    """Choose the locale of an answer: the argument, or what the request asks for.

    :raises UnknownLocale: if the tenant does not have it
    """
    return offered_locale(locale) if locale else requested_locale(info.context)


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
    return base64.b64encode(f"{kind}:{key}".encode()).decode()


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
