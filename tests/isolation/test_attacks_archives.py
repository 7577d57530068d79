"""Attacks by an archive that somebody hands to an operator: each is refused by name, and nothing of it is written."""

from __future__ import annotations

import json
import resource
import zipfile
from pathlib import Path
from typing import Any

import pytest

from apps.tenant import services
from apps.tenant.archives import ArchiveDamaged, ArchiveTooLarge, ArchiveUnknown, Reader
from apps.tenant.models import Domain, Job, Tenant
from apps.tenant.services import jobs
from rustok.kernel.errors import DomainError
from tests.tenant.lives import SYSTEM, shop
from tests.tenant.test_export import edited, export, repack


@pytest.fixture
def archive(committed_db: str, tmp_path: Path) -> Path:
    """The archive of a small shop."""
    shop("nile")
    export("nile", tmp_path / "nile.zip")
    return tmp_path / "nile.zip"


def facts_of(members: dict[str, bytes], **changes: Any) -> dict[str, bytes]:
    """Say something else of the first table."""
    manifest = json.loads(members["manifest.json"])
    name = sorted(manifest["tables"])[0]
    facts = {key: value for key, value in (manifest["tables"][name] | changes).items() if value is not None}
    return edited(members, tables=manifest["tables"] | {name: facts})


def tenant_of(members: dict[str, bytes], **changes: Any) -> dict[str, bytes]:
    """Say something else of the tenant."""
    return edited(members, tenant=json.loads(members["manifest.json"])["tenant"] | changes)


def with_file(members: dict[str, bytes], path: str) -> dict[str, bytes]:
    """Add a file that the manifest names as well."""
    from hashlib import sha256

    files = json.loads(members["manifest.json"])["files"] | {path: {"bytes": 1, "sha256": sha256(b"x").hexdigest()}}
    return edited(members | {f"media/{path}": b"x"}, files=files)


def raw(text: bytes) -> Any:
    return lambda members: members | {"manifest.json": text}


LIES: dict[str, Any] = {
    "a manifest nested without end": raw(b"[" * 200_000),
    "a manifest that is no UTF-8": raw(b'{"format": "\xff"}'),
    "a number that no computer reads": raw(b'{"format": ' + b"9" * 50_000 + b"}"),
    "NaN rows": lambda m: facts_of(m, rows=float("nan")),
    "no rows at all": lambda m: facts_of(m, rows=None),
    "no checksum": lambda m: facts_of(m, sha256=None),
    "columns in quotes": lambda m: facts_of(m, columns=['id") FROM PROGRAM \'true\' --']),
    "tables in quotes": lambda m: edited(m, tables={'x"; DROP SCHEMA public; --': {}}),
    "tables as a list": lambda m: edited(m, tables=[]),
    "files as a list": lambda m: edited(m, files=["x"]),
    "migrations as a number": lambda m: edited(m, fingerprint="0", migrations=1),
    "migrations of lists": lambda m: edited(m, fingerprint="0", migrations=[[1]]),
    "no counters": lambda m: edited(m, counters=None),
    "counters of somebody else": lambda m: edited(m, counters=[["x", "id", 1]]),
    "counters in quotes": lambda m: edited(m, counters=[['auth_group"; --', "id", 1]]),
    "a counter that is NaN": lambda m: edited(m, counters=[["auth_group", "id", float("nan")]]),
    "a counter that is endless": lambda m: edited(m, counters=[["auth_group", "id", 10**30]]),
    "a counter below one": lambda m: edited(m, counters=[["auth_group", "id", 0]]),
    "content types as a list": lambda m: edited(m, content_types=[]),
    "content types that are words": lambda m: edited(m, content_types={"x": "accounts.user"}),
    "content types beyond integers": lambda m: edited(m, content_types={"9" * 20: "accounts.user"}),
    "no domains": lambda m: edited(m, domains=3),
    "a name with NUL": lambda m: tenant_of(m, name="a\0b"),
    "a name that is a number": lambda m: tenant_of(m, name=5),
    "a theme with NUL": lambda m: tenant_of(m, theme={"accent": "\0"}),
    "a theme that is a number": lambda m: tenant_of(m, theme=5),
    "a second factor for some": lambda m: tenant_of(m, staff_second_factor="perhaps"),
    "limits that are a list": lambda m: tenant_of(m, limits=[1]),
    "limits that are words": lambda m: tenant_of(m, limits={"storage_bytes": "much"}),
    "modules that are a number": lambda m: tenant_of(m, disabled_modules=7),
    "origins that are numbers": lambda m: tenant_of(m, cors_origins=[5]),
    "origins that are all": lambda m: tenant_of(m, cors_origins=["*"]),
    "a name of 300 letters": lambda m: with_file(m, "x" * 300),
    "a file below a file": lambda m: with_file(with_file(m, "a/b"), "a"),
    "a file name of half a letter": lambda m: with_file(m, "pictures/\r\n.txt"),
}  # fmt: skip


def test_no_lie_of_an_archive_is_believed_or_written(archive):
    before, failed = rows_in_public(), {}
    for number, (why, change) in enumerate(LIES.items()):
        bad = repack(archive, archive.with_name(f"bad{number}.zip"), change)
        try:
            services.begin_import(actor=SYSTEM, file=bad, slug="congo", domains=["congo.localhost"])
            failed[why] = "taken"
            Job.objects.filter(tenant_slug="congo").delete()
            Tenant.objects.filter(slug="congo").delete()
        except DomainError:
            continue
        except Exception as error:
            failed[why] = repr(error)[:200]
    assert failed == {}
    assert rows_in_public() == before


def rows_in_public() -> tuple[int, ...]:
    return (Tenant.objects.count(), Domain.objects.count(), Job.objects.count())


# --- rows that no database takes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [b"\\N\t\\N\n", b"a\0b\n", b"\xff\xfe\n", b"1\n", b"\\.\n1\n", b"1\tx\ty\tz\tzz\n"])
def test_rows_that_cannot_be_are_refused_by_name(archive, rows):
    from hashlib import sha256

    def change(members: dict[str, bytes]) -> dict[str, bytes]:
        told = json.loads(members["manifest.json"])["tables"]
        told["auth_group"] |= {"bytes": len(rows), "rows": 1, "sha256": sha256(rows).hexdigest()}
        return edited(members | {"tables/auth_group.copy": rows}, tables=told)

    bad = repack(archive, archive.with_name("bad.zip"), change)
    job = services.begin_import(actor=SYSTEM, file=bad, slug="congo", domains=["congo.localhost"])
    job = jobs.run(job.pk)
    assert job.state == "failed"
    assert job.error_code in ("archive_rows_refused", "archive_damaged"), job.error
    assert Tenant.objects.get(slug="congo").status == "preparing"


# --- what is packed otherwise -------------------------------------------------------------------------------------


def packed_as(source: Path, kind: int) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(source.with_name("other.zip"), "w", kind) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return source.with_name("other.zip")


@pytest.mark.parametrize("kind", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_is_packed_in_a_way_that_no_export_uses_is_not_unpacked(archive, kind):
    """These unpackers have no bound: some kilobytes of them become gigabytes at once."""
    with pytest.raises(ArchiveUnknown):
        Reader(packed_as(archive, kind))


def test_a_manifest_that_says_less_than_it_is_does_not_fill_the_memory(tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("manifest.json", b" " * 600_000_000)
    data = path.read_bytes()
    size = (600_000_000).to_bytes(4, "little")
    assert data.count(size) == 2  # once before the member, once in the directory
    path.write_bytes(data.replace(size, (20).to_bytes(4, "little")))
    del data
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DomainError):
        Reader(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


FLIPS = {
    "encrypted": (6, b"\x01\x00"),
    "a method of nobody": (8, b"\x63\x00"),
    "of a version to come": (4, b"\xff\xff"),
}


@pytest.mark.parametrize("flip", FLIPS)
def test_a_header_that_nobody_reads_is_refused_by_name(tmp_path, flip):
    """The same bytes in front of the member and in the directory, where they stand two further on."""
    path, (place, value) = tmp_path / "bad.zip", FLIPS[flip]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("manifest.json", json.dumps({"format": 1, "tables": {}, "files": {}}))
    data = bytearray(path.read_bytes())
    data[place : place + 2] = value
    there = data.index(b"PK\x01\x02") + place + 2
    data[there : there + 2] = value
    path.write_bytes(data)
    with pytest.raises((ArchiveUnknown, ArchiveDamaged)):
        Reader(path)


def test_bytes_of_a_manifest_that_unpack_to_nothing_are_refused_by_name(tmp_path):
    path = tmp_path / "bad.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("manifest.json", json.dumps({"format": 1, "tables": {}, "files": {}}))
    data = bytearray(path.read_bytes())
    data[43:50] = b"\xff" * 7
    path.write_bytes(data)
    with pytest.raises((ArchiveUnknown, ArchiveDamaged)):
        Reader(path)


def test_entries_that_share_their_bytes_are_refused_by_name(tmp_path):
    path = tmp_path / "bad.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("media/a", b"\0" * 50_000_000)
        first = packed.infolist()[0]
        for number in range(50):
            twin = zipfile.ZipInfo(f"media/{number}")
            for field in ("compress_type", "CRC", "compress_size", "file_size", "header_offset"):
                setattr(twin, field, getattr(first, field))
            packed.filelist.append(twin)
            packed.NameToInfo[twin.filename] = twin
    with pytest.raises(ArchiveTooLarge):
        Reader(path)
