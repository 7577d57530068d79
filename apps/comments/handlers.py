"""Reactions of the comments module."""

from __future__ import annotations

from uuid import UUID

from apps.comments.services import forget_comments_on
from rustok.kernel.events import Envelope, on


@on("node.deleted", runs_as="removes what was said about a node that is gone", even_off=True)
def forget_comments(event: Envelope) -> None:
    """Remove what was said about a node that is gone; safe to run twice."""
    forget_comments_on(event.payload["kind"], UUID(event.payload["node_id"]))
