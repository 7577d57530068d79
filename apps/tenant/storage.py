"""Files of a tenant lie under the tenant's own folder."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.files.storage import FileSystemStorage

from rustok.kernel.tenancy import PUBLIC, NoTenant, current_schema

__all__ = ["TenantStorage"]


class TenantStorage(FileSystemStorage):
    """A file system folder per schema; the same relative name means another file for another tenant."""

    @property
    def base_location(self) -> str:  # type: ignore[override]
        """The current tenant's folder."""
        schema = current_schema()
        if schema == PUBLIC:
            raise NoTenant("files belong to a tenant")
        return os.path.join(settings.MEDIA_ROOT, schema)

    @property
    def location(self) -> str:  # type: ignore[override]
        """The current tenant's folder, absolute."""
        return os.path.abspath(self.base_location)
