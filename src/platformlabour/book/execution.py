"""Chapters executed side by side before Sphinx reads them one after the other.

myst-nb executes a chapter in the moment it reads it, so that all but one processor wait. Before anything is read, this
executes those that the cache lacks and puts them into it, where myst-nb then finds them. Reader, client and cache are
the ones that myst-nb itself uses, so that a cached chapter is the same whoever put it there. jupyter-cache has an
executor for several processes too, but it forks, which is unsafe beside the threads of numerical libraries, goes on
after a failure, and tells neither us which chapter runs nor its kernels to stop on Ctrl-C. To execute is to wait for
kernels, so one thread with nbclient's own coroutines does.
"""

from __future__ import annotations

import asyncio
import os
import time
import traceback
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from myst_nb.core.execute import ExecutionError
from myst_nb.core.read import create_nb_reader
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from sphinx.util import logging

__all__ = ["fill_cache", "setup"]

log = logging.getLogger(__name__)

MOST_KERNELS = 4  # each holds some 200 megabytes


def fill_cache(app, env, docnames):
    """Execute the chapters to be read that the cache lacks, as many at a time as there are processors.

    Raises
    ------
    myst_nb.core.execute.ExecutionError
        If a cell fails; chapters that run by then are finished and kept.
    """
    settings = env.mystnb_config
    plain = not (settings.execution_in_temp or settings.execution_excludepatterns or settings.execution_allow_errors)
    kernels = min(os.cpu_count() or 1, MOST_KERNELS)
    if settings.execution_mode != "cache" or not settings.execution_raise_on_error or not plain or kernels == 1:
        return
    cache = get_cache(settings.execution_cache_path)
    notebooks = {}
    for docname in sorted(docnames):
        notebook = _read(env, docname)
        if notebook is not None and not _is_cached(cache, notebook):
            notebooks[docname] = notebook
    if len(notebooks) > 1:
        _Executions(env, cache, notebooks, kernels).run()


def _read(env, docname):
    """The notebook of a page; ``None`` for one without cells, or with rules of its own that are left to myst-nb."""
    path = env.doc2path(docname)
    text = Path(path).read_text(encoding="utf-8-sig")
    reader = create_nb_reader(path, env.myst_config, env.mystnb_config, text)
    if reader is None:
        return None
    notebook = reader.read(text)
    return None if {"execution", env.mystnb_config.metadata_key} & notebook.metadata.keys() else notebook


def _is_cached(cache, notebook):
    try:
        cache.match_cache_notebook(notebook)
    except KeyError:
        return False
    return True


class _Executions:
    """Chapters that run at the same time, and what stops them."""

    def __init__(self, env, cache, notebooks, kernels):
        self.env, self.cache, self.notebooks, self.kernels = env, cache, notebooks, kernels
        self.clients = []
        self.failed = self.broken_off = False

    def run(self):
        """Execute all, in a thread of its own: in the main one, nbclient would keep Ctrl-C for one kernel."""
        with ThreadPoolExecutor(max_workers=1) as thread:
            future = thread.submit(asyncio.run, self._all())
            try:
                while wait([future], timeout=0.5).not_done:  # looked at anew: another thread may get the signal
                    pass
            except KeyboardInterrupt:
                self.broken_off = True
                raise  # once the kernels have ended, and with them the thread
        for docname, failure in zip(self.notebooks, future.result(), strict=True):
            if isinstance(failure, ExecutionError):
                raise failure
            if failure is not None:  # a kernel that does not start, a full disk: myst-nb will meet it again and say so
                log.info("%s: left until it is read: %r", docname, failure)

    async def _all(self):
        free = asyncio.Semaphore(self.kernels)

        async def in_turn(docname, notebook):
            async with free:
                if not (self.failed or self.broken_off):
                    await self._one(docname, notebook)

        turns = [in_turn(docname, notebook) for docname, notebook in self.notebooks.items()]
        all_turns = asyncio.gather(*turns, return_exceptions=True)
        while not all_turns.done():
            await asyncio.wait([all_turns], timeout=0.2)
            for client in self.clients if self.broken_off else ():
                if client.km is not None and client.km.has_kernel:
                    await client.km.shutdown_kernel(now=True)
        return await all_turns

    async def _one(self, docname, notebook):
        path = Path(self.env.doc2path(docname))
        log.info("%s: Executing notebook", docname)
        client = NotebookClient(
            notebook,
            timeout=self.env.mystnb_config.execution_timeout,
            resources={"metadata": {"path": str(path.parent)}},
            record_timing=False,  # times in the cells would make another notebook of it
            on_notebook_start=lambda notebook: self.clients.append(client),  # from now on its kernel can be stopped
        )
        started = time.monotonic()
        try:
            await client.async_execute()
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            self.failed = True
            if not self.broken_off:  # in myst-nb's words, which the build's messages and the log's readers know
                words = f"Executing notebook failed: {type(error).__name__}\n{traceback.format_exc()}"
                log.warning(words, location=docname, type="mystnb", subtype="exec")
            raise ExecutionError(str(path)) from error
        facts = {"execution_seconds": time.monotonic() - started}
        bundle = CacheBundleIn(notebook, str(path), data=facts)
        self.cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def setup(app):
    """Register the step."""
    app.connect("env-before-read-docs", fill_cache)
