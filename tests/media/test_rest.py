"""Images over REST, and the files themselves."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from apps.media import files
from apps.media.models import Asset
from tests.media.factories import AssetFactory, picture

pytestmark = pytest.mark.django_db
URL = "/api/v1/media/"


def upload(client, content, name="tent.png", **fields):
    form = {"file": SimpleUploadedFile(name, content), **fields}
    return client.generic("POST", URL, encode_multipart(BOUNDARY, form), content_type=MULTIPART_CONTENT)


def test_an_upload_answers_the_image_with_its_renditions(api, manager):
    answer = upload(api(manager), picture(size=(500, 100)), alt="Ein Zelt", locale="de")
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["width"], body["alts"], body["original_name"]) == (500, {"de": "Ein Zelt"}, "tent.png")
    assert [one["width"] for one in body["renditions"]] == [160, 480, 500]
    again = upload(api(manager), picture(size=(500, 100)))
    assert again.json()["id"] == body["id"]


@pytest.mark.parametrize(
    ("content", "fields", "status", "code"),
    [
        (b"no picture", {}, 400, "invalid_image"),
        (b"<svg/>", {}, 400, "invalid_image"),
        (picture(), {"alt": "x" * 301}, 400, "max_length"),
        (picture(), {"alt": "x", "locale": "ru"}, 400, "unknown_locale"),
        (picture(), {"colour": "red"}, 400, "unknown_field"),
    ],
)
def test_a_bad_upload_is_refused_and_leaves_nothing(api, manager, content, fields, status, code, events_of):
    answer = upload(api(manager), content, **fields)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)
    assert not Asset.objects.exists()
    assert events_of("media.uploaded") == []


def test_a_json_body_is_no_upload(api, manager):
    assert api(manager).post(URL, {"file": "x"}).status_code == 415


def test_too_large_a_body_is_413(api, manager, settings):
    settings.MAX_UPLOAD = 1_000
    assert upload(api(manager), picture("blue", size=(900, 900)) + b"\0" * 2_000).status_code == 413


def test_strangers_see_no_list_and_upload_nothing(api, customer, events_of):
    asset = AssetFactory()
    for client, status in ((api(), 401), (api(customer), 403)):
        assert upload(client, picture("blue")).status_code == status
        assert client.get(URL).status_code == status
        assert client.get(f"{URL}{asset.pk}/").status_code == status
        assert client.patch(f"{URL}{asset.pk}/", {"focal_x": 1}).status_code == status
        assert client.delete(f"{URL}{asset.pk}/").status_code == status
    assert Asset.objects.count() == len(events_of("media.uploaded")) == 1


def test_words_change_under_the_entity_tag(api, manager):
    asset = AssetFactory()
    client, url = api(manager), f"{URL}{asset.pk}/"
    etag = client.get(url)["ETag"]
    assert client.get(url, HTTP_IF_NONE_MATCH=etag).status_code == 304
    changed = client.patch(url, {"alt": {"en": "Tent"}, "focal_y": 80}, HTTP_IF_MATCH=etag)
    assert (changed.json()["alt"], changed.json()["focal_y"]) == ("Tent", 80)
    assert client.patch(url, {"focal_y": 1}, HTTP_IF_MATCH=etag).status_code == 412
    assert client.patch(url, {"focal_y": 101}).json()["errors"][0]["code"] == "max_value"


def test_the_list_is_a_page_newest_first(api, manager):
    assets = [AssetFactory() for _ in range(3)]
    page = api(manager).get(f"{URL}?page_size=2&include=count").json()
    assert page["count"] == 3
    assert [one["id"] for one in page["results"]] == [str(assets[2].pk), str(assets[1].pk)]


# --- files ----------------------------------------------------------------------------------------------------------


def test_a_file_is_served_for_ever_and_never_sniffed(api):
    asset = AssetFactory()
    answer = api().get(f"/media/{asset.file.name}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content).startswith(b"\x89PNG")
    unchanged = api().get(f"/media/{asset.file.name}", HTTP_IF_NONE_MATCH=answer["ETag"])
    assert unchanged.status_code == 304
    assert api().get(f"/media/{asset.renditions.first().file.name}")["Content-Type"] == "image/webp"


def test_a_file_costs_no_query_of_ours(api, django_assert_num_queries):
    asset, client = AssetFactory(), api()
    client.get(f"/media/{asset.file.name}")
    with django_assert_num_queries(0):
        client.get(f"/media/{asset.file.name}")


def test_another_shop_does_not_serve_it(api):
    asset = AssetFactory()
    assert api(host="globex.localhost").get(f"/media/{asset.file.name}").status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "../acme/x.png", "..%2f..%2fetc%2fpasswd", "%2e%2e/secret.txt", "/etc/passwd", "secret.txt", "ab/secret.txt",
        "ab/../secret.txt", "", "ab/00000000-0000-7000-8000-000000000000.svg",
        "ab/00000000-0000-7000-8000-000000000000.png%00.txt", "ab/00000000-0000-7000-8000-000000000000.png\n",
    ],
)  # fmt: skip
def test_only_names_of_ours_are_looked_up(api, tmp_path, settings, name):
    settings.MEDIA_ROOT = tmp_path
    for secret in (tmp_path / "secret.txt", tmp_path / "acme/secret.txt", tmp_path / "acme/ab/secret.txt"):
        secret.parent.mkdir(parents=True, exist_ok=True)
        secret.write_text("secret")
    assert api().get(f"/media/{name}").status_code == 404


def test_a_link_out_of_the_folder_is_not_followed(api, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    asset = AssetFactory()
    path = files.absolute(asset.file.name)
    (tmp_path / "outside.png").write_bytes(b"secret")
    path.unlink()
    path.symlink_to(tmp_path / "outside.png")
    assert api().get(f"/media/{asset.file.name}").status_code == 404
