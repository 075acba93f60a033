"""Bytes into a Form: sniffs what a file is and has the right reader read it."""
