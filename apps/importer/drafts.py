"""What an importer makes of a file, whatever its format: products as they shall be, and remarks on the rest."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["MAX_ROWS", "ProductDraft", "Reading", "Remark", "VariantDraft"]

#: Rows that one file may have.
MAX_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing in one row that was not imported, and why; `row` counts from 2, as a spreadsheet does."""

    row: int
    key: str
    reason: str
    #: Whether the whole row was skipped, or only a part of it.
    whole: bool = False

    def __str__(self) -> str:
        return f"row {self.row} {self.key}: {'skipped' if self.whole else 'partly'}: {self.reason}"


@dataclass(frozen=True, slots=True)
class VariantDraft:
    """One thing that can be bought; `price` and `compare_at` in minor units, None for no price."""

    sku: str
    options: dict[str, str]
    price: int | None
    compare_at: int | None
    weight_g: int | None
    #: Pieces in stock; None if stock is not counted.
    stock: int | None
    requires_shipping: bool
    barcode: str = ""


@dataclass(slots=True)
class ProductDraft:
    """One product of the file."""

    row: int
    external_id: str
    handle: str
    title: str
    subtitle: str
    description: str
    kind: str
    published: bool
    featured: bool
    category: list[str]
    tags: list[str]
    options: dict[str, list[str]]
    variants: list[VariantDraft]
    image_urls: list[str]
    members: list[str] = field(default_factory=list)
    external_url: str = ""
    button_text: str = ""


@dataclass(slots=True)
class Reading:
    """All that was read of a file."""

    products: list[ProductDraft] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    rows: int = 0
