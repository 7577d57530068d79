"""Plain Django views say who may use them; one that does not say so does not run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse

from rustok.kernel.access import allows, check_permission_name, refused

__all__ = [
    "CHECKED_BY_ADMIN", "DeclaredViewsMiddleware", "NotGranted", "STAFF", "declaration_of", "declared", "of_admin_url",
]  # fmt: skip

F = TypeVar("F", bound=Callable[..., Any])
#: The namespace whose views the back office wraps: each of them is for staff, and its page asks for more.
CHECKED_BY_ADMIN = "admin"
#: Pages of the back office itself: for whoever may log in there.
STAFF = "staff"


def declared(permission: str) -> Callable[[F], F]:
    """Say who may use a view: PUBLIC, AUTHENTICATED, or a permission."""
    check_permission_name(permission)

    def mark(view: F) -> F:
        view.declared_permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def declaration_of(view: Any) -> str | None:
    """Answer what a view declares; REST endpoints declare for each method and check that themselves."""
    endpoint = getattr(view, "cls", None)
    if endpoint is not None and hasattr(endpoint, "permission_for"):
        return "each method"
    permission: str | None = getattr(view, "declared_permission", None)
    return permission


#: What Django's own pages of a model ask for.
_STANDARD = {"changelist": "read", "add": "create", "change": "update", "delete": "delete", "history": "read"}


def of_admin_url(route: str, name: str) -> str | None:
    """Answer what a URL of the back office asks for: a model's by its page, one of the site itself for staff.

    A page's own URLs stand in its `url_permissions`.
    """
    from django.contrib import admin

    parts = route.split("/")
    pages = {(m._meta.app_label, m._meta.model_name): page for m, page in admin.site._registry.items()}
    page: Any = pages.get((parts[1], parts[2])) if len(parts) > 2 else None
    if page is None:
        return STAFF
    resource = getattr(page, "resource", None)
    if resource is None:
        return None
    kind = name.removeprefix(f"{parts[1]}_{parts[2]}_")
    if not name or kind in _STANDARD:  # without a name: the old addresses, which lead to the form
        return f"{resource}.{_STANDARD.get(kind, 'read')}"
    action = next((one for one in page.object_actions() if kind == f"do_{one.name}"), None)
    permission: str | None = page.url_permissions.get(kind) if action is None else action.permission
    return permission


class NotGranted(PermissionDenied):
    """Somebody lacks a permission; `obj` is what it was wanted for."""

    def __init__(self, permission: str, obj: Model | None = None) -> None:
        super().__init__(f"{permission} is not granted")
        self.permission, self.obj = permission, obj


class DeclaredViewsMiddleware:
    """Lets no view run that does not say who may use it, and tells of those who may not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Refuse what is not declared, and who may not.

        :raises PermissionDenied: to both
        """
        is_admin = _is_admin(request)
        permission = _asked_by_admin(request) if is_admin else declaration_of(view)
        if permission is None:
            raise PermissionDenied("this view does not say who may use it")
        actor = request.actor  # type: ignore[attr-defined]
        if is_admin:
            if not actor.is_staff and permission != STAFF:
                refused(actor, permission)
            return  # the back office asks who it is, and the page for more
        if permission != "each method" and not allows(actor, permission):
            refused(actor, permission)
            raise NotGranted(permission)

    def process_exception(self, request: HttpRequest, error: Exception) -> None:
        """Tell of whom a page of the back office refuses; services tell of their own refusals."""
        if not isinstance(error, PermissionDenied | Http404) or not _is_admin(request):
            return
        actor = request.actor  # type: ignore[attr-defined]
        asked = getattr(error, "permission", None) or _asked_by_admin(request)
        if asked in (None, STAFF) or (isinstance(error, Http404) and allows(actor, asked)):
            return
        refused(actor, asked, getattr(error, "obj", None) or getattr(request, "_about", None))


def _is_admin(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and match.namespaces[:1] == [CHECKED_BY_ADMIN]


def _asked_by_admin(request: HttpRequest) -> str | None:
    match: Any = request.resolver_match
    return of_admin_url(match.route, match.url_name or "")
