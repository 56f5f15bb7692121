"""What every estimator of the suite says alike: when a result is unusable, and when it is an approximation."""

from __future__ import annotations

__all__ = ["APPROXIMATE", "LARGEST_MULTIPLE", "LARGEST_RELATIVE_ERROR"]

LARGEST_MULTIPLE = 1000.0
"""An estimate of more times the people seen than this is called implausible: no data of this kind can show that."""
LARGEST_RELATIVE_ERROR = 10.0
"""So is one whose standard error is more than this many times itself."""

APPROXIMATE = "an approximation: under no model of the data does its interval hold the truth as often as it says"
"""The standing warning of estimators whose interval no model backs."""
