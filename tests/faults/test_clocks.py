"""Relays whose clocks are wrong: only the database tells the time."""
