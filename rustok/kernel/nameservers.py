"""Asking DNS: the servers of the settings, or those of the machine."""

from __future__ import annotations

import dns.resolver
from django.conf import settings

__all__ = ["resolver"]


def resolver() -> dns.resolver.Resolver:
    """Make what asks `DNS_SERVERS`, or the servers of the machine if there are none."""
    if not settings.DNS_SERVERS:
        return dns.resolver.Resolver()
    found = dns.resolver.Resolver(configure=False)
    places = [server.rpartition(":") if ":" in server else (server, "", "53") for server in settings.DNS_SERVERS]
    found.nameservers = [host for host, _, _ in places]
    found.nameserver_ports = {host: int(port) for host, _, port in places}
    return found
