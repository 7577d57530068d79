"""Attacks by crooked multipart bodies: each is refused with a client's error, and takes no memory worth a word."""

from __future__ import annotations

import io
import resource

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from apps.media.models import Asset
from tests.admin.conftest import Browser
from tests.media.factories import picture

pytestmark = pytest.mark.django_db
URL = "/api/v1/media/"


def part(head: bytes, body: bytes = b"x") -> bytes:
    return b"--B\r\n" + head + b"\r\n\r\n" + body + b"\r\n"


def file_part(name: bytes = b'filename="a.png"', kind: bytes = b"image/png", body: bytes = b"x") -> bytes:
    return part(b'Content-Disposition: form-data; name="file"; ' + name + b"\r\nContent-Type: " + kind, body)


FIELD = b'Content-Disposition: form-data; name="alt"'
END = b"--B--\r\n"
TYPE = "multipart/form-data; boundary=B"
CROOKED = {
    "nothing": (b"", TYPE),
    "no boundary": (file_part() + END, "multipart/form-data"),
    "an empty boundary": (file_part() + END, "multipart/form-data; boundary="),
    "a boundary of 10,000": (file_part() + END, "multipart/form-data; boundary=" + "B" * 10_000),
    "a boundary that is not ASCII": (file_part() + END, "multipart/form-data; boundary=\u00fc"),
    "a boundary that is another": (file_part() + END, "multipart/form-data; boundary=C"),
    "another kind of multipart": (file_part() + END, "multipart/mixed; boundary=B"),
    "a charset of nobody": (file_part() + END, TYPE + "; charset=nobody"),
    "a charset of sixteen bits": (file_part() + END, TYPE + "; charset=utf-16"),
    "a charset that runs code": (part(FIELD) + END, TYPE + "; charset=unicode_escape"),
    "no end": (file_part(), TYPE),
    "an end in the head": (b"--B\r\nContent-Disposition: form-da", TYPE),
    "5,000 fields": (part(FIELD) * 5_000 + END, TYPE),
    "5,000 files": (file_part() * 5_000 + END, TYPE),
    "5,000 empty parts": (b"--B\r\n\r\n\r\n" * 5_000 + END, TYPE),
    "a name of a megabyte": (part(b'Content-Disposition: form-data; name="' + b"n" * 1_000_000 + b'"') + END, TYPE),
    "a head of a megabyte": (part(FIELD + b"\r\nX: " + b"n" * 1_000_000) + END, TYPE),
    "a field of three megabytes": (part(FIELD, b"a" * 3_000_000) + END, TYPE),
    "100,000 parameters": (part(b"Content-Disposition: form-data; " + b'a="1"; ' * 100_000 + b'name="x"') + END, TYPE),
    "no name": (part(b"Content-Disposition: form-data") + END, TYPE),
    "a name that is not UTF-8": (part(b'Content-Disposition: form-data; name="\xff\xfe"') + END, TYPE),
    "a field that is not UTF-8": (part(FIELD, b"\xff\xfe") + file_part() + END, TYPE),
    "a field with NUL": (part(FIELD, b"a\0b") + file_part(body=picture()) + END, TYPE),
    "base64 that is none": (part(FIELD + b"\r\nContent-Transfer-Encoding: base64", b"###") + END, TYPE),
    "base64 of three": (file_part(b'filename="a"\r\nContent-Transfer-Encoding: base64', body=b"AAA") + END, TYPE),
    "a file that is text": (part(b'Content-Disposition: form-data; name="file"') + END, TYPE),
    "a file that is empty": (file_part(body=b"") + END, TYPE),
    "a file without a name": (file_part(b'filename=""') + END, TYPE),
    "text as a file": (file_part(body=picture()) + file_part().replace(b'"file"', b'"alt"') + END, TYPE),
    "a locale as a file": (file_part(body=picture()) + file_part().replace(b'"file"', b'"locale"') + END, TYPE),
    "a part that is a form": (part(b"Content-Type: multipart/mixed; boundary=C", b"--C--") + END, TYPE),
    "a name in a charset of nobody": (file_part(b"filename*=nobody''a%ff.png") + END, TYPE),
    "a name in half a charset": (file_part(b"filename*=utf-8'a") + END, TYPE),
    "a name of utf-7": (file_part(b"filename*=utf-7''%2bAAA-.png", body=picture("red")) + END, TYPE),
}


def send(client, body: bytes, kind: str, **more):
    return client.generic("POST", URL, body, content_type=kind, **more)


@pytest.mark.parametrize("why", CROOKED)
def test_a_crooked_body_is_the_senders_mistake(api, manager, why):
    body, kind = CROOKED[why]
    client = api(manager)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = send(client, body, kind)
    assert 400 <= answer.status_code < 500 or (answer.status_code == 201 and "name" in why), answer.content
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000
    assert Asset.objects.exists() == (answer.status_code == 201)
    asked = client.post("/api/graphql/", {"query": "{ __typename }"})
    assert asked.status_code == 200


@pytest.mark.parametrize("path", ["/admin/login/", "/en/account/login/", "/api/graphql/", "/api/v1/auth/login/"])
@pytest.mark.parametrize("why", CROOKED)
def test_no_page_of_strangers_breaks_by_a_crooked_body(acme, path, why):
    body, kind = CROOKED[why]
    answer = Browser().generic("POST", path, body, content_type=kind)
    assert answer.status_code < 500, answer.content[:500]


@pytest.mark.parametrize("length", ["-1", "x", "", "0", "1", "99999999999999999999", "1.5", " 5", "1_0", "٣"])
def test_a_length_that_is_none_is_the_senders_mistake(api, manager, length):
    body = file_part(body=picture()) + END
    answer = send(api(manager), body, TYPE, CONTENT_LENGTH=length)
    assert answer.status_code < 500, answer.content
    assert answer.status_code != 201 or Asset.objects.count() == 1


NAMES = {
    "up": "../../../etc/passwd.png", "absolute": "/etc/passwd.png", "windows": "C:\\windows\\x.png", "NUL": "a\0.png",
    "long": "n" * 300 + ".png", "longest": "n" * 100_000 + ".png", "back": "gnp.\u202eexe.png", "dots": "..",
    "dot": ".", "tags": "<img src=x onerror=alert(1)>.png", "lines": "a\r\nSet-Cookie: x=1\r\n.png",
    "surrogate": "\\ud800.png", "entity": "&#0;.png", "quotes": 'a";x="b.png', "nothing": " ", "device": "CON.png",
}  # fmt: skip


@pytest.mark.parametrize("which", NAMES)
def test_no_name_of_a_file_leads_anywhere(api, manager, which):
    form = {"file": SimpleUploadedFile("a.png", picture("green"))}
    form["file"].__dict__["_name"] = NAMES[which]
    body = encode_multipart(BOUNDARY, form)
    answer = api(manager).generic("POST", URL, body, content_type=MULTIPART_CONTENT)
    assert answer.status_code in (201, 400), answer.content
    if answer.status_code == 201:
        kept = Asset.objects.get().original_name
        assert len(kept) <= 300
        assert not {"/", "\\", "\0", "\r", "\n", "\u202e"} & set(kept), kept


def test_a_lie_about_the_content_type_changes_nothing(api, manager):
    for kind in (b"text/html", b"image/svg+xml", b"application/x-php; charset=\xff", b"x" * 10_000, b""):
        answer = send(api(manager), file_part(kind=kind, body=picture("yellow")) + END, TYPE)
        assert answer.status_code < 500, answer.content
        if answer.status_code == 201:
            assert answer.json()["content_type"].startswith("image/")
    assert send(api(manager), file_part(body=b"<script>alert(1)</script>") + END, TYPE).status_code == 400


def test_a_stream_that_never_ends_is_not_kept(api, manager):
    body = io.BytesIO(part(FIELD, b"a" * 40_000_000) + END)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = send(api(manager), body.getvalue(), TYPE)
    assert answer.status_code == 413
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000
