"""Where embedded servers live: one folder per home, its secrets, and the account that servers run under."""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

PROJECT = Path(__file__).resolve().parents[2]
OWNED = (
    "beat", "bench", "demo.json", "demo.lock", "e2e", "embedded.json", "faults", "logs", "media", "secret_key",
    "servers", "servers.json", "start.lock", "static", "test", "users.lock",
)  # fmt: skip
LOGINS = ("nats", "postgres", "rustok", "valkey")
FALLBACKS = (Path("/var/lib"), Path("/var/tmp"), Path("/tmp"))


class EmbeddedError(Exception):
    """An embedded server cannot run; the message is one line for the person at the terminal."""


@dataclass(frozen=True)
class Account:
    """An unprivileged system account; PostgreSQL refuses to run as root."""

    name: str
    uid: int
    gid: int


def current_home() -> Path:
    """Return RUSTOK_HOME, or `.rustok` beside manage.py."""
    return Path(os.environ.get("RUSTOK_HOME") or PROJECT / ".rustok").expanduser().resolve()


def development_settings(home: Path) -> dict[str, str]:
    """Return what settings need beside URLs on a developer's machine: the key in the home, plain http."""
    if os.environ.get("DATABASE_URL"):
        return {}
    return {"SECRET_KEY": secret_key(home), "RUSTOK_DEMO": "1", "RUSTOK_HOME": str(home)}


def secret_key(home: Path) -> str:
    """Return the home's own SECRET_KEY, drawn once."""
    file = home / "secret_key"
    if not file.exists():
        make_home(home)
        write_private(file, secrets.token_urlsafe(48))
    return file.read_text()


def servers_account() -> Account | None:
    """Return the account that servers run under, None for our own."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise EmbeddedError("PostgreSQL refuses to run as root and there is no account 'nobody' to run it") from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def can_enter(folder: Path, account: Account) -> bool:
    """Ask the kernel whether the account can enter a folder: bits, groups and ACLs all count."""
    enter = ["sh", "-c", 'cd "$1"', "sh", str(folder)]
    result = subprocess.run(
        enter, cwd="/", stderr=subprocess.DEVNULL, user=account.uid, group=account.gid, extra_groups=[], check=False
    )
    return result.returncode == 0


@dataclass
class Home:
    """What a home remembers between runs; kept in `embedded.json`, readable by its owner only."""

    path: Path
    data: Path
    identity: str = field(default_factory=lambda: secrets.token_hex(8))
    passwords: dict[str, str] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Load a home, or make a new one."""
        make_home(path)
        try:
            stored = json.loads((path / "embedded.json").read_text())
        except FileNotFoundError:
            return cls._create(path)
        except ValueError:
            raise EmbeddedError(f"{path / 'embedded.json'} is damaged; `make reset` starts afresh") from None
        home = cls(path, Path(stored["data"]), stored["identity"], stored["passwords"], stored["ports"])
        home._check_reach()
        home._draw_passwords()
        return home

    @classmethod
    def _create(cls, path: Path) -> Self:
        home = cls(path, _choose_data(path))
        _forget_strangers(home)
        home._draw_passwords()
        return home

    @property
    def logs(self) -> Path:
        """Folder of the servers' logs."""
        folder = self.path / "logs"
        folder.mkdir(exist_ok=True)
        return folder

    def save(self) -> None:
        """Write the home's memory, whole or not at all."""
        write_private(self.path / "embedded.json", json.dumps(asdict(self), default=str, indent=1))

    def folder(self, name: str) -> Path:
        """Return a server's folder below data, owned by the servers' account."""
        self.data.mkdir(mode=0o711, exist_ok=True)
        folder = self.data / name
        folder.mkdir(mode=0o700, exist_ok=True)
        give(folder)
        return folder

    def program(self, source: Path) -> Path:
        """Return a server's program; as root a copy that the servers' account can reach."""
        if servers_account() is None:
            return source
        self.data.mkdir(mode=0o711, exist_ok=True)
        target = self.data / source.name
        if not target.exists() or target.stat().st_size != source.stat().st_size:
            draft = target.with_name(f"{source.name}-draft")
            shutil.copyfile(source, draft)
            draft.chmod(0o755)
            draft.replace(target)
        return target

    def forget(self) -> None:
        """Remove everything this home made; what others put there stays."""
        shutil.rmtree(self.data, ignore_errors=True)
        forget(self.path)

    def _draw_passwords(self) -> None:
        """Draw the passwords that are missing; a home may be older than one of its servers."""
        if missing := set(LOGINS) - set(self.passwords):
            self.passwords |= {name: secrets.token_urlsafe(24) for name in sorted(missing)}
            self.save()

    def _check_reach(self) -> None:
        account = servers_account()
        if account and self.data.exists() and not can_enter(self.data, account):
            raise EmbeddedError(
                f"{self.data} can no longer be entered by '{account.name}', who runs the servers; "
                "give its parent folders back their permissions or run `make reset`"
            )


def forget(path: Path) -> None:
    """Remove the names that belong to a home, and the folder if nothing else is left in it."""
    for name in OWNED:
        target = path / name
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target, ignore_errors=True)
        else:
            target.unlink(missing_ok=True)
    if path.is_dir() and not any(path.iterdir()):
        path.rmdir()


def give(path: Path) -> None:
    """Hand a file or folder of ours to the servers' account."""
    account = servers_account()
    if account:
        os.chown(path, account.uid, account.gid, follow_symlinks=False)


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step; only its owner can read it."""
    descriptor, draft = tempfile.mkstemp(prefix=".draft-", dir=path.parent)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
    os.replace(draft, path)


def make_home(path: Path) -> None:
    """Make a home; as root one that the servers' account can pass through but not list.

    :raises EmbeddedError: if it cannot be made or written to
    """
    mode = 0o711 if os.geteuid() == 0 else 0o700
    try:
        path.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as error:
        raise EmbeddedError(f"RUSTOK_HOME {path} cannot be made: {error.strerror}") from None
    if not os.access(path, os.W_OK):
        raise EmbeddedError(f"RUSTOK_HOME {path} cannot be written to by this user")


def _choose_data(path: Path) -> Path:
    """Keep data in the home, or as root in a folder that the servers' account can already enter."""
    account = servers_account()
    if account is None or can_enter(path, account):
        return path / "servers"
    name = f"rustok-{hashlib.sha256(bytes(path)).hexdigest()[:12]}"
    for parent in FALLBACKS:
        if can_enter(parent, account) and _is_ours(parent / name):
            return parent / name
    raise EmbeddedError(f"'{account.name}', who runs the servers, can enter neither {path} nor {FALLBACKS[0]}")


def _is_ours(folder: Path) -> bool:
    """Make a folder of root's, or accept one that root made; never one that somebody else put there."""
    try:
        folder.mkdir(mode=0o711, exist_ok=True)
    except OSError:
        return False
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == 0


def _forget_strangers(home: Home) -> None:
    """Drop data whose home was deleted: its passwords are gone with it."""
    if home.data.is_dir():
        shutil.rmtree(home.data)
