"""The database backend: django-tenants' search_path handling, failing closed."""
