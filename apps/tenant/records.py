"""Reading DNS: the TXT records by which a shop shows that a domain is its own."""

from __future__ import annotations

import dns.exception
import dns.resolver
from django.conf import settings

from apps.tenant.models import Domain

__all__ = ["record_name", "record_value", "texts"]

#: Seconds that a look-up may take, over all servers.
PATIENCE = 5.0
#: Records of one name that are looked at.
MOST = 50


def record_name(domain: Domain) -> str:
    """Answer the name of the TXT record that shows whose a domain is."""
    return f"_rustok.{domain.domain}"


def record_value(domain: Domain) -> str:
    """Answer what that record says."""
    return f"rustok-verify={domain.proof}"


def texts(name: str) -> list[str]:
    """Answer what the TXT records of a name say; nothing if there are none, or no server answers."""
    try:
        answer = _resolver().resolve(name, "TXT", lifetime=PATIENCE, search=False)
    except (dns.exception.DNSException, OSError):
        return []
    return [b"".join(record.strings).decode("utf-8", "replace") for record in list(answer)[:MOST]]


def _resolver() -> dns.resolver.Resolver:
    """Ask the servers of the settings, or those of the machine."""
    if not settings.DNS_SERVERS:
        return dns.resolver.Resolver()
    resolver = dns.resolver.Resolver(configure=False)
    places = [server.rpartition(":") if ":" in server else (server, "", "53") for server in settings.DNS_SERVERS]
    resolver.nameservers = [host for host, _, _ in places]
    resolver.nameserver_ports = {host: int(port) for host, _, port in places}
    return resolver
