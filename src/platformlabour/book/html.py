"""Repairs to the HTML theme."""

from __future__ import annotations


def setup(app):
    """Register the repairs."""
