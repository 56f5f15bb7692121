"""The kinds of file that capture-recapture reads, apart from whatever takes time to import."""

from __future__ import annotations

__all__ = ["KINDS"]

KINDS = {
    "closed": "one 0/1 column an occasion, and optionally count (people a row stands for)",
    "frequencies": "times_seen,count (or times_seen_from,times_seen_to,workers,sightings)",
    "lists": "one 0/1 column a list, and optionally count (people a row stands for)",
    "truncated": "one row a person with the times seen and covariates, and optionally count",
    "open": "one 0/1 column an occasion, in order of time, and optionally count",
}
"""What a file of each kind holds."""
