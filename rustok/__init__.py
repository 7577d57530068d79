"""Wiring of the platform: settings, URLs, the GraphQL schema and Celery."""
