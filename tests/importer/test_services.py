"""Bringing an export into the catalogue."""

import io
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from apps.importer.images import Fetcher, ImageNotFetched
from apps.importer.models import ImportRecord
from apps.importer.services import import_products
from apps.importer.woocommerce import read
from apps.inventory.public import UNLIMITED, available
from apps.pricing.public import prices_for
from apps.product.models import Product, Variant
from apps.product.public import find_by_handle, find_by_sku
from rustok.kernel.access import Actor
from rustok.kernel.errors import Forbidden
from tests.importer.test_woocommerce import MUG, export

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SYSTEM = Actor.system("tests")


def bring_in(*rows: dict, actor: Actor = SYSTEM, fetcher: Fetcher | None = None):
    reading = read(export(*rows), currency="USD", now=NOW, zone=UTC)
    return import_products(
        actor=actor, source="woocommerce", reading=reading, locale="en", currency="USD", now=NOW,
        fetcher=fetcher or Fetcher(enabled=False),
    )  # fmt: skip


def counts(report) -> tuple[int, int, int, int]:
    return report.created, report.updated, report.unchanged, report.skipped


TEE = {
    "ID": "2", "Type": "variable", "SKU": "tee", "Name": "Tee", "Categories": "Clothing > Shirts",
    "Attribute 1 name": "Size", "Attribute 1 value(s)": "M, L",
}  # fmt: skip
TEE_ANY = {"Type": "variation", "SKU": "tee-any", "Name": "Tee", "Parent": "tee", "Regular price": "20",
           "Attribute 1 name": "Size"}  # fmt: skip
SET = {"ID": "3", "Type": "grouped", "SKU": "set", "Name": "Set", "Grouped products": "mug, ghost"}


def test_everything_that_fits_is_there(acme):
    report = bring_in(SET, MUG | {"Stock": "7", "Sale price": "9"}, TEE, TEE_ANY)
    assert counts(report) == (3, 0, 0, 0)
    mug = find_by_sku("mug").id
    assert (prices_for([mug], "USD")[mug].amount, prices_for([mug], "USD")[mug].compare_at) == (900, 1250)
    assert available([mug]) == {mug: 7}
    medium = find_by_sku("tee-any-m").id
    assert available([medium])[medium] == UNLIMITED
    assert Product.objects.get(handle="tee").category.path == "clothing/shirts"
    assert list(Product.objects.get(handle="set").member_links.values_list("member__handle", flat=True)) == [
        "enamel-mug"
    ]
    assert [str(r) for r in report.remarks] == ["row 2 Set: partly: its members ghost are not in the catalogue"]


def test_a_second_run_changes_nothing(acme, events_of):
    rows = (MUG, TEE, TEE_ANY, SET)
    bring_in(*rows)
    before = (Product.objects.count(), Variant.objects.count(), len(events_of("product.updated")))
    assert counts(bring_in(*rows)) == (0, 0, 3, 0)
    assert (Product.objects.count(), Variant.objects.count(), len(events_of("product.updated"))) == before


def test_a_changed_row_updates_its_product(acme):
    bring_in(MUG)
    assert counts(bring_in(MUG | {"Name": "Big Mug", "Regular price": "15"})) == (0, 1, 0, 0)
    mug = find_by_sku("mug")
    assert prices_for([mug.id], "USD")[mug.id].amount == 1500
    assert Product.objects.get(pk=mug.product_id).translations.get(locale="en").title == "Big Mug"


def test_a_product_that_fails_leaves_nothing_half_done(acme):
    bring_in(MUG)
    report = bring_in({"ID": "77", "Type": "simple", "SKU": "mug", "Name": "Other", "Regular price": "1",
                       "Categories": "New"})  # fmt: skip
    assert [r.reason for r in report.remarks] == ["the SKU 'mug' belongs to another product here"]
    assert find_by_handle("other") is None
    assert ImportRecord.objects.count() == 1


def test_a_hidden_product_is_a_draft(acme):
    bring_in(MUG | {"Visibility in catalog": "hidden"})
    assert Product.objects.get(handle="enamel-mug").status == "draft"


def test_a_customer_imports_nothing(acme, customer, actor):
    with pytest.raises(Forbidden):
        bring_in(MUG, actor=actor(customer))
    assert not Product.objects.exists()


@pytest.fixture
def image_server(settings):
    """A server that has one image, and nothing else; it may be reached although it is not public."""
    raw = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(raw, "PNG")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            found = self.path == "/mug.png"
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(raw.getvalue() if found else b"")

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    settings.OUTBOUND_ALLOWED_NETWORKS, settings.OUTBOUND_PORTS = ["127.0.0.0/8"], [server.server_port]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_images_are_fetched_once_and_missing_ones_are_told(acme, image_server):
    row = MUG | {"Images": f"{image_server}/mug.png, {image_server}/gone.png, file:///etc/passwd"}
    report = bring_in(row, fetcher=Fetcher())
    assert [r.reason for r in report.remarks] == ["2 of 3 images are missing: the server answered 404"]
    product = Product.objects.get(handle="enamel-mug")
    assert product.images.count() == 1
    complete = MUG | {"Images": f"{image_server}/mug.png"}
    assert counts(bring_in(complete, fetcher=Fetcher())) == (0, 1, 0, 0)
    assert ImportRecord.objects.get().has_images
    assert bring_in(complete, fetcher=Fetcher(enabled=False)).remarks == []


def test_a_file_reaches_nothing_that_is_not_public(acme, image_server, settings):
    settings.OUTBOUND_ALLOWED_NETWORKS = []
    report = bring_in(MUG | {"Images": f"{image_server}/mug.png"}, fetcher=Fetcher())
    assert [r.reason for r in report.remarks] == ["1 of 1 images are missing: The address leads to no public place."]


def test_a_network_that_is_away_is_asked_three_times_only(settings):
    settings.OUTBOUND_ALLOWED_NETWORKS, settings.OUTBOUND_PORTS = ["127.0.0.0/8"], [9]
    fetcher = Fetcher()
    reasons = []
    for _ in range(5):
        with pytest.raises(ImageNotFetched) as caught:
            fetcher.fetch("http://127.0.0.1:9/x.png")
        reasons.append(str(caught.value))
    assert reasons == ["no connection (ConnectionRefusedError)"] * 3 + ["the network is away"] * 2


def test_the_command_reports_rows_and_refuses_what_it_cannot_read(acme, tmp_path, capsys):
    path = tmp_path / "products.csv"
    path.write_text(export(MUG, MUG | {"ID": "8", "Name": "", "SKU": "bad"}).getvalue())
    call_command("import_products", str(path), tenant="acme", format="woocommerce")
    out = capsys.readouterr().out
    assert "row 3 bad: skipped: it has no name" in out
    assert "products: 1 created, 0 updated, 0 unchanged; rows: 2 read, 1 skipped" in out
    for arguments in ({"file": "nowhere.csv", "tenant": "acme"}, {"file": str(path), "tenant": "nobody"}):
        with pytest.raises(CommandError):
            call_command("import_products", arguments["file"], tenant=arguments["tenant"], format="woocommerce")
