"""How far the gradient of embeddedness depends on documents, on memory, on dates and on weights."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
from scipy.stats import rankdata, spearmanr

from platformlabour.errors import InputError
from platformlabour.networks.embeddedness import PARTS, double_roles, embeddedness, score
from platformlabour.networks.relations import documents, select

__all__ = ["bootstrap_documents", "leave_one_out", "robustness_grid", "sweep_weights"]

EVIDENCE = {
    "all rows": None,
    "without recalled": ("seen", "secondary"),
    "seen only": ("seen",),
}
DATES = {"all dates": None, "dated events": ("event",)}
WINDOWS = {"all years": None, "to 2014": (1990, 2014), "2015–2019": (2015, 2019), "2020–2026": (2020, 2026)}


def _clusters(ties):
    """Documents of each tie; a recalled row is its own document, since memory has no page."""
    return [
        (f"recalled: {tie['id']}",) if tie["evidence"] == "recalled" else documents(tie)
        for tie in ties.to_dict("records")
    ]


def bootstrap_documents(relations, *, draws=200, seed, top=10):
    """Draw the documents again and see who stays deeply embedded.

    Ties come in bundles: one article gives eleven ties, and they stand or fall together. So documents are drawn with
    replacement, not ties, and a tie is present if one of its documents was drawn.

    Parameters
    ----------
    relations : platformlabour.networks.relations.Relations
        Ties with ``id``, ``source``, ``further_sources`` and ``evidence``.
    draws : int
    seed : int
    top : int
        Length of the list whose members are watched.

    Returns
    -------
    DataFrame, one row an organisation, deepest first
        ``organisation``, ``score``, ``rank`` (1 is the deepest; ties share the mean), ``rank_low`` and ``rank_high``
        (2.5th and 97.5th percentile over the draws), ``in_top`` (share of draws in which the score is among the ``top``
        highest).

    Raises
    ------
    InputError
        If there are fewer than two documents.

    Notes
    -----
    A draw holds about 63 per cent of the documents, so every count is lower than in the whole: read the order, not the
    level. Documents that no search has found are in no draw.

    References
    ----------
    Efron, B. (1979). Bootstrap methods: another look at the jackknife. Annals of Statistics, 7(1), 1-26. On drawing
    clusters: Davison, A. C. and Hinkley, D. V. (1997). Bootstrap Methods and their Application, section 3.8.
    """
    ties = relations.ties
    clusters = _clusters(ties)
    names = sorted({name for cluster in clusters for name in cluster})
    if len(names) < 2:
        raise InputError(f"{len(names)} documents", "at least two, or there is nothing to draw")
    place = {name: k for k, name in enumerate(names)}
    belongs = np.zeros((len(ties), len(names)), dtype=bool)
    for row, cluster in enumerate(clusters):
        belongs[row, [place[name] for name in cluster]] = True
    whole = embeddedness(relations).set_index("organisation")["score"]
    rng = np.random.default_rng(seed)
    ranks, in_top = [], np.zeros(len(whole))
    for _ in range(draws):
        drawn = np.zeros(len(names), dtype=bool)
        drawn[rng.integers(len(names), size=len(names))] = True
        present = (belongs & drawn).any(axis=1)
        if not present.any():
            continue
        found = embeddedness(relations.replace(ties[present])).set_index("organisation")["score"]
        scores = found.reindex(whole.index).fillna(0.0).to_numpy()
        ranks.append(rankdata(-scores))
        in_top += scores >= max(np.sort(scores)[-min(top, len(scores))], 1e-12)
    low, high = np.quantile(ranks, [0.025, 0.975], axis=0)
    return pd.DataFrame(
        {
            "organisation": whole.index,
            "score": whole.to_numpy(),
            "rank": rankdata(-whole.to_numpy()),
            "rank_low": low,
            "rank_high": high,
            "in_top": in_top / len(ranks),
        }
    )


def leave_one_out(relations):
    """What happens to the order when one document is taken away.

    Parameters
    ----------
    relations : platformlabour.networks.relations.Relations

    Returns
    -------
    DataFrame, one row a document, the most influential first
        ``document``, ``ties`` (that only this document shows), ``agreement`` (Spearman's rank correlation of the scores
        with and without it).
    """
    ties = relations.ties
    clusters = _clusters(ties)
    whole = embeddedness(relations).set_index("organisation")["score"]
    rows = []
    for name in sorted({name for cluster in clusters for name in cluster if not name.startswith("recalled")}):
        alone = np.array([cluster == (name,) for cluster in clusters])
        if not alone.any():
            continue
        found = embeddedness(relations.replace(ties[~alone])).set_index("organisation")["score"]
        scores = found.reindex(whole.index).fillna(0.0)
        rows.append({"document": name, "ties": int(alone.sum()), "agreement": _agreement(whole, scores)})
    frame = pd.DataFrame(rows, columns=["document", "ties", "agreement"])
    return frame.sort_values(["agreement", "document"]).reset_index(drop=True)


def robustness_grid(relations, *, evidence=None, dates=None, windows=None):
    """The main figures under every combination of evidence, dating and time window.

    Parameters
    ----------
    relations : platformlabour.networks.relations.Relations
    evidence, dates : dict of str to tuple of str, optional
        Label to the grades kept.
    windows : dict of str to (int, int), optional
        Label to first and last year; a tie without a known end is taken to continue.

    Returns
    -------
    DataFrame, one row a cell
        ``evidence``, ``dates``, ``window``, ``ties``, ``organisations`` (platforms and vendors with a tie), ``thin``
        (share of them), ``mean_score``, ``deepest`` (identifier, empty if nobody has a score), ``double_roles``.

    Examples
    --------
    >>> from platformlabour.networks.relations import load_relations
    >>> grid = robustness_grid(load_relations())
    >>> len(grid), int(grid.ties[0])
    (24, 276)
    """
    choices = (evidence or EVIDENCE, dates or DATES, windows or WINDOWS)
    rows = []
    for labels in product(*choices):
        kept = (choice[label] for choice, label in zip(choices, labels, strict=True))
        grades, basis, years = kept
        part = select(relations, evidence=grades, date_basis=basis, during=years)
        row = dict(zip(("evidence", "dates", "window"), labels, strict=True))
        row["ties"] = len(part.ties)
        found = embeddedness(part)
        deep = len(found) > 0 and found["score"].iloc[0] > 0
        rows.append(
            {
                **row,
                "organisations": len(found),
                "thin": float(found["thin"].mean()) if len(found) else float("nan"),
                "mean_score": float(found["score"].mean()) if len(found) else float("nan"),
                "deepest": found["organisation"].iloc[0] if deep else "",
                "double_roles": len(double_roles(part)),
            }
        )
    return pd.DataFrame(rows)


def sweep_weights(parts, *, draws=1000, seed, top=10):
    """Draw the weights of the score at random: which members of the top list depend on them?

    Parameters
    ----------
    parts : DataFrame
        As :func:`~platformlabour.networks.embeddedness.embeddedness` gives it.
    draws : int
    seed : int
    top : int

    Returns
    -------
    DataFrame, one row an organisation, deepest first
        ``organisation``, ``score``, ``score_low``, ``score_high`` (2.5th and 97.5th percentile over weights drawn
        uniformly from all that add up to one) and ``in_top``.
    """
    rng = np.random.default_rng(seed)
    scores = np.array(
        [
            score(parts, weights=dict(zip(PARTS, row, strict=True)))
            for row in rng.dirichlet(np.ones(len(PARTS)), size=draws)
        ]
    )
    limit = np.sort(scores, axis=1)[:, -min(top, len(parts))]
    low, high = np.quantile(scores, [0.025, 0.975], axis=0)
    return pd.DataFrame(
        {
            "organisation": parts["organisation"],
            "score": parts["score"],
            "score_low": low,
            "score_high": high,
            "in_top": (scores >= limit[:, None]).mean(axis=0),
        }
    ).reset_index(drop=True)


def _agreement(one, other):
    return float(spearmanr(one, other).statistic)
