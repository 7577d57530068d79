"""`/mailbox/` on the platform's host, only where things are tried out: every link in these mails is a key."""

from __future__ import annotations

from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from rustok.kernel.tenancy import NoTenant, current_tenant
from rustok.mailbox import store

__all__ = ["body", "mailbox"]

#: A mail is somebody's HTML: nothing of it runs, and nothing of it is loaded from anywhere.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; sandbox allow-popups"
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'"
)


def _local(view: Any) -> Any:
    """Let the page exist only on the platform's host, in DEBUG or the demo."""

    @wraps(view)
    def serve(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            here = settings.MAILBOX and current_tenant().slug == "platform"
        except NoTenant:
            here = False
        if not here:
            raise Http404
        return view(request, *args, **kwargs)  # type: ignore[no-any-return]

    return serve


@never_cache
@require_safe
@_local
def mailbox(request: HttpRequest, slug: str = "", name: UUID | None = None) -> HttpResponse:
    """List the newest mails, and show one."""
    chosen = request.GET.get("tenant", "")
    known = store.tenants()
    mails = store.newest(chosen if chosen in known else "")
    shown = store.read(slug, str(name)) if name else None
    if name and shown is None:
        raise Http404
    context = {
        "mails": mails, "tenants": known, "chosen": chosen if chosen in known else "", "shown": shown,
        "as_text": request.GET.get("view") == "text", "folder": settings.MAILBOX_DIR,
        "kept": settings.EMAIL_URL.startswith("file:"),
    }  # fmt: skip
    response = render(request, "mailbox/mailbox.html", context)
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    return response


@never_cache
@require_safe
@xframe_options_sameorigin
@_local
def body(request: HttpRequest, slug: str, name: UUID) -> HttpResponse:
    """Answer the HTML of a mail, for a frame that lets nothing of it run."""
    found = store.read(slug, str(name))
    if found is None:
        raise Http404
    response = HttpResponse(found.html.replace("<head>", '<head><base target="_blank">', 1))
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response
