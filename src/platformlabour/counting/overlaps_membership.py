"""Who can be met on one platform: the chance that somebody with so many platforms is on this one.

A worker with ``m`` platforms is taken to have chosen them one after another, each time among those not yet chosen and
with chances in proportion to the platforms' attraction (successive sampling). The attractions are not known; they are
found so that the expected accounts on each platform match the declared ones.
"""

from __future__ import annotations

import numpy as np

from platformlabour.errors import InputError

__all__ = ["attractions", "membership_chances"]

# Quadrature over the logarithm of arrival times. Attractions add up to 1: before exp(-11) anybody has arrived with a
# chance below 2e-5, and after the last limit the least attractive platform has, with a chance of 1 - 5e-18.
_STEP, _FIRST, _LAST = 0.5, -11.0, 40.0
_TOLERANCE = 1e-8
_ROUNDS = 500
_SMALLEST = 1e-9  # attraction, as a share of all
MOST_PLATFORMS = 1000


def membership_chances(attraction, most):
    """Chance that a platform is among the platforms of a worker, by how many the worker uses.

    Parameters
    ----------
    attraction : array_like of float, shape (platforms,)
        Relative chance of each platform to be chosen first.
    most : int
        Largest number of platforms considered; at most the number of platforms.

    Returns
    -------
    numpy.ndarray, shape (platforms, most)
        Column ``m - 1`` holds the chances for workers with ``m`` platforms and adds up to ``m``.

    Raises
    ------
    InputError
        If an attraction is not above 0, or ``most`` exceeds the number of platforms.

    References
    ----------
    B. Rosén (1972), Asymptotic theory for successive sampling with varying probabilities without replacement, Annals
    of Mathematical Statistics 43, 373-397: the arrival-time representation used here.

    Examples
    --------
    Two platforms, one twice as attractive: everybody with two platforms is on both.

    >>> membership_chances([2, 1], 2).round(3).tolist()
    [[0.667, 1.0], [0.333, 1.0]]
    """
    attraction = _attraction(attraction)
    platforms = len(attraction)
    if not 1 <= most <= platforms:
        raise InputError(f"{most} platforms used", f"1 to {platforms}, the number of platforms listed")
    rate = attraction / attraction.sum()
    times = np.exp(np.arange(_FIRST, np.log(_LAST / rate.min()) + _STEP, _STEP))
    arrived = -np.expm1(-np.outer(rate, times))  # shape (platforms, times)
    density = rate[:, None] * times * np.exp(-np.outer(rate, times)) * _STEP
    # Earlier arrivals among all other platforms. The list is halved again and again, each half taking in the arrivals
    # of the other: a platform costs a logarithm of additions, not one for every other platform.
    padded = np.zeros((1 << (platforms - 1).bit_length(), len(times)))
    padded[:platforms] = arrived
    counts = np.zeros((1, most, len(times)))
    counts[:, 0] = 1.0
    size = len(padded) // 2
    while size:
        halves = padded.reshape(len(counts), 2, size, len(times))
        counts = np.repeat(counts, 2, axis=0)
        for k in range(size):
            chance = halves[:, ::-1, k].reshape(len(counts), 1, len(times))
            moved = counts * chance
            counts -= moved
            counts[:, 1:] += moved[:, :-1]
        size //= 2
    fewer = np.cumsum(counts[:platforms], axis=1)  # at most m - 1 of the others came earlier
    chances = np.einsum("pmt,pt->pm", fewer, density)
    # The quadrature's error is spread so that a worker with m platforms has exactly m of them.
    chances *= np.arange(1, most + 1) / chances.sum(axis=0)
    return np.minimum(chances, 1.0)


def attractions(accounts, platform, tally, *, start=None):
    """Attractions under which the expected accounts match the declared ones, from a sample met on one platform.

    Parameters
    ----------
    accounts : array_like of float, shape (platforms,)
        Registered accounts on each platform.
    platform : int
        Position of the platform whose members answered.
    tally : array_like of float, shape (most,)
        Weight of the respondents with 1, 2, ... platforms.
    start : array_like of float, shape (platforms,), optional
        Where to begin.

    Returns
    -------
    attraction : numpy.ndarray, shape (platforms,)
        Adding up to 1.
    chances : numpy.ndarray, shape (platforms, most)
        As from :func:`membership_chances`.

    Raises
    ------
    InputError
        If no attractions give the declared accounts: a platform has more accounts than there would be people.

    Examples
    --------
    >>> attraction, chances = attractions([600, 400, 200], 0, [70, 30])
    >>> attraction.round(3).tolist()
    [0.533, 0.316, 0.151]
    """
    accounts = _attraction(accounts)
    tally = np.asarray(tally, dtype=float)
    shares = accounts / accounts.sum()
    attraction = shares if start is None else np.asarray(start, dtype=float)
    sizes = np.arange(1, len(tally) + 1)
    for _ in range(_ROUNDS):
        chances = membership_chances(attraction, len(tally))
        people = tally / chances[platform]
        people /= people.sum()
        wanted, expected = shares * (sizes @ people), chances @ people
        moved = attraction * wanted / expected
        moved /= moved.sum()
        if np.abs(moved / attraction - 1).max() < _TOLERANCE:
            if np.abs(expected / wanted - 1).max() > 1e-3:
                break  # settled, but not on the declared accounts
            return attraction, chances
        attraction = np.maximum(moved, _SMALLEST)
    raise InputError(
        f"a platform with {shares.max():.0%} of all accounts among workers with so many platforms",
        "accounts that the answers can explain: no platform can have more accounts than there are people",
        column="platform_accounts",
    )


def _attraction(values):
    try:
        values = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise InputError("text among the accounts", "numbers above 0", column="platform_accounts") from None
    if values.ndim != 1 or not 1 <= values.size <= MOST_PLATFORMS:
        raise InputError(
            f"{values.size} platforms", f"a list of 1 to {MOST_PLATFORMS:,} platforms", column="platform_accounts"
        )
    bad = ~(np.isfinite(values) & (values > 0))
    if bad.any():
        i = int(np.argmax(bad))
        raise InputError(f"{values[i]:g}", "a number above 0", row=i + 2, column="platform_accounts")
    return values
