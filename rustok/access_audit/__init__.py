"""`manage.py audit_access`: every way in, what it declares, and what happens to those whom it is not for."""

from rustok.access_audit.idle import unasked
from rustok.access_audit.probing import Finding, probe
from rustok.access_audit.ways_in import Entry, audit

__all__ = ["Entry", "Finding", "audit", "probe", "unasked"]
