"""Counterpart: completed forms in, a working document and a sealed funding-body version out."""
