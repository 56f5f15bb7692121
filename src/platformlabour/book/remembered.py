"""What Sphinx and its extensions work out anew for every reference, and what a build need do only once.

Nothing here changes a page: each answer is the one that the library itself gives, kept for the next time it is asked.
"""

from __future__ import annotations

import functools

import pybtex.plugin
from sphinx.domains.std import StandardDomain

__all__ = ["RememberingDomain", "setup"]

PAGES_KEPT = 8  # of any size: most numbered references stay within a chapter, or go to its appendix


class RememberingDomain(StandardDomain):
    """Sphinx's own domain, which would unpickle a whole page for each numbered reference to it."""

    def _resolve_numref_xref(self, env, *details):
        if getattr(self, "_pages", None) is None:
            self._pages = _Pages(env)
        return super()._resolve_numref_xref(self._pages, *details)


class _Pages:
    """The environment, except that the last pages asked for are at hand; references only read them."""

    def __init__(self, env):
        self._env = env
        self.get_doctree = functools.lru_cache(maxsize=PAGES_KEPT)(env.get_doctree)

    def __getattr__(self, name):
        return getattr(self._env, name)


def setup(app):
    """Register the domain, and let the bibliography look its formats up once instead of once a citation."""
    app.add_domain(RememberingDomain, override=True)
    if not hasattr(pybtex.plugin.find_plugin, "cache_info"):
        pybtex.plugin.find_plugin = functools.cache(pybtex.plugin.find_plugin)
