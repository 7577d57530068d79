"""Where the platform may connect to when somebody else wrote the address: public places, by http and https alone."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

import dns.exception
import dns.resolver
from django.conf import settings

from rustok.kernel.errors import DomainError, Invalid
from rustok.kernel.nameservers import resolver

__all__ = ["AddressRefused", "BadAddress", "Place", "Unreachable", "find_place"]

Address = IPv4Address | IPv6Address

MAX_URL = 2_000
#: Addresses of one name that are tried.
MOST = 4
#: What `ipaddress` calls global in one version of Python or another, and leads elsewhere than it says, or nowhere.
_ELSEWHERE: tuple[IPv4Network | IPv6Network, ...] = tuple(map(ip_network, (
    "0.0.0.0/8", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "224.0.0.0/3",
    "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23",
    "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
)))  # fmt: skip
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")
#: A name that ends in a number is an address in disguise: 2130706433, 0x7f.1, 0177.0.0.1.
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")


class BadAddress(Invalid):
    """This is no address of http or https that the platform fetches from."""

    code = "outbound_bad_address"


class AddressRefused(DomainError):
    """The address leads to no public place."""

    code = "outbound_address_refused"


class Unreachable(DomainError):
    """Nobody answers at this address."""

    code = "outbound_unreachable"
    status = 502


@dataclass(frozen=True, slots=True)
class Place:
    """A URL that was looked at, and the addresses that its host has: what is connected to, and nothing else."""

    url: str
    is_tls: bool
    host: str
    port: int
    #: Path and query, as they are asked for.
    target: str
    addresses: tuple[str, ...]


def find_place(url: str, *, seconds: float) -> Place:
    """Look at a URL, and ask once where its host is.

    :raises BadAddress: if it is no URL, of another scheme or port, or holds a name and a password
    :raises AddressRefused: if its host is at no public address
    :raises Unreachable: if DNS does not know it, or does not answer in so many seconds
    """
    parts, port = _split(url)
    host = _host(parts.hostname or "")
    found = [literal] if (literal := _literal(host)) else _resolved(host, seconds)
    allowed = [str(address) for address in found if _may_connect(address)]
    if not allowed:
        raise AddressRefused()
    target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    return Place(url, parts.scheme == "https", host, port, target, tuple(allowed[:MOST]))


def _split(url: str) -> tuple[SplitResult, int]:
    if len(url) > MAX_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise BadAddress()
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        raise BadAddress() from None
    if "@" in parts.netloc or port not in settings.OUTBOUND_PORTS:
        raise BadAddress()
    return parts, port


def _host(raw: str) -> str:
    """Answer the name as it is asked for.

    :raises BadAddress: if it is none, or a number in a spelling that others read as an address
    """
    host = raw.lower()
    if ":" not in host and (len(host) > 253 or not _HOST.fullmatch(host)):
        raise BadAddress()
    if _literal(host) is None and (":" in host or _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2])):
        raise BadAddress()
    return host


def _literal(host: str) -> Address | None:
    try:
        return None if "%" in host else ip_address(host)
    except ValueError:
        return None


def _resolved(host: str, seconds: float) -> list[Address]:
    """Ask where a host is, of IPv4 first: not every machine of ours has IPv6."""
    found: list[Address] = []
    end = time.monotonic() + seconds
    for kind in ("A", "AAAA"):
        try:
            answer = resolver().resolve(host, kind, lifetime=max(0.1, end - time.monotonic()), search=False)
        except dns.resolver.NoAnswer:
            continue
        except (dns.exception.DNSException, OSError):
            break
        found += [ip_address(record.address) for record in answer]
        if any(map(_may_connect, found)):
            break
    if not found:
        raise Unreachable("this name leads nowhere")
    return found


def _may_connect(address: Address) -> bool:
    if any(address in network for network in _allowed(tuple(settings.OUTBOUND_ALLOWED_NETWORKS))):
        return True
    return address.is_global and not any(address in network for network in _ELSEWHERE)


@lru_cache(maxsize=8)
def _allowed(networks: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(map(ip_network, networks))
