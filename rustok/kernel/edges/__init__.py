"""The three edges' shared parts: one error mapper, one base per edge, no business rule."""
