"""Published totals on Mechanical Turk, brought into the form the chapters draw and count."""

from __future__ import annotations

import math

import pandas as pd

from platformlabour.counting.recapture import frequencies
from platformlabour.errors import InputError

__all__ = [
    "abundance_by_quarter",
    "bounds_if_some_were_fakes",
    "methods_compared",
    "newcomers_by_year",
    "promises",
    "quarters_reproduced",
    "seven_counts",
    "warnings_given",
    "yearly_bounds",
    "years_in_long_form",
]


def yearly_bounds(years):
    """Chao's bound for each year, from the two frequencies that the published bound gives away.

    Only the bounds are published, not the workers met once and twice behind them. Those are whole numbers, and few
    pairs of whole numbers give a bound printed with all its decimals; where several do, all give the same bound and
    the pair with the most workers met once is taken.

    Parameters
    ----------
    years : DataFrame, shape (years, columns)
        Columns ``year``, ``occasions``, ``workers_seen`` and ``chao_published``, as in ``mturk-years``.

    Returns
    -------
    DataFrame
        ``year``, ``occasions``, ``workers_seen``, ``seen_once``, ``seen_twice``, ``solutions`` (pairs that fit) and
        ``bound``, an Estimate.

    Raises
    ------
    InputError
        If no pair of whole numbers gives a year's published bound.

    References
    ----------
    A. Chao (1987), Estimating the population size for capture-recapture data with unequal catchability,
    Biometrics 43, 783-791.

    Examples
    --------
    >>> year = pd.DataFrame({"year": [2015], "occasions": [10], "workers_seen": [17075],
    ...                      "chao_published": [43571.12502890173]})
    >>> yearly_bounds(year)[["seen_once", "seen_twice", "solutions"]].to_dict("records")
    [{'seen_once': 12361, 'seen_twice': 2595, 'solutions': 1}]
    """
    rows = []
    for position, row in enumerate(years.to_dict("records")):
        seen, occasions = int(row["workers_seen"]), int(row["occasions"])
        pairs = frequencies.recover_singletons_doubletons(row["chao_published"], seen, occasions)
        if not len(pairs):
            raise InputError(
                f"the bound {row['chao_published']} of {row['year']}",
                "a bound that some whole numbers of workers met once and twice give",
                row=position + 2,
                column="chao_published",
            )
        once, twice = max((int(a), int(b)) for a, b in pairs)
        rest = seen - once - twice
        # Workers met three times or more do not enter the bound; one bin holds them.
        table = frequencies.Frequencies([1, 2, 3], [1, 2, occasions], [once, twice, rest], [once, 2 * twice, 3 * rest])
        rows.append(
            {
                "year": int(row["year"]),
                "occasions": occasions,
                "workers_seen": seen,
                "seen_once": once,
                "seen_twice": twice,
                "solutions": len(pairs),
                "bound": frequencies.chao(table, occasions=occasions),
            }
        )
    return pd.DataFrame(rows)


def years_in_long_form(bounds):
    """Workers met and the bound, one below the other, for drawing.

    Parameters
    ----------
    bounds : DataFrame
        As :func:`yearly_bounds` returns it.

    Returns
    -------
    DataFrame
        ``year``, ``count`` (which of the two), ``workers``, ``low``, ``high``.
    """
    met = pd.DataFrame(
        {"year": bounds["year"], "count": "workers met", "workers": bounds["workers_seen"].astype(float)}
    )
    below = pd.DataFrame(
        {
            "year": bounds["year"],
            "count": "lower bound for those available",
            "workers": [bound.value for bound in bounds["bound"]],
            "low": [bound.interval[0] for bound in bounds["bound"]],
            "high": [bound.interval[1] for bound in bounds["bound"]],
        }
    )
    met["low"] = met["high"] = math.nan
    return pd.concat([below, met], ignore_index=True)


def newcomers_by_year(months):
    """Share of a year's answers that came from workers never met before.

    Parameters
    ----------
    months : DataFrame, shape (months, columns)
        Columns ``month`` (a date, or YYYY-MM), ``answers`` and ``first_time_workers``, as in ``mturk-tracker-months``.

    Returns
    -------
    DataFrame
        ``year``, ``answers``, ``newcomers``, ``share``.

    Examples
    --------
    >>> months = pd.DataFrame({"month": ["2015-03", "2015-04"], "answers": [100, 300],
    ...                        "first_time_workers": [100, 200]})
    >>> newcomers_by_year(months).to_dict("records")
    [{'year': 2015, 'answers': 400, 'newcomers': 300, 'share': 0.75}]
    """
    years = pd.to_datetime(months["month"]).dt.year.rename("year")
    totals = months.groupby(years)[["answers", "first_time_workers"]].sum().astype(int).reset_index()
    totals = totals.rename(columns={"first_time_workers": "newcomers"})
    totals["share"] = totals["newcomers"] / totals["answers"]
    return totals


def bounds_if_some_were_fakes(seen, shares, *, occasions):
    """Chao's bound for real workers if a share of those met once were throw-away identities.

    Parameters
    ----------
    seen : Frequencies
    shares : iterable of float
        Shares of the workers met once, from 0 to below 1.
    occasions : int
        Number of occasions.

    Returns
    -------
    DataFrame
        ``share_fake`` and ``bound``, an Estimate for the real workers.

    Raises
    ------
    InputError
        If a share is not from 0 to below 1.

    Examples
    --------
    >>> seen = frequencies.Frequencies.from_columns([1, 2, 3], [50, 20, 5])
    >>> [round(x.value) for x in bounds_if_some_were_fakes(seen, [0, 0.1], occasions=10)["bound"]]
    [131, 116]
    """
    rows = []
    for share in shares:
        if not 0 <= share < 1:
            raise InputError(f"a share of fakes of {share!r}", "a number from 0 to below 1")
        workers, sightings = seen.workers.copy(), seen.sightings.copy()
        once = seen.times_seen_to == 1
        workers[once] = round(float(workers[once].sum()) * (1 - share))
        sightings[once] = workers[once]
        real = frequencies.Frequencies(seen.times_seen_from, seen.times_seen_to, workers, sightings)
        bound = frequencies.chao(real, occasions=occasions)
        rows.append({"share_fake": float(share), "bound": bound.replace(estimand="real workers ever available")})
    return pd.DataFrame(rows)


def seven_counts(claims, *, bound_2015, average_laboratory):
    """Mechanical Turk by seven rules, from the widest to the narrowest.

    Parameters
    ----------
    claims : DataFrame
        The ledger, indexed by claim.
    bound_2015, average_laboratory : Estimate
        The two counts computed in the report.

    Returns
    -------
    DataFrame, shape (7, columns)
        ``rule``, ``window``, ``value`` (empty for a range), ``low``, ``high``, ``bound``, ``shown``, ``reads_as``,
        ``origin`` (Markdown) and ``computed`` (``"published"`` or ``"computed here"``).

    Raises
    ------
    InputError
        If the ledger lacks one of the five published counts.
    """
    published = [
        ("pew2016-visitors", "Visitors to the site", "one month, 2015", "upper"),
        ("amazon-registered", "Accounts declared", "ever, to 2014", "upper"),
        ("robinson2019-seen", "Workers in a firm's log", "ever, to 2018", "lower"),
        ("robinson2019-active-us", "US workers in that log", "each year, 2016 to 2018", "lower"),
        ("difallah2018-any-time", "At work at any one time", "2015 to 2017", "point"),
    ]
    rows = []
    for name, rule, window, bound in published:
        if name not in claims.index:
            raise InputError(f"no claim {name!r} in the ledger", "the five published counts of the platform")
        claim = claims.loc[name]
        low, high = float(claim["low"]), float(claim["high"])
        value = float(claim["value"])
        if math.isnan(value):
            shown = f"{low:,.0f} to {high:,.0f}"
        else:
            shown = f"{value:,.0f}"
        rows.append((rule, window, value, low, high, bound, shown, f"{{cite:t}}`{claim['source']}`", "published"))
    computed = [
        ("Lower bound from a survey", "available in 2015", bound_2015),
        ("Within reach of an average laboratory", "one quarter, 2012 to 2015", average_laboratory),
    ]
    for rule, window, estimate in computed:
        low, high = estimate.interval
        rows.append((rule, window, estimate.value, low, high, estimate.bound, estimate.text("exact"),
                     "{ref}`capture-recapture`", "computed here"))  # fmt: skip
    columns = ["rule", "window", "value", "low", "high", "bound", "shown", "origin", "computed"]
    frame = pd.DataFrame(rows, columns=columns)
    size = frame["value"].fillna(frame["high"])
    frame = frame.loc[size.sort_values(ascending=False).index].reset_index(drop=True)
    frame["reads_as"] = frame["bound"].map({"upper": "at most", "lower": "at least", "point": "about"})
    return frame


def abundance_by_quarter(fit):
    """The abundances that a Jolly–Seber fit identifies, for drawing.

    Parameters
    ----------
    fit : JollySeber
        Its occasions are named by quarter number.

    Returns
    -------
    DataFrame
        ``quarter``, ``workers``, ``low``, ``high``; quarters without an estimate are left out.

    Examples
    --------
    >>> from platformlabour.counting.recapture.open_population import jolly_seber
    >>> fit = jolly_seber([60, 80, 70, 50], [60, 50, 30, 15], [25, 35, 45, 50], names=[1, 2, 3, 4])
    >>> abundance_by_quarter(fit)["quarter"].tolist()
    [2, 3]
    """
    rows = [
        {"quarter": int(name), "workers": result.value, "low": result.interval[0], "high": result.interval[1]}
        for name, result in zip(fit.names, fit.abundance, strict=True)
        if result.value is not None
    ]
    return pd.DataFrame(rows)


def quarters_reproduced(fit, published, *, decimals=1):
    """In how many quarters a fit equals the published abundance to the decimals printed.

    Parameters
    ----------
    fit : JollySeber
        Its occasions are named by quarter number.
    published : DataFrame
        Columns ``quarter`` and ``abundance``; empty where nothing was published.
    decimals : int, default 1
        Decimals printed.

    Returns
    -------
    int
    """
    ours = abundance_by_quarter(fit).set_index("quarter")["workers"]
    theirs = published.dropna(subset=["abundance"]).set_index("quarter")["abundance"].astype(float)
    difference = (ours.reindex(theirs.index) - theirs).abs()
    return int((difference <= 0.5 * 10.0**-decimals + 1e-9).sum())


def methods_compared(seen, *, occasions):
    """The same frequencies by every method that can use them, not only the convenient one.

    Parameters
    ----------
    seen : Frequencies
        Its tail may be pooled; methods that need every frequency say so instead of an estimate.
    occasions : int
        Number of occasions.

    Returns
    -------
    DataFrame
        ``method``, ``assumes``, ``workers`` and ``interval`` as text, ``standing``, and
        ``value``, the number or empty.

    Examples
    --------
    >>> seen = frequencies.Frequencies.from_columns([1, 2, 3], [50, 20, 5])
    >>> methods_compared(seen, occasions=10).loc[0, ["method", "workers"]].tolist()
    ['Equal catchability', '135']
    """
    asked = (
        ("Equal catchability", "all chances equal", frequencies.equal_catchability, {"occasions": occasions}),
        ("Truncated Poisson", "all rates equal", frequencies.poisson, {}),
        ("Truncated geometric", "rates spread exponentially", frequencies.geometric, {}),
        ("Chao's lower bound", "nothing about the spread", frequencies.chao, {"occasions": occasions}),
        ("Abundance coverage (ACE)", "a moderate spread among the rarely met", frequencies.ace, {}),
        ("Zelterman", "the rarely met tell of the unmet", frequencies.zelterman, {"occasions": occasions}),
        ("Jackknife", "bias falls in steps", frequencies.jackknife, {"occasions": occasions}),
        ("Truncated negative binomial", "rates spread as a gamma", frequencies.negative_binomial, {}),
    )
    rows = []
    for method, assumes, function, options in asked:
        try:
            result = function(seen, **options)
        except InputError:
            result = None
        usable = result is not None and result.value is not None
        standing = "needs the unpooled tail" if result is None else result.status
        if usable and result.bound == "lower":
            standing += ", a lower bound"
        rows.append(
            {
                "method": method,
                "assumes": assumes,
                "workers": result.text() if usable else "–",
                "interval": result.text("interval") if usable and result.interval else "–",
                "standing": standing,
                "value": float(result.value) if usable else math.nan,
            }
        )
    return pd.DataFrame(rows)


_METHODS = {
    "M0": "Equal chances (M0)",
    "Mh-chao": "Chao bound",
    "Mh-darroch": "Darroch (Mh)",
    "jackknife": "Jackknife",
}


def promises(report, estimators, scenarios, *, least=0.9):
    """Where each method lands in each simulated situation, and whether its interval keeps its promise there.

    Parameters
    ----------
    report : DataFrame
        The table ``simulated-coverage``.
    estimators, scenarios : sequence of str
        Which rows, in the order wanted.
    least : float, default 0.9
        Share of samples whose 95% interval must hold the truth.

    Returns
    -------
    DataFrame
        ``situation``, ``method``, ``ratio`` (median estimate over truth), ``coverage``, ``keeps``.

    Raises
    ------
    InputError
        If a combination is not in the report.
    """
    rows = []
    indexed = report.set_index(["scenario", "estimator"])
    for scenario in scenarios:
        for estimator in estimators:
            if (scenario, estimator) not in indexed.index:
                raise InputError(f"no row for {estimator!r} in {scenario!r}", "a row of the simulated report")
            found = indexed.loc[(scenario, estimator)]
            rows.append(
                {
                    "situation": scenario,
                    "method": _METHODS.get(estimator, estimator),
                    "ratio": 1 + float(found["relative_bias"]),
                    "coverage": float(found["coverage"]),
                    "keeps": bool(found["coverage"] >= least),
                }
            )
    return pd.DataFrame(rows)


def warnings_given(report, estimators):
    """Share of simulated samples in which a test contradicts the model, one row a situation.

    Parameters
    ----------
    report : DataFrame
        The table ``simulated-coverage``.
    estimators : sequence of str

    Returns
    -------
    DataFrame
        ``scenario`` and one column an estimator, in the report's order of situations.
    """
    chosen = report[report["estimator"].isin(list(estimators))]
    wide = chosen.pivot(index="scenario", columns="estimator", values="contradicted")
    return wide.loc[list(dict.fromkeys(chosen["scenario"])), list(estimators)].reset_index()
