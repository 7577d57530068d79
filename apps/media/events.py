"""What the media module announces."""

from uuid import UUID

from rustok.kernel.events import Event, event


@event("media.uploaded", version=1)
class MediaUploaded(Event):
    """There is a new image."""

    asset_id: UUID


@event("media.updated", version=1)
class MediaUpdated(Event):
    """An image has another alternative text or focal point."""

    asset_id: UUID


@event("media.deleted", version=1)
class MediaDeleted(Event):
    """An image is gone; nothing pointed at it."""

    asset_id: UUID
