"""Buttons on an object's page: declared with a permission, asked for by POST only, with a form where one is needed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from js_asset import Media

from rustok.kernel.access import allows
from rustok.kernel.edges.admin_forms import ObjectAction, actions_on, put_into_form, styled
from rustok.kernel.edges.declared import NotGranted
from rustok.kernel.edges.problems import as_problem
from rustok.kernel.errors import DomainError

__all__ = ["ObjectActions"]


class ObjectActions:
    """Offers what is declared with `@object_action` or `action_on`, and does it."""

    opts: Any
    model: Any
    admin_site: Any
    live_url: Any
    get_object: Any
    log_change: Any

    def object_actions(self) -> Sequence[ObjectAction]:
        """List the declared actions, in order of definition."""
        found: dict[str, ObjectAction] = {}
        for cls in reversed(type(self).__mro__):
            for value in vars(cls).values():
                action = getattr(value, "object_action", None)
                if isinstance(action, ObjectAction):
                    found[action.name] = action
        return [*found.values(), *actions_on(self.opts.label)]

    def get_urls(self) -> list[URLPattern]:
        """Add a path for each action."""
        own = [
            path(
                f"<path:object_id>/do/{action.name}/",
                self.admin_site.admin_view(partial(self._act, action=action)),
                name=self._url_name(action),
            )
            for action in self.object_actions()
        ]
        return own + super().get_urls()  # type: ignore[misc,no-any-return]

    def _url_name(self, action: ObjectAction) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_do_{action.name}"

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Offer the actions that fit the object and the actor."""
        obj = kwargs.get("obj") or (args[3] if len(args) > 3 else None)
        if obj is not None and obj.pk and not obj._state.adding:
            context["object_actions"] = self._offered(request, obj)
            context["object_live_url"] = self.live_url(obj) if self.live_url else None
            context["subtitle"] = getattr(obj, "shown_as", None) or context.get("subtitle")
        if isinstance(context.get("media"), Media):  # with an editor: its import map is the page's one inline script
            context["media"].nonce = getattr(request, "csp_nonce", "")
        return super().render_change_form(request, context, *args, **kwargs)  # type: ignore[misc]

    def _offered(self, request: HttpRequest, obj: Model) -> list[dict[str, Any]]:
        return [
            {"action": action, "url": reverse(f"{self.admin_site.name}:{self._url_name(action)}", args=[obj.pk])}
            for action in self.object_actions()
            if action.fits(request.actor, obj)  # type: ignore[attr-defined]
        ]

    def _act(self, request: HttpRequest, object_id: str, action: ObjectAction) -> HttpResponse:
        """Ask, if the action has a form; act, on POST."""
        obj = self.get_object(request, object_id)
        if obj is None or not action.is_used():
            raise Http404
        if not allows(request.actor, action.permission, obj):  # type: ignore[attr-defined]
            raise NotGranted(action.permission, obj)
        form = self._action_form(request, obj, action)
        if request.method != "POST" and form is None:
            return HttpResponseNotAllowed(["POST"])
        if request.method != "POST" or (form is not None and not form.is_valid()):
            return self._ask(request, obj, action, form)
        try:
            message = (action.run or getattr(self, action.name))(request, obj, form.cleaned_data if form else {})
            self.log_change(request, obj, str(action.label) if message is None else f"{action.label}: {message}")
            messages.success(request, message or action.label)
        except DomainError as error:
            if form is not None:
                put_into_form(form, error)
                return self._ask(request, obj, action, form)
            messages.error(request, as_problem(error).detail)
        return redirect(self._after(obj))

    def _action_form(self, request: HttpRequest, obj: Model, action: ObjectAction) -> forms.Form | None:
        if action.form is None:
            return None
        filled = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        form = action.form(*filled)
        if hasattr(form, "about"):
            form.about(obj)
        return form

    def _after(self, obj: Model) -> str:
        """Answer where an action leads: back to the object, or to the list if it is gone."""
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}"
        still = self.model._base_manager.filter(pk=obj.pk).exists()
        return reverse(f"{name}_change", args=[obj.pk]) if still else reverse(f"{name}_changelist")

    def _ask(self, request: HttpRequest, obj: Model, action: ObjectAction, form: forms.Form | None) -> HttpResponse:
        context = self.admin_site.each_context(request) | {
            "opts": self.opts, "original": obj, "action": action, "form": form, "title": action.label,
        }  # fmt: skip
        styled(form.fields.values() if form else ())
        status = 200 if form is None or form.is_valid() or not form.is_bound else 422
        return render(request, "admin/rustok/ask.html", context, status=status)
