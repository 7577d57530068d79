"""Events in the admin: what was said, what of it failed, and the ways to put it right."""

from apps.outbox.admin import events, letters, panels

__all__ = ["events", "letters", "panels"]
