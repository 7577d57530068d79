"""Contracts that every module shares; the kernel owns no tables and imports no module."""
