"""Network Power Index by sampling, for networks of any size and with circles."""

from __future__ import annotations

import numpy as np

from platformlabour.errors import InputError
from platformlabour.networks.control_power import TIE, Power, VotingNetwork

__all__ = ["sampled_network_power"]

_LAST = np.uint64(2**20 - 1)


def sampled_network_power(holdings, *, draws=1000, seed=None, quota=0.5, rest="one holder", sweeps=60):
    """Network Power Index from random draws, for networks of any size and with circles.

    Each draw takes new orders of joining in every firm. In a circle the wills are passed round ``sweeps`` times with
    new orders each time; a circle in which outsiders cannot prevail keeps deciding for itself.

    Parameters
    ----------
    holdings : Holdings
    draws : int
        The standard error falls with its root.
    seed : int or numpy.random.Generator, optional
        The same seed gives the same result.
    quota, rest
        As for :func:`~platformlabour.networks.control_power.network_power`.
    sweeps : int
        Rounds in each circle.

    Returns
    -------
    Power
        ``flow`` is empty where there are circles: what flows round has no end.

    Raises
    ------
    InputError
        If draws or sweeps is not a whole number of 2 or more.

    References
    ----------
    As for :func:`~platformlabour.networks.control_power.network_power`; the treatment of circles is this library's own.

    Examples
    --------
    >>> from platformlabour.networks.control_holdings import from_rows
    >>> majority = from_rows([("A", "B", 0.6), ("C", "B", 0.4), ("B", "D", 1.0)])
    >>> sampled = sampled_network_power(majority, draws=50, seed=1)
    >>> sampled.table.set_index("organisation")["index"].to_dict()
    {'A': 3.0, 'C': 1.0, 'B': 0.0, 'D': 0.0}
    """
    for name, value in (("draws", draws), ("sweeps", sweeps)):
        if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < 2:
            raise InputError(f"{value!r} {name}", "a whole number of 2 or more")
    generator = np.random.default_rng(seed)
    network = VotingNetwork.of(holdings, quota, rest)
    plan = network.plan()
    batch = int(max(1, min(draws, 2**22 // max(1, network.size))))
    total, squares, flow = (np.zeros(network.size) for _ in range(3))
    done = 0
    while done < draws:
        here = min(batch, draws - done)
        decided, through = _draw(network, plan, here, generator, sweeps)
        for k in range(here):
            counts = np.bincount(decided[:, k], minlength=network.size)
            total += counts
            squares += counts.astype(float) ** 2
        if through is not None:
            flow += _flow(network, plan, through)
        done += here
    mean = total / draws
    spread = np.sqrt(np.maximum(squares / draws - mean**2, 0) * draws / (draws - 1) / draws)
    return Power(network.table(mean, None if network.circular.any() else flow / draws, spread), draws, rest)


def _draw(network, plan, draws, generator, sweeps):
    """One will for each organisation and draw, and the holder through which it came."""
    will = np.repeat(np.arange(network.size)[:, None], draws, axis=1)
    through = None if network.circular.any() else will.copy()
    for circular, blocks in plan:
        for _ in range(sweeps if circular else 1):
            # Within a circle everybody answers to the round before, so nothing is written until all are decided.
            chosen = [
                _decide(will, holders, votes, network.quota, generator, through=through is not None)
                for _, holders, votes in blocks
            ]
            made = [np.take_along_axis(will, one, axis=0) for one in chosen]
            for (firms, _, _), holder, new in zip(blocks, chosen, made, strict=True):
                will[firms] = new
                if through is not None:
                    through[firms] = holder
    return will, through


def _decide(will, holders, votes, quota, generator, *, through):
    """The holder that decides in each firm and draw; arrays of firms by holders, and firms by draws in return."""
    firms, count = holders.shape
    draws = will.shape[1]
    if count == 1:
        return np.repeat(holders, draws, axis=1)
    chosen = np.empty((firms, draws), dtype=holders.dtype)
    step = max(1, 2**17 // (count * draws))
    for start in range(0, firms, step):
        span = slice(start, start + step)
        wills = will[holders[span]]
        # One random place in the order for each bloc: a hash of its will, salted anew for each firm and draw.
        salt = generator.integers(0, 2**64, size=(wills.shape[0], 1, draws), dtype=np.uint64)
        place = _mixed(wills.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) ^ salt)
        weight = votes[span]
        needed = quota * weight.sum(axis=1) + TIE
        if through:
            # Within a bloc its members join in random order too: the last 20 bits of the place.
            place = place & ~_LAST | generator.integers(0, 2**20, size=place.shape, dtype=np.uint64)
        pivotal = (_pairwise if count <= 5 else _sorted)(place, weight, needed)
        chosen[span] = np.take_along_axis(holders[span], pivotal, axis=1)
    return chosen


def _pairwise(place, weight, needed):
    """First holder, in the order of places, with whom the votes exceed what is needed; few holders, no sorting."""
    count = place.shape[1]
    best = np.full((place.shape[0], place.shape[2]), np.iinfo(np.uint64).max, dtype=np.uint64)
    pivotal = np.zeros(best.shape, dtype=np.intp)
    for k in range(count):
        votes = np.zeros(best.shape)
        for other in range(count):
            votes += weight[:, other, None] * (place[:, other] <= place[:, k])
        first = (votes > needed[:, None]) & (place[:, k] <= best)
        best[first] = place[:, k][first]
        pivotal[first] = k
    return pivotal


def _sorted(place, weight, needed):
    order = place.argsort(axis=1)
    votes = np.take_along_axis(np.broadcast_to(weight[:, :, None], place.shape), order, axis=1).cumsum(axis=1)
    first = (votes > needed[:, None, None]).argmax(axis=1)[:, None]
    return np.take_along_axis(order, first, axis=1)[:, 0]


def _mixed(bits):
    """Finaliser of the generator splitmix64: neighbouring numbers become unrelated ones."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def _flow(network, plan, through):
    """Organisations decided through each, itself included, summed over draws."""
    draws = through.shape[1]
    carried = np.ones(through.size)
    column = np.arange(draws)
    for _, blocks in reversed(plan):
        for firms, _, _ in blocks:
            np.add.at(carried, (through[firms] * draws + column).ravel(), carried.reshape(-1, draws)[firms].ravel())
    return carried.reshape(-1, draws).sum(axis=1)
