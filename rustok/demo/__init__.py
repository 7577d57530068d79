"""Demo tenants: their data, their drawings and the code that builds them."""
