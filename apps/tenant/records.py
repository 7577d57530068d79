"""Reading DNS: the TXT records by which a shop shows that a domain is its own."""

from __future__ import annotations

import dns.exception
import dns.resolver

from apps.tenant.models import Domain
from rustok.kernel.errors import DomainError
from rustok.kernel.nameservers import resolver

__all__ = ["DnsUnanswered", "record_name", "record_value", "texts"]

#: Seconds that a look-up may take, over all servers.
PATIENCE = 5.0


class DnsUnanswered(DomainError):
    """No name server answered; try again in a moment."""

    code = "dns_unanswered"
    status = 503


def record_name(domain: Domain) -> str:
    """Answer the name of the TXT record that shows whose a domain is."""
    return f"_rustok.{domain.domain}"


def record_value(domain: Domain) -> str:
    """Answer what that record says."""
    return f"rustok-verify={domain.proof}"


def texts(name: str) -> list[str]:
    """Answer what all TXT records of a name say; nothing only if DNS says that there are none.

    :raises DnsUnanswered: if no server says the one or the other
    """
    try:
        answer = resolver().resolve(name, "TXT", lifetime=PATIENCE, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError):
        raise DnsUnanswered() from None
    return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]
