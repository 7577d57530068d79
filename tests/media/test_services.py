"""A row has its files, at any moment."""

from pathlib import Path

import pytest
from django.db import DatabaseError, transaction

from apps.media import files, public, services
from apps.media.models import Asset, AssetTranslation, Rendition
from rustok.kernel.access import ANONYMOUS
from rustok.kernel.errors import Forbidden, PayloadTooLarge, PreconditionFailed, Unauthenticated
from rustok.kernel.locales import UnknownLocale
from tests.media.factories import SYSTEM, AssetFactory, picture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path, settings):
    """An empty folder for files."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "acme"


def stored(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def named():
    return {*Asset.objects.values_list("file", flat=True), *Rendition.objects.values_list("file", flat=True)}


def test_an_image_has_its_files_and_is_announced(acme, folder, events_of):
    asset = AssetFactory(size=(700, 300), alt={"en": "A tent", "de": "Ein Zelt"})
    assert asset.renditions.count() == 3
    assert stored(folder) == named()
    assert (asset.width, asset.height, asset.content_type) == (700, 300, "image/png")
    assert events_of("media.uploaded") == [{"asset_id": str(asset.pk)}]


def test_no_file_bears_a_name_of_the_client(acme, folder):
    asset = AssetFactory(filename="../../etc/passwd.php\x00.png")
    assert asset.original_name == "../../etc/passwd.php.png"
    assert all(files.locate(name) for name in stored(folder))
    assert not [name for name in stored(folder) if "passwd" in name]


def test_the_same_bytes_are_the_same_image(acme, folder, events_of):
    content = picture("blue")
    first = services.store_image(actor=SYSTEM, content=content, alt={"en": "Blue"})
    again = services.store_image(actor=SYSTEM, content=content, alt={"en": "Sky", "de": "Blau"})
    assert first == again
    assert dict(AssetTranslation.objects.values_list("locale", "alt")) == {"en": "Blue", "de": "Blau"}
    assert stored(folder) == named()
    assert (len(events_of("media.uploaded")), len(events_of("media.updated"))) == (1, 1)


def test_a_failed_insert_leaves_no_file(acme, folder, monkeypatch, events_of):
    def fail(*args, **kwargs):
        raise ValueError("no")

    monkeypatch.setattr(services, "publish", fail)
    with pytest.raises(ValueError, match="no"), transaction.atomic():
        AssetFactory()
    assert stored(folder) == set()
    assert not Asset.objects.exists()


def test_a_full_disk_leaves_neither_row_nor_half_a_file(acme, folder, monkeypatch):
    replace, calls = Path.replace, []

    def full(self, target):
        calls.append(target)
        if len(calls) == 2:
            raise OSError("no space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="no space"):
        AssetFactory()
    assert stored(folder) == set()
    assert not Asset.objects.exists()


def test_a_commit_of_unknown_outcome_keeps_the_files(acme, folder, monkeypatch):
    from django.db import OperationalError

    def lost(*args, **kwargs):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(services, "_record", lost)
    with pytest.raises(DatabaseError):
        AssetFactory()
    assert len(stored(folder)) == 3


def test_deleting_removes_the_files_once_it_is_committed(acme, folder, events_of, django_capture_on_commit_callbacks):
    asset = AssetFactory()
    with django_capture_on_commit_callbacks(execute=True):
        services.delete_asset(actor=SYSTEM, asset_id=asset.pk)
        assert stored(folder)
    assert stored(folder) == set()
    assert events_of("media.deleted") == [{"asset_id": str(asset.pk)}]


def test_an_image_that_a_product_shows_is_not_deleted(acme, folder):
    from tests.product.factories import ProductFactory

    asset = AssetFactory()
    ProductFactory(images=[asset.pk])
    with pytest.raises(services.AssetInUse):
        services.delete_asset(actor=SYSTEM, asset_id=asset.pk)
    assert stored(folder) == named() != set()


def test_words_and_focal_point_change_under_a_version(acme, events_of):
    asset = AssetFactory(alt={"en": "Tent", "de": "Zelt"})
    services.update_asset(
        actor=SYSTEM, asset_id=asset.pk, expected_version=1, alt={"en": "Dome", "de": None}, focal_x=10
    )
    with pytest.raises(PreconditionFailed):
        services.update_asset(actor=SYSTEM, asset_id=asset.pk, expected_version=1, focal_x=90)
    with pytest.raises(UnknownLocale):
        services.update_asset(actor=SYSTEM, asset_id=asset.pk, alt={"ru": "Палатка"})
    asset.refresh_from_db()
    assert (asset.focal_x, asset.focal_y, asset.version) == (10, 50, 2)
    assert dict(asset.translations.values_list("locale", "alt")) == {"en": "Dome"}
    assert len(events_of("media.updated")) == 1


def test_documents_of_many_images_cost_three_queries(acme, django_assert_num_queries):
    assets = [AssetFactory(alt={"en": "Tent", "de": "Zelt"}) for _ in range(3)]
    with django_assert_num_queries(3):
        found = public.image_docs_by_locale([asset.pk for asset in assets], ["en", "de"])
    assert found["de"][assets[0].pk]["alt"] == "Zelt"
    assert found["en"][assets[0].pk]["srcset"].endswith(" 320w")
    assert public.image_docs([assets[0].pk], "fr")[assets[0].pk]["alt"] == "Tent"


@pytest.mark.parametrize("who", ["anonymous", "customer"])
def test_strangers_change_nothing(acme, folder, actor, customer, who, events_of):
    stranger = ANONYMOUS if who == "anonymous" else actor(customer)
    refused = Unauthenticated if who == "anonymous" else Forbidden
    asset = AssetFactory()
    before = stored(folder)
    for attempt in (
        lambda: services.store_image(actor=stranger, content=picture("blue")),
        lambda: services.update_asset(actor=stranger, asset_id=asset.pk, focal_x=1),
        lambda: services.delete_asset(actor=stranger, asset_id=asset.pk),
    ):
        with pytest.raises(refused):
            attempt()
    assert stored(folder) == before
    assert Asset.objects.get().version == 1
    assert len(events_of("media.uploaded")) == 1
    assert events_of("media.updated") == events_of("media.deleted") == []


def test_a_shop_uploads_no_more_at_once_than_it_may(acme, folder):
    acme.limits = {"upload_bytes": 10}
    with pytest.raises(PayloadTooLarge):
        services.store_image(actor=SYSTEM, content=picture())
    assert not Asset.objects.exists()


def test_a_shop_keeps_no_more_than_it_may(acme, folder):
    first = AssetFactory(size=(700, 300))
    acme.limits = {"media_bytes": first.size + 10}
    with pytest.raises(services.StorageFull):
        services.store_image(actor=SYSTEM, content=picture(size=(40, 40)))
    assert Asset.objects.count() == 1
    assert stored(folder) == named()
