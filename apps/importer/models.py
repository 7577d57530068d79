"""What was imported, so that a second run knows what it has."""

from __future__ import annotations

from django.db import models

from rustok.kernel.models import Entity

__all__ = ["ImportRecord"]


class ImportRecord(Entity):
    """One product of an outside system and the product that it became here."""

    source = models.CharField(max_length=32)
    external_id = models.CharField(max_length=200)
    product = models.ForeignKey("product.Product", on_delete=models.CASCADE, related_name="+")
    #: Fingerprint of the rows it was made of: equal rows are not written again.
    digest = models.CharField(max_length=64)
    #: Whether every image could be fetched.
    has_images = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="importer_once")]

    def __str__(self) -> str:
        return f"{self.source}:{self.external_id}"
