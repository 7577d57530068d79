"""Typed domain errors: a stable code, an HTTP status, a sentence for people.

A module declares its own beside the function that raises them; `rustok.kernel.edges` turns them into problem
JSON, GraphQL errors and admin messages.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.exceptions import AppRegistryNotReady, ImproperlyConfigured
from django.utils.translation import gettext

__all__ = [
    "Conflict",
    "DomainError",
    "FieldError",
    "Forbidden",
    "IdempotencyMismatch",
    "Invalid",
    "NotFound",
    "PayloadTooLarge",
    "PreconditionFailed",
    "TooManyRequests",
    "Unauthenticated",
]


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one field of an input; `field` is a dotted path."""

    field: str
    code: str
    message: str

    def as_dict(self) -> dict[str, str]:
        """Answer the form that every edge shows."""
        return {"field": self.field, "code": self.code, "message": self.message}


class DomainError(Exception):
    """Something the platform refuses to do."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400

    def __init__(self, detail: Any = None, *, field: str | None = None, errors: tuple[FieldError, ...] = ()) -> None:
        self.detail = str(detail) if detail is not None else self.title()
        if field is not None and not errors:
            errors = (FieldError(field, self.code, self.detail),)
        self.errors = errors
        super().__init__(self.detail)

    @classmethod
    def title(cls) -> str:
        """Answer the first line of the class's docstring, in the reader's language: the same for every instance.

        While Django is not set up there is no language yet, so it stays as it is written.
        """
        line = (cls.__doc__ or cls.__name__).strip().splitlines()[0]
        try:
            return gettext(line)
        except (AppRegistryNotReady, ImproperlyConfigured):
            return line


class Invalid(DomainError):
    """The request is not valid."""

    code = "invalid"
    status = 400


class Unauthenticated(DomainError):
    """Log in first."""

    code = "unauthenticated"
    status = 401


class Forbidden(DomainError):
    """You may not do this."""

    code = "forbidden"
    status = 403


class NotFound(DomainError):
    """There is no such thing here."""

    code = "not_found"
    status = 404


class Conflict(DomainError):
    """The state of the thing does not allow this now."""

    code = "conflict"
    status = 409


class PreconditionFailed(DomainError):
    """Somebody changed it since you read it."""

    code = "precondition_failed"
    status = 412


class PayloadTooLarge(DomainError):
    """The request body is too large."""

    code = "payload_too_large"
    status = 413


class IdempotencyMismatch(DomainError):
    """This idempotency key was used for another request."""

    code = "idempotency_key_reused"
    status = 422


class TooManyRequests(DomainError):
    """Too many requests; try again later."""

    code = "rate_limited"
    status = 429

    def __init__(self, detail: Any = None, *, retry_after: int = 1) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
