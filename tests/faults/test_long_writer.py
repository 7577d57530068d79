"""A transaction that stays open for a long time: it holds up nobody, and what it says comes after its commit."""
