"""Links of one tenant: absolute addresses, and secrets in them that prove who got the mail.

A secret names its tenant, its purpose, whom it is about and a stamp of the state that it was made in: when that state
changes, as by using the secret, it is good no more. Nothing of it is stored.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare
from django_tenants.utils import get_tenant_domain_model

from rustok.kernel import audit
from rustok.kernel.access import ANONYMOUS
from rustok.kernel.errors import Unauthenticated
from rustok.kernel.ids import parse_id
from rustok.kernel.tenancy import current_tenant

__all__ = ["Claim", "InvalidLink", "NoAddress", "absolute", "check", "host", "page", "read", "refuse", "sign"]

#: Longer is no secret of ours.
MAX_LENGTH = 400


class InvalidLink(Unauthenticated):
    """This link is not valid, or no longer."""

    code = "invalid_link"


class NoAddress(LookupError):
    """The tenant has no primary domain, so that nothing can lead to it."""


def host() -> str:
    """Name the current tenant's primary domain.

    :raises NoAddress: if it has none
    """
    domains = get_tenant_domain_model().objects.filter(tenant_id=current_tenant().id, is_primary=True)
    found: str | None = domains.values_list("domain", flat=True).first()
    if found is None:
        raise NoAddress(current_tenant().slug)
    return found


def absolute(path: str) -> str:
    """Write the full address of a path at the current tenant, whatever host a request named.

    :raises NoAddress: if the tenant has no primary domain
    """
    scheme, usual = ("https", 443) if settings.HTTPS else ("http", 80)
    port = "" if settings.SITE_PORT in (0, usual) else f":{settings.SITE_PORT}"
    return f"{scheme}://{host()}{port}{path}"


def page(path: str, locale: str, **query: str) -> str:
    """Write the full address of a page in a language, if the tenant has it; else in the tenant's own.

    :raises NoAddress: if the tenant has no primary domain
    """
    tenant = current_tenant()
    prefix = f"/{locale}" if locale in tenant.locales and locale != tenant.default_locale else ""
    return absolute(f"{prefix}{path}" + (f"?{urlencode(query)}" if query else ""))


@dataclass(frozen=True, slots=True)
class Claim:
    """What a secret of this tenant says: whom it is about, and the stamp of the state it was made in."""

    purpose: str
    subject: UUID
    stamp: str


def _salt(purpose: str) -> str:
    return f"rustok.link.{purpose}"


def _stamp(state: tuple[object, ...]) -> str:
    return hashlib.sha256("\0".join(map(str, state)).encode()).hexdigest()[:32]


def sign(purpose: str, subject: UUID, *state: object) -> str:
    """Make a secret about a subject that is good as long as the state stays as it is."""
    claim = [str(current_tenant().id), str(subject), _stamp(state)]
    return signing.dumps(claim, salt=_salt(purpose))


def read(purpose: str, token: str, *, age: timedelta) -> Claim:
    """Verify that a secret is of this tenant, for this purpose and not too old; before any transaction.

    :raises InvalidLink: if it is not; that is written into the audit log
    """
    try:
        if len(token) > MAX_LENGTH:
            raise signing.BadSignature
        tenant, subject, stamp = signing.loads(token, salt=_salt(purpose), max_age=age)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise refuse(purpose, "expired" if isinstance(error, signing.SignatureExpired) else "broken") from None
    key = parse_id(subject)
    if key is None or not constant_time_compare(tenant, str(current_tenant().id)):
        raise refuse(purpose, "foreign")
    return Claim(purpose, key, stamp)


def check(claim: Claim, *state: object) -> None:
    """Verify that nothing changed since the secret was made.

    :raises InvalidLink: if something did
    """
    if not constant_time_compare(claim.stamp, _stamp(state)):
        raise refuse(claim.purpose, "used")


def refuse(purpose: str, reason: str) -> InvalidLink:
    """Note in the audit log that a secret was refused, each time with the same work; answer what to raise."""
    audit.record("token.refused", actor=ANONYMOUS, label=purpose, reason=reason)
    return InvalidLink()
