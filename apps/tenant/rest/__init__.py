"""REST of tenants, one file per subject."""
