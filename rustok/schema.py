"""The GraphQL schema, put together from the modules' `schema.py`, and the view that serves it."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import graphene
import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from graphql import GraphQLError
from rest_framework.exceptions import UnsupportedMediaType

from apps.accounts.public import bearer_user
from rustok.kernel.access import actor_for
from rustok.kernel.context import bind_actor
from rustok.kernel.edges.graphql_execution import Executor, format_error
from rustok.kernel.edges.limits import limit
from rustok.kernel.edges.persisted import document_text
from rustok.kernel.edges.problems import problem_response
from rustok.kernel.errors import DomainError, Invalid, TooManyRequests
from rustok.kernel.modules import all_modules

__all__ = ["graphql_view", "schema"]


#: Characters of a document that cost a point, beside what its fields do: parsing and checking take their time.
TEXT_PER_POINT = 20


class Malformed(Invalid):
    """A GraphQL request is a JSON object with a `query`."""

    code = "malformed"


def _collect(kind: str) -> type[graphene.ObjectType]:
    """Merge the `Query` or `Mutations` classes of every module into one."""
    parts = []
    for module in all_modules():
        if find_spec(f"{module.name}.schema"):
            part = getattr(import_module(f"{module.name}.schema"), kind, None)
            if part is not None:
                parts.append(part)
    return type(kind.rstrip("s") if kind == "Mutations" else kind, (*parts, graphene.ObjectType), {})


schema = graphene.Schema(query=_collect("Query"), mutation=_collect("Mutations"))
_executor = Executor(schema.graphql_schema)


@csrf_exempt
def graphql_view(request: HttpRequest) -> HttpResponse:
    """Serve GraphQL: `POST` runs a document, `GET` shows GraphiQL to developers and staff."""
    user = _bearer(request)
    actor = actor_for(user) if user else actor_for(request.user) if _same_site(request) else actor_for(_nobody())
    request.actor = actor  # type: ignore[attr-defined]
    if user:
        request.user = user  # whose session it is, where somebody asks for "this one"
    bind_actor(actor.id, actor.key_id, actor.email)
    curious = settings.DEBUG or settings.DEMO or actor.is_staff
    if request.method == "GET" and curious:
        return render(request, "graphiql.html")
    if request.method != "POST":
        return problem_response(Malformed("POST a JSON body"))
    if request.content_type != "application/json":
        return problem_response(UnsupportedMediaType(request.content_type or "nothing"))
    body = _body(request)
    try:
        text = document_text(body.get("query"), body.get("extensions"))
    except DomainError as error:
        return _refuse(error, status=200)
    if text is None:
        raise Malformed()
    variables, operation = body.get("variables"), body.get("operationName")
    try:
        limit(request, "graphql", cost=1 + len(text) // TEXT_PER_POINT)  # to read it is work, whatever it says
        cost = _executor.cost(text, variables=variables, operation=operation, introspection=curious)
        limit(request, "graphql", cost=cost)
    except DomainError as error:
        return _refuse(error, status=error.status)
    result = _executor.run(text, variables=variables, operation=operation, context=request, introspection=curious)
    answer: dict[str, Any] = {"data": result.data} if result.data is not None or not result.errors else {}
    if result.errors:
        answer["errors"] = [format_error(error) for error in result.errors]
    status = 400 if result.errors and result.data is None and not any(e.path for e in result.errors) else 200
    return _answer(answer, status=status)


def _bearer(request: HttpRequest) -> Any:
    """Answer whose token was sent, if one was; guessing tokens is counted by the address, as over REST."""
    try:
        return bearer_user(request)
    except DomainError:
        limit(request, "api")
        raise


def _refuse(error: DomainError, *, status: int) -> HttpResponse:
    response = _answer({"errors": [format_error(GraphQLError(error.detail, original_error=error))]}, status=status)
    if isinstance(error, TooManyRequests):
        response["Retry-After"] = str(error.retry_after)
    return response


def _answer(body: dict[str, Any], *, status: int) -> HttpResponse:
    return HttpResponse(orjson.dumps(body, default=str), status=status, content_type="application/json")


def _nobody() -> Any:
    from django.contrib.auth.models import AnonymousUser

    return AnonymousUser()


def _same_site(request: HttpRequest) -> bool:
    """Trust the session cookie only from our own pages: they send a header that a foreign form cannot."""
    return request.method == "GET" or request.META.get("HTTP_X_CSRFTOKEN") == request.COOKIES.get(
        settings.CSRF_COOKIE_NAME, object()
    )


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"JSON: {error}") from None
    if not isinstance(body, dict) or not isinstance(body.get("query"), str | None):
        raise Malformed()
    if not isinstance(body.get("variables"), dict | None) or not isinstance(body.get("operationName"), str | None):
        raise Malformed("variables is an object, operationName a string")
    return body
