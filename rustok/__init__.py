"""Wiring of the platform: settings, URLs, the GraphQL schema and Celery."""

#: Written into archives of tenants.
__version__ = "0.1.0"
