"""The HTML edge: what plain Django views share."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import ngettext

from rustok.kernel.edges.problems import as_problem, problem_response
from rustok.kernel.errors import DomainError, Forbidden, TooManyRequests

__all__ = ["bad_request", "csrf_failure", "in_words", "show_problem"]


class CsrfFailed(Forbidden):
    """The form expired; go back, reload the page and send it again."""

    code = "csrf_failed"


def bad_request(request: HttpRequest, exception: BaseException | None = None) -> HttpResponse:
    """Answer what could not be read; Django's own page reads the form once more, and fails once more."""
    if request.path.startswith("/api/"):
        return problem_response(BadRequest())
    return HttpResponse("Bad request\n", status=400, content_type="text/plain")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a failed CSRF check."""
    if request.path.startswith("/api/"):
        return problem_response(CsrfFailed())
    return render(request, "403_csrf.html", status=403)


def in_words(error: DomainError | Exception) -> str:
    """Answer a refusal as people read it: how long to wait, where programs are told which limit was reached."""
    if not isinstance(error, TooManyRequests):
        return str(as_problem(error).detail)
    said = ngettext(
        "Too many attempts. Wait %(count)s second, then try again.",
        "Too many attempts. Wait %(count)s seconds, then try again.",
        error.retry_after,
    )
    return said % {"count": error.retry_after}


def show_problem(request: HttpRequest, error: DomainError | Exception) -> None:
    """Show a refusal as a message on the next page."""
    problem = as_problem(error)
    if problem.errors:
        for one in problem.errors:
            messages.error(request, f"{one.field}: {one.message}" if one.field else one.message)
    else:
        messages.error(request, in_words(error))
