"""What a schema needs beyond its migrations: steps that run after them, whenever what they would do has changed."""

from __future__ import annotations

from typing import Protocol

__all__ = ["SchemaStep", "add_step", "schema_steps"]


class SchemaStep(Protocol):
    """Brings a schema to what the code declares; safe to repeat."""

    def fingerprint(self) -> str:
        """Answer what changes when the step would do something else."""

    def apply(self, schema: str) -> None:
        """Do it, in the context of the schema."""

    def is_done(self, schema: str) -> bool:
        """Tell whether the schema is as declared."""


_steps: list[SchemaStep] = []


def add_step(step: SchemaStep) -> None:
    """Run a step after every migration of a schema."""
    if not any(type(one) is type(step) for one in _steps):
        _steps.append(step)


def schema_steps() -> list[SchemaStep]:
    """List the steps, in the order in which they were added."""
    return list(_steps)
