"""Reads the CSV that WooCommerce exports (Products → Export): products and their variations.

A variation that leaves an attribute open ("any size") becomes one variant per value of that attribute.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import TextIO

from django.utils.dateparse import parse_datetime
from django.utils.text import slugify

from apps.importer.drafts import MAX_ROWS, ProductDraft, Reading, Remark, VariantDraft
from rustok.kernel.errors import Invalid
from rustok.kernel.money import BadAmount, Money

__all__ = ["NotWooCommerce", "read"]

Row = Mapping[str, str]

#: Grams in the unit that the header names: "Weight (lbs)".
_GRAMS = {"kg": Decimal(1000), "g": Decimal(1), "lbs": Decimal("453.59237"), "lb": Decimal("453.59237"),
          "oz": Decimal("28.349523125")}  # fmt: skip
_KINDS = ("simple", "variable", "grouped", "external", "variation")
_ATTRIBUTE = re.compile(r"^Attribute (\d+) name$")
#: Variants that one product may have.
MAX_VARIANTS = 250


class NotWooCommerce(Invalid):
    """This file is not a product export of WooCommerce."""

    code = "not_woocommerce"


class RowError(Exception):
    """Why a row cannot be imported."""


def read(source: TextIO, *, currency: str, now: datetime, zone: tzinfo) -> Reading:
    """Read a whole export; a bad row is a remark and spoils no other.

    :raises NotWooCommerce: if the columns are not WooCommerce's
    """
    rows = csv.DictReader(source)
    if not {"Type", "SKU", "Name"} <= set(rows.fieldnames or ()):
        raise NotWooCommerce("the columns Type, SKU and Name are missing")
    reader = _Reader(currency, now, zone, list(rows.fieldnames or ()))
    for number, row in enumerate(rows, start=2):
        if number > MAX_ROWS + 1:
            raise NotWooCommerce(f"more than {MAX_ROWS} rows")
        reader.take(number, {name: (value or "").strip() for name, value in row.items() if isinstance(value, str)})
    return reader.finish()


class _Reader:
    """Collects rows, because variations may stand before their parents, and puts them together at the end."""

    def __init__(self, currency: str, now: datetime, zone: tzinfo, columns: list[str]) -> None:
        self._currency, self._now, self._zone = currency, now, zone
        self._attributes = sorted(int(match.group(1)) for name in columns if (match := _ATTRIBUTE.match(name)))
        weight = next((match for name in columns if (match := re.match(r"^Weight \((\w+)\)$", name))), None)
        self._weight_column = weight.group(0) if weight else ""
        self._grams = _GRAMS.get(weight.group(1).lower(), Decimal(1000)) if weight else Decimal(1000)
        self._reading = Reading()
        self._parents: list[tuple[int, Row]] = []
        self._variations: dict[str, list[tuple[int, Row]]] = {}

    def take(self, number: int, row: Row) -> None:
        """Sort one row in."""
        self._reading.rows += 1
        kinds = {part.strip().lower() for part in row.get("Type", "").split(",")}
        if not kinds & set(_KINDS):
            self._remark(number, row, f"the type {row.get('Type', '')[:40]!r} is not known", whole=True)
        elif "variation" in kinds:
            self._variations.setdefault(row.get("Parent", ""), []).append((number, row))
        else:
            self._parents.append((number, row))

    def finish(self) -> Reading:
        """Put products together with their variations."""
        for number, row in self._parents:
            try:
                self._reading.products.append(self._product(number, row))
            except RowError as error:
                self._remark(number, row, str(error), whole=True)
        for orphans in self._variations.values():
            for number, row in orphans:
                reason = f"its parent {row.get('Parent', '')[:60]!r} is not in the file or was skipped"
                self._remark(number, row, reason, whole=True)
        self._reading.remarks.sort(key=lambda remark: remark.row)
        return self._reading

    def _remark(self, number: int, row: Row, reason: str, *, whole: bool = False) -> None:
        key = row.get("SKU") or row.get("ID") or row.get("Name") or "?"
        self._reading.remarks.append(Remark(number, key[:80], reason, whole))

    # --- products -------------------------------------------------------------------------------------------------

    def _product(self, number: int, row: Row) -> ProductDraft:
        kinds = {part.strip().lower() for part in row["Type"].split(",")}
        if not row.get("Name"):
            raise RowError("it has no name")
        digital = bool(kinds & {"virtual", "downloadable"})
        draft = ProductDraft(
            row=number,
            external_id=row.get("ID") or row.get("SKU") or row["Name"],
            handle=slugify(row["Name"])[:110] or slugify(row.get("SKU", ""))[:110],
            title=row["Name"],
            subtitle="",
            description=_paragraphs(row.get("Description") or row.get("Short description", "")),
            kind=next(
                k for k in ("external", "grouped", "digital", "physical") if k in kinds or k in _derived(digital)
            ),
            published=row.get("Published", "1") == "1",
            featured=row.get("Is featured?") == "1",
            category=[],
            tags=_list(row.get("Tags", "")),
            options={},
            variants=[],
            image_urls=_list(row.get("Images", "")),
            members=_list(row.get("Grouped products", "")) if "grouped" in kinds else [],
            external_url=row.get("External URL", ""),
            button_text=row.get("Button text", ""),
        )
        self._place(draft, row)
        self._add_variants(draft, row, "variable" in kinds, shipped=not digital and not kinds & {"external", "grouped"})
        self._note_losses(draft, row)
        return draft

    def _place(self, draft: ProductDraft, row: Row) -> None:
        """Take the deepest category as the product's own; the others become tags."""
        paths = [
            [part.strip() for part in path.split(">") if part.strip()] for path in _list(row.get("Categories", ""))
        ]
        paths = [path for path in paths if path and path != ["Uncategorized"]]
        if paths:
            draft.category = max(paths, key=len)
            draft.tags += [path[-1] for path in paths if path != draft.category and path != draft.category[: len(path)]]
        if row.get("Visibility in catalog", "visible") == "hidden":
            draft.published = False
            self._remark(draft.row, row, "it is hidden in the catalogue: imported as a draft")

    def _note_losses(self, draft: ProductDraft, row: Row) -> None:
        if any(value for name, value in row.items() if re.match(r"^Download \d+ URL$", name)):
            self._remark(draft.row, row, "files to download are not imported")
        for column in ("Upsells", "Cross-sells", "Purchase note", "Shipping class"):
            if row.get(column):
                self._remark(draft.row, row, f"{column.lower()} are not imported")

    # --- variants -------------------------------------------------------------------------------------------------

    def _add_variants(self, draft: ProductDraft, row: Row, variable: bool, *, shipped: bool) -> None:
        draft.options = self._options(row, keep_all=variable)
        if draft.kind == "grouped":
            draft.options = {}
            return
        if not variable:
            draft.options = {name: values for name, values in draft.options.items() if len(values) == 1}
            options = {name: values[0] for name, values in draft.options.items()}
            draft.variants = [self._variant(draft, row, row.get("SKU") or draft.handle, options, shipped)]
            return
        names = [name for name in (row.get("SKU", ""), f"id:{row.get('ID', '')}") if name in self._variations]
        rows = list(itertools.chain.from_iterable(self._variations.pop(name) for name in names))
        if not rows:
            raise RowError("it is variable and has no variations")
        for number, variation in rows:
            self._expand(draft, number, variation, shipped)
        if not draft.variants:
            raise RowError("none of its variations could be imported")
        used = {name: {variant.options[name] for variant in draft.variants} for name in draft.options}
        draft.options = {name: [v for v in values if v in used[name]] for name, values in draft.options.items()}

    def _expand(self, draft: ProductDraft, number: int, row: Row, shipped: bool) -> None:
        """Make one variant, or one per value of each attribute that the variation leaves open."""
        given = {name: values[0] for name, values in self._options(row, keep_all=False).items() if values}
        unknown = [name for name, value in given.items() if value not in draft.options.get(name, ())]
        if unknown:
            self._remark(
                number, row, f"{unknown[0]} {given[unknown[0]]!r} is not one of its parent's values", whole=True
            )
            return
        choices = [[given[name]] if name in given else values for name, values in draft.options.items()]
        combinations = list(itertools.product(*choices))
        if len(draft.variants) + len(combinations) > MAX_VARIANTS:
            self._remark(number, row, f"a product has at most {MAX_VARIANTS} variants", whole=True)
            return
        base = row.get("SKU") or f"{draft.handle}-{number}"
        for values in combinations:
            options = dict(zip(draft.options, values, strict=True))
            if any(variant.options == options for variant in draft.variants):
                continue
            open_values = [value for name, value in options.items() if name not in given]
            sku = "-".join([base, *(slugify(value) for value in open_values)])
            try:
                draft.variants.append(self._variant(draft, row, sku, options, shipped))
            except RowError as error:
                self._remark(number, row, str(error), whole=True)
                return

    def _options(self, row: Row, *, keep_all: bool) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for number in self._attributes:
            name = row.get(f"Attribute {number} name", "")
            values = list(dict.fromkeys(_list(row.get(f"Attribute {number} value(s)", ""))))
            if name and (values or keep_all):
                found[name[:60]] = [value[:80] for value in values]
        return {name: values for name, values in found.items() if values}

    def _variant(self, draft: ProductDraft, row: Row, sku: str, options: dict[str, str], shipped: bool) -> VariantDraft:
        price, compare_at = self._prices(row)
        if price is None and draft.kind != "grouped":
            raise RowError("it has no price")
        return VariantDraft(
            sku=sku[:64],
            options=options,
            price=price,
            compare_at=compare_at,
            weight_g=self._weight(row),
            stock=_stock(row),
            requires_shipping=shipped,
        )

    def _prices(self, row: Row) -> tuple[int | None, int | None]:
        regular = self._amount(row.get("Regular price", ""), "regular price")
        sale = self._amount(row.get("Sale price", ""), "sale price")
        if sale is None or (regular is not None and sale >= regular) or not self._on_sale_now(row):
            return regular, None
        return sale, regular

    def _amount(self, text: str, name: str) -> int | None:
        if not text:
            return None
        try:
            amount = Money.parse(
                text.replace(",", ".") if text.count(",") == 1 and "." not in text else text, self._currency
            )
        except BadAmount:
            raise RowError(f"its {name} {text[:20]!r} is not an amount of {self._currency}") from None
        if amount.amount < 0:
            raise RowError(f"its {name} is negative")
        return amount.amount

    def _on_sale_now(self, row: Row) -> bool:
        begins, ends = (self._moment(row.get(f"Date sale price {word}", "")) for word in ("starts", "ends"))
        return (begins is None or begins <= self._now) and (ends is None or self._now <= ends)

    def _moment(self, text: str) -> datetime | None:
        moment = parse_datetime(text if len(text) > 10 else f"{text} 00:00") if text else None
        return moment.replace(tzinfo=self._zone) if moment and moment.tzinfo is None else moment

    def _weight(self, row: Row) -> int | None:
        text = row.get(self._weight_column, "")
        try:
            grams = Decimal(text) * self._grams if text else None
        except InvalidOperation:
            raise RowError(f"its weight {text[:20]!r} is not a number") from None
        if grams is not None and not 0 <= grams <= 1_000_000:
            raise RowError(f"its weight {text[:20]} is out of bounds")
        return int(grams.to_integral_value()) if grams is not None else None


def _derived(digital: bool) -> Iterable[str]:
    return ("digital",) if digital else ("physical",)


def _stock(row: Row) -> int | None:
    """Count stock where the shop counts it; "in stock" without a number is stock that nobody counts."""
    text = row.get("Stock", "")
    if text:
        try:
            pieces = int(Decimal(text))
        except InvalidOperation:
            raise RowError(f"its stock {text[:20]!r} is not a number") from None
        if abs(pieces) > 10_000_000:
            raise RowError(f"its stock {text[:20]} is out of bounds")
        return max(pieces, 0)
    return None if row.get("In stock?", "1") in ("1", "backorder") else 0


def _list(text: str) -> list[str]:
    r"""Split at commas; WooCommerce writes a comma inside a value as `\,`."""
    return [part.replace("\\,", ",").strip() for part in re.split(r"(?<!\\),", text) if part.strip()]


def _paragraphs(text: str) -> str:
    """Turn WooCommerce's escaped line breaks into paragraphs, unless it is HTML already."""
    text = text.replace("\\n", "\n")
    if "<p" in text or "\n" not in text:
        return text
    return "".join(f"<p>{part.strip()}</p>" for part in re.split(r"\n{2,}", text) if part.strip())
