"""Mails as files, and a page to read them at: for trying things out."""
