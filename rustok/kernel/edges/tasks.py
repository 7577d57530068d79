"""Tasks say why the platform does what nobody asked for; one that does not say so does not run (`rustok.celery`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from celery import shared_task

if TYPE_CHECKING:
    from celery import Task

__all__ = ["task"]

P = ParamSpec("P")
R = TypeVar("R")


def task(
    *, name: str, runs_as: str, everywhere: bool = False, **options: Any
) -> Callable[[Callable[P, R]], Task[P, R]]:  # fmt: skip
    """Make a task of a function: it runs in the tenant that it was sent from, or goes through tenants `everywhere`.

    :raises ValueError: if `runs_as` does not say why the platform does it
    """
    if not runs_as.strip():
        raise ValueError(f"task {name} does not say as what it runs")
    declared: dict[str, Any] = {"runs_as": runs_as, "everywhere": everywhere, "ignore_result": True, **options}
    return shared_task(name=name, **declared)
