"""Who controls whom: ownership that passes through other firms, majorities, and power.

Four answers to one question, from one table of direct holdings:

- To whom does the value belong in the end? :func:`~platformlabour.networks.control_integrated.integrated_ownership` and
  :func:`~platformlabour.networks.control_integrated.ultimate_shares`.
- Who cannot be outvoted? :func:`~platformlabour.networks.control_threshold.controlled_by`,
  :func:`~platformlabour.networks.control_threshold.cumulated_control` and
  :func:`~platformlabour.networks.control_threshold.ultimate_controllers`.
- Whose will decides how often, if majorities form at random?
  :func:`~platformlabour.networks.control_power.network_power` and
  :func:`~platformlabour.networks.control_sampled.sampled_network_power`.
- How do they compare for one pair? :func:`compare` puts direct share, integrated share and control side by side.

Betweenness is none of them: an organisation on many chains may own and decide nothing.
"""

from __future__ import annotations

import pandas as pd
from scipy import sparse

from platformlabour.networks.control_dates import above_the_whole, holdings_at
from platformlabour.networks.control_holdings import FaultyHoldings, Holdings, from_rows, read_holdings
from platformlabour.networks.control_integrated import integrated_ownership, loops, network_value, ultimate_shares
from platformlabour.networks.control_power import Power, decided_by, network_power, shapley_shubik
from platformlabour.networks.control_sampled import sampled_network_power
from platformlabour.networks.control_threshold import controlled_by, cumulated_control, ultimate_controllers

__all__ = [
    "FaultyHoldings",
    "Holdings",
    "Power",
    "above_the_whole",
    "compare",
    "controlled_by",
    "cumulated_control",
    "decided_by",
    "from_rows",
    "holdings_at",
    "integrated_ownership",
    "loops",
    "network_power",
    "network_value",
    "read_holdings",
    "sampled_network_power",
    "shapley_shubik",
    "ultimate_controllers",
    "ultimate_shares",
]


def compare(holdings, *, owners=None, threshold=0.5):
    """Direct against integrated share, and control, for each owner and firm that a chain connects.

    Parameters
    ----------
    holdings : Holdings
    owners : list of str, optional
        Only these owners.
    threshold : float
        For control.

    Returns
    -------
    DataFrame
        ``owner``, ``firm``, ``direct`` and ``integrated`` share (corrected for circles), ``votes`` held directly where
        they are known apart, ``controls``.

    Raises
    ------
    InputError
        As for :func:`~platformlabour.networks.control_integrated.integrated_ownership` and
        :func:`~platformlabour.networks.control_threshold.cumulated_control`.

    Examples
    --------
    >>> chain = from_rows([("SoftBank", "Uber", 0.15), ("SoftBank", "Didi", 0.20), ("Uber", "Didi", 0.13)])
    >>> compare(chain, owners=["SoftBank"]).round(4).to_dict("split")["data"]
    [['SoftBank', 'Uber', 0.15, 0.15, False], ['SoftBank', 'Didi', 0.2, 0.2195, False]]
    """
    found = sparse.coo_array(integrated_ownership(holdings, owners=owners))
    rows = list(range(len(holdings.names))) if owners is None else [holdings.index(name) for name in owners]
    pairs = [(rows[i], int(j), float(share)) for i, j, share in zip(*found.coords, found.data, strict=True)]
    direct = holdings.shares.todok()
    controls = {
        (row.owner, row.firm) for row in cumulated_control(holdings, threshold=threshold, owners=owners).itertuples()
    }
    names = holdings.names
    columns = {
        "owner": [names[i] for i, _, _ in pairs],
        "firm": [names[j] for _, j, _ in pairs],
        "direct": [float(direct.get((i, j), 0.0)) for i, j, _ in pairs],
        "integrated": [share for _, _, share in pairs],
    }
    if holdings.votes is not None:
        votes = holdings.votes.todok()
        columns["votes"] = [float(votes.get((i, j), 0.0)) for i, j, _ in pairs]
    columns["controls"] = [(names[i], names[j]) in controls for i, j, _ in pairs]
    return pd.DataFrame(columns)
