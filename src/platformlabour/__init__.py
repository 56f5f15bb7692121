"""Counting, mapping and connecting platform labour."""

from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = ["Estimate", "InputError", "__version__", "load"]

__version__ = "2026.1.0"


def __getattr__(name):
    # pandas takes half a second to import: it is paid for only when a table is loaded.
    if name == "load":
        from platformlabour.tables import load

        return load
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
