"""The back office of the $module module."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest

from apps.$module import services
from apps.$module.models import $Model
from rustok.kernel.edges.admin import Admin


@admin.register($Model)
class ${Model}Admin(Admin):
    """Everything, in order."""

    resource = "$resource"
    list_display = ("title", "position")
    search_fields = ("title",)
    fields = ("title", "position")

    def save_model(self, request: HttpRequest, obj: $Model, form: ModelForm, change: bool) -> None:
        """Create through the service."""
        if change:
            super().save_model(request, obj, form, change)
            return
        row = services.create_$word(actor=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        obj.pk = row.pk

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Note it in the object's history."""
        return super().log_addition(request, obj, message)
