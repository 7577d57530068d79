"""The one error mapper: whatever was raised becomes an RFC 9457 problem with a stable code."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from django.core.exceptions import (
    BadRequest,
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DataError, IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from psycopg import errors as pg
from rest_framework import exceptions as drf
from rest_framework.response import Response

from rustok.kernel.context import current_work
from rustok.kernel.errors import DomainError, FieldError

__all__ = ["CONTENT_TYPE", "Problem", "as_problem", "drf_handler", "field_errors", "problem_response"]

CONTENT_TYPE = "application/problem+json"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """What a client is told."""

    status: int
    code: str
    title: str
    detail: str
    errors: tuple[FieldError, ...] = ()
    retry_after: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """Answer the members of the problem document."""
        return {
            "type": f"urn:rustok:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "errors": [error.as_dict() for error in self.errors],
            "trace_id": current_work().trace_id,
        }


#: Framework exceptions that carry no more than their kind.
_KINDS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], int, str, str], ...] = (
    ((Http404, ObjectDoesNotExist, drf.NotFound), 404, "not_found", gettext_noop("There is no such thing here.")),
    ((PermissionDenied, drf.PermissionDenied), 403, "forbidden", gettext_noop("You may not do this.")),
    ((drf.NotAuthenticated, drf.AuthenticationFailed), 401, "unauthenticated", gettext_noop("Log in first.")),
    (RequestDataTooBig, 413, "payload_too_large", gettext_noop("The request body is too large.")),
    (drf.MethodNotAllowed, 405, "method_not_allowed", gettext_noop("This method is not allowed here.")),
    (drf.NotAcceptable, 406, "not_acceptable", gettext_noop("This media type cannot be produced.")),
    (drf.UnsupportedMediaType, 415, "unsupported_media_type", gettext_noop("This media type is not understood.")),
    (drf.ParseError, 400, "malformed", gettext_noop("The request body could not be read.")),
    ((BadRequest, SuspiciousOperation), 400, "malformed", gettext_noop("The request could not be read.")),
    (drf.Throttled, 429, "rate_limited", gettext_noop("Too many requests; try again later.")),
)


def as_problem(error: BaseException) -> Problem:
    """Map any exception; what is not ours to explain becomes a bare 500 and is logged."""
    if isinstance(error, DomainError):
        retry_after = getattr(error, "retry_after", None)
        return Problem(error.status, error.code, error.title(), error.detail, error.errors, retry_after)
    if isinstance(error, drf.ValidationError):
        return _invalid(tuple(field_errors(error.detail)))
    if isinstance(error, DjangoValidationError):
        return _invalid(tuple(_django_errors(error)))
    if isinstance(error, IntegrityError | DataError):
        return _refused(error)
    for kinds, status, code, title in _KINDS:
        if isinstance(error, kinds):
            return Problem(status, code, _(title), _safe_detail(error, _(title)))
    log.error("unhandled_error", exc_info=error)
    return _unexplained()


def _unexplained() -> Problem:
    return Problem(500, "internal_error", _("Something went wrong on our side."), _("The error was logged."))


def _safe_detail(error: BaseException, title: str) -> str:
    """Use DRF's own sentence; Django's messages may name rows, so they stay inside."""
    return str(error) if isinstance(error, drf.APIException) else title


def _invalid(errors: tuple[FieldError, ...]) -> Problem:
    detail = "; ".join(f"{e.field}: {e.message}" if e.field else e.message for e in errors[:3])
    return Problem(400, "invalid", _("The request is not valid."), detail, errors)


_REFUSALS: tuple[tuple[type[pg.Error], int, str, str], ...] = (
    (pg.UniqueViolation, 409, "already_exists", gettext_noop("There is one like this already.")),
    (pg.ForeignKeyViolation, 409, "in_use", gettext_noop("Something else refers to this, or this refers to nothing.")),
    (pg.CheckViolation, 400, "constraint", gettext_noop("The values break a rule of the data.")),
)


def _refused(error: IntegrityError | DataError) -> Problem:
    """Answer the database's refusal: a duplicate is a conflict, a broken rule is a bad request.

    The constraint's name tells of our tables, so it goes to the log and not to the client.
    """
    if isinstance(error, DataError):  # a value that no column holds: a NUL, a number too large; a field missed it
        log.warning("unstorable_value", exc_info=error)
        return _invalid((FieldError("", "unstorable", _("a value cannot be stored")),))
    cause = error.__cause__
    for kind, status, code, title in _REFUSALS:
        if isinstance(cause, kind):
            log.info("constraint_refused", extra={"constraint": cause.diag.constraint_name})
            return Problem(status, code, _(title), _(title))
    log.error("unhandled_integrity_error", exc_info=error)
    return _unexplained()


def field_errors(detail: Any, path: str = "") -> Iterator[FieldError]:
    """Flatten DRF's nested error detail into dotted paths."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            step = "" if name == "non_field_errors" else str(name)
            yield from field_errors(inner, ".".join(part for part in (path, step) if part))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from field_errors(inner, f"{path}.{index}" if nested else path)
    else:
        yield FieldError(path, getattr(detail, "code", None) or "invalid", str(detail))


def _django_errors(error: DjangoValidationError) -> Iterator[FieldError]:
    by_field = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    for field, inner in by_field.items():
        name = "" if field == "__all__" else field
        for one in inner:
            yield FieldError(name, one.code or "invalid", "; ".join(one.messages))


def _headers(problem: Problem) -> dict[str, str]:
    headers = {"Vary": "Accept-Language"}
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    return headers


def problem_response(error: BaseException) -> HttpResponse:
    """Answer an exception outside of DRF."""
    problem = as_problem(error)
    body = orjson.dumps(problem.as_dict())
    return HttpResponse(body, status=problem.status, content_type=CONTENT_TYPE, headers=_headers(problem))


def drf_handler(error: Exception, context: dict[str, Any]) -> Response:
    """Answer an exception inside a DRF view (`EXCEPTION_HANDLER`)."""
    from django.db import connection, transaction

    if connection.in_atomic_block and connection.settings_dict["ATOMIC_REQUESTS"]:
        transaction.set_rollback(True)
    problem = as_problem(error)
    return Response(problem.as_dict(), status=problem.status, content_type=CONTENT_TYPE, headers=_headers(problem))


def not_found(request: HttpRequest, exception: BaseException | None = None) -> HttpResponse:
    """Answer a path that nothing serves, under `/api/`."""
    return problem_response(exception or Http404())
