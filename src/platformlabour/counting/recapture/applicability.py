"""Whether a model may be used on given data: its assumptions tested together, with one rate of false alarms.

Every closed-population model is log-linear in the patterns of captures, the behaviour models included. What a model
leaves out is therefore a column that its design lacks, and Rao's score test asks whether the data want it: occasions
that differ, people who differ, people seen once too often, captures that come late, captures that lie close together in
time. The tests of one model share the level by Holm's rule.

What no test can see stays unseen. One person with two identities, or two people with one, leave patterns that honest
workers could have left; people who were seen once because they hardly work look like people who do not exist; and
several ways in which people may differ fit the same data and leave different numbers unseen. Such a statement can only
be made by whoever knows how the data came about: :func:`takes_on_trust` lists the statements of each model, and a model
declares itself applicable only when nothing contradicts it *and* its statements are made.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from platformlabour.counting.recapture import closed_models
from platformlabour.counting.recapture.frequencies import Frequencies
from platformlabour.counting.recapture.loglinear import heterogeneity, pattern_matrix
from platformlabour.counting.recapture.patterns import CapturePatterns
from platformlabour.errors import InputError

__all__ = [
    "COUNT_MODELS",
    "LIST_MODELS",
    "OPEN_MODELS",
    "PATTERN_MODELS",
    "STATEMENTS",
    "Applicability",
    "AssumptionTest",
    "applicable",
    "takes_on_trust",
]

PATTERN_MODELS = (
    "M0",
    "Mt",
    "Mb",
    "Mbh",
    *(f"{family}-{kind}" for family in ("Mh", "Mth") for kind in ("chao", "poisson2", "darroch", "gamma3.5")),
)
"""Models of patterns that follow each other in time."""
LIST_MODELS = ("independence", "two-way", "list-chao")
"""Models of lists, which have no order."""
OPEN_MODELS = ("jolly-seber", "popan")
COUNT_MODELS = ("poisson", "geometric", "negative-binomial", "one-inflated-poisson", "unequal", "one-inflated-unequal")
"""Models of how often each was seen; ``"unequal"`` stands for all that allow any difference between people."""

STATEMENTS = {
    "identities": "every identity is one person's, and no person has two",
    "real people": "everybody seen once is a real worker who could have been seen again",
    "shape": "workers differ in activity just as the model supposes; other shapes fit as well and leave other numbers",
    "all lists": "nothing draws the same people to all lists at once beyond what the model allows",
    "reaction": "being seen does not change the chance of being seen again",
}
"""Statements that data on captures cannot test, in words; :func:`takes_on_trust` says which model needs which."""

# A table of 2^12 patterns is fitted in a few milliseconds; beyond, the tests that need it are not made.
MOST_OCCASIONS = 12
# Below this information a direction is not in the data.
NO_INFORMATION = 1e-8
# A joint test leaves out cells, margins or pairs that expect fewer people: they are too few for a chi-squared.
FEW_EXPECTED = 5.0
ITERATIONS = 100
DECREMENT = 1e-12

_WORDS = {
    "time": "occasions differ in how many they capture",
    "people differ": "some people are captured more often, and others less, than the model allows",
    "too even": "captures are spread more evenly over people than the model allows: people who stop or are put off",
    "seen once": "more people are seen once than the others lead one to expect: fakes, or people who hardly work",
    "too few once": "fewer people are seen once than the others lead one to expect",
    "shape": "the numbers seen once, twice and so on do not fall as the model says",
    "early": "first captures come earlier than the model allows: people are put off, or drawn in, by a capture",
    "late": "first captures come later than the model allows: people are put off, or drawn in, by a capture",
    "close together": "captures of one person lie close together in time: people come and go",
    "far apart": "captures of one person lie further apart in time than the model allows",
    "dependence": "lists name the same people more, or less, often than independence allows",
    "three lists": "lists depend on each other beyond pairs",
    "newcomers": "people seen for the first time are seen again less, or more, often than people known before",
    "next time": "people seen for the first time are seen again sooner, or later, than people known before",
}


@dataclass(frozen=True)
class AssumptionTest:
    """One assumption, tested.

    Parameters
    ----------
    question : str
        Short name of what was found or not.
    statistic : float
        Standard normal deviate when ``df`` is 1, chi-squared otherwise.
    df : int
    p_value : float
    """

    question: str
    statistic: float
    df: int
    p_value: float


@dataclass(frozen=True)
class Applicability:
    """Whether the data contradict a model.

    Parameters
    ----------
    applies : bool
        False when at least one assumption is contradicted.
    reasons : tuple of str
        The contradictions in plain words, the strongest first.
    tests : tuple of AssumptionTest
        All tests made, the smallest p-value first.
    untested : tuple of str
        Assumptions that these data are too poor to test.
    hints : tuple of str
        What the model allows and yet should make its user look twice, in plain words.
    on_trust : tuple of str
        Keys of ``STATEMENTS`` that no such data could test.
    """

    applies: bool
    reasons: tuple[str, ...]
    tests: tuple[AssumptionTest, ...]
    untested: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    on_trust: tuple[str, ...] = ()

    def declared(self, stated):
        """Whether the model declares itself applicable to somebody who can make these statements.

        Parameters
        ----------
        stated : iterable of str
            Keys of ``STATEMENTS`` known to be true from outside the data.

        Returns
        -------
        bool
            True when nothing is contradicted and no statement is missing.

        Raises
        ------
        InputError
            If a key is unknown.

        Examples
        --------
        >>> Applicability(True, (), (), on_trust=("identities",)).declared([])
        False
        >>> Applicability(True, (), (), on_trust=("identities",)).declared(["identities"])
        True
        """
        stated = set(stated)
        if unknown := sorted(stated - set(STATEMENTS)):
            raise InputError(f"the statement {unknown[0]!r}", f"some of {', '.join(STATEMENTS)}")
        return self.applies and stated >= set(self.on_trust)


def takes_on_trust(model):
    """The statements that a model rests on and that no data of its kind can test.

    Parameters
    ----------
    model : str
        As for :func:`applicable`.

    Returns
    -------
    tuple of str
        Keys of ``STATEMENTS``.

    Raises
    ------
    InputError
        If the model is unknown.

    References
    ----------
    W. A. Link (2003), Nonidentifiability of population size from capture-recapture data with heterogeneous detection
    probabilities, Biometrics 59, 1123-1130. S. Aleshin-Guendel, M. Sadinle and J. Wakefield (2021), The central role of
    the identifying assumption in population size estimation, arXiv:2101.09304 (lists).

    Examples
    --------
    >>> takes_on_trust("M0"), takes_on_trust("Mth-chao"), takes_on_trust("Mh-darroch")
    (('identities',), ('identities', 'real people'), ('identities', 'real people', 'shape'))
    """
    if model not in PATTERN_MODELS + LIST_MODELS + OPEN_MODELS + COUNT_MODELS:
        known = PATTERN_MODELS + LIST_MODELS + OPEN_MODELS + COUNT_MODELS
        raise InputError(f"the model {model!r}", f"one of {', '.join(known)}")
    if model in OPEN_MODELS:
        return ("identities", "reaction")
    if model in LIST_MODELS:
        return ("identities",) if model == "list-chao" else ("identities", "all lists")
    if model in ("unequal", "Mh-chao", "Mth-chao"):
        return ("identities", "real people")
    if model in ("geometric", "negative-binomial") or model.startswith(("Mh-", "Mth-")):
        return ("identities", "real people", "shape")
    return ("identities",)


def applicable(data, model, *, level=0.05, occasions=None, patterns=None):
    """Ask the data whether they contradict what a model assumes.

    Parameters
    ----------
    data : CapturePatterns or Frequencies
        Patterns for the models of patterns, of lists and of open populations, frequencies for those of counts.
    model : str
        One of ``PATTERN_MODELS``, ``LIST_MODELS``, ``OPEN_MODELS`` or ``COUNT_MODELS``.
    level : float, default 0.05
        Chance that a model which holds is called contradicted by one test or more.
    occasions : int, optional
        For frequencies: number of occasions, when counts are of occasions and so have a ceiling.
    patterns : CapturePatterns, optional
        For frequencies: the same people's captures by occasion, from which alone turnover and behaviour can be told.

    Returns
    -------
    Applicability

    Raises
    ------
    InputError
        If the model is unknown, does not belong to such data, or the level is not between 0 and 1.

    Notes
    -----
    With X the design of the model, Z the columns it lacks, W the fitted counts on the diagonal and s = Z'(n - fitted),

    .. math:: s^\\top (Z^\\top W Z - Z^\\top W X (X^\\top W X)^{-1} X^\\top W Z)^{-1} s

    is chi-squared when the model holds. Chao's bounds allow any mixture of people, which implies that the odds of one
    more capture do not fall from the first to the second; a fall contradicts them. More people seen once than smooth
    mixtures lead one to expect does not, since some may hardly ever work; it is given as a hint to look for fakes.

    References
    ----------
    C. R. Rao (1948), Proceedings of the Cambridge Philosophical Society 44, 50-57. S. Holm (1979), Scandinavian Journal
    of Statistics 6, 65-70. J. N. Darroch, S. E. Fienberg, G. F. V. Glonek and B. W. Junker (1993), A three-sample
    multiple-recapture approach to census population estimation with heterogeneous catchability, Journal of the American
    Statistical Association 88, 1137-1148 (quasi-symmetry). K. H. Pollock, J. E. Hines and J. D. Nichols (1985),
    Goodness-of-fit tests for open capture-recapture models, Biometrics 41, 399-410. D. Boehning (2016), Statistical
    Science 31, 205-218 (odds of one more capture).

    Examples
    --------
    >>> shy = CapturePatterns.from_counts({"1000": 360, "0100": 300, "0010": 240, "0001": 200, "1100": 34, "1010": 36,
    ...     "1001": 33, "0110": 30, "0101": 31, "0011": 27, "1110": 3, "1101": 4, "1011": 3, "0111": 3})
    >>> applicable(shy, "M0").applies, applicable(shy, "Mb").applies
    (False, True)
    >>> print(applicable(shy, "M0").reasons[0])
    first captures come earlier than the model allows: people are put off, or drawn in, by a capture
    """
    if not (isinstance(level, (int, float)) and 0 < level < 1):
        raise InputError(f"the level {level!r}", "a number between 0 and 1, such as 0.05")
    if isinstance(data, CapturePatterns):
        known = PATTERN_MODELS + LIST_MODELS + OPEN_MODELS
    elif isinstance(data, Frequencies):
        known = COUNT_MODELS
    else:
        raise InputError(f"{type(data).__name__}", "CapturePatterns or Frequencies")
    if model not in known:
        raise InputError(f"the model {model!r} for {type(data).__name__}", f"one of {', '.join(known)}")
    hints = []
    if isinstance(data, Frequencies):
        tests, hints, untested = _count_tests(data, model, occasions)
        if patterns is None:
            untested.append("whether people come and go, or react to being seen: counts have no order")
        else:
            ordered, _, more = _pattern_tests(patterns, "Mth-chao", only_order=True)
            tests, untested = tests + ordered, untested + more
    elif model in OPEN_MODELS:
        tests, untested = _open_tests(data)
    elif data.occasions > MOST_OCCASIONS:
        tests, untested = [], [f"patterns of more than {MOST_OCCASIONS} occasions"]
    else:
        tests, hints, untested = _pattern_tests(data, model)
    return _judged(tests, hints, untested, level, takes_on_trust(model))


def _judged(tests, hints, untested, level, on_trust):
    tests = sorted(tests, key=lambda test: test.p_value)
    reasons = []
    for place, test in enumerate(tests):
        if test.p_value > level / (len(tests) - place):
            break
        reasons.append(_WORDS[test.question])
    worth_a_look = [_WORDS[test.question] for test in hints if test.p_value <= level]
    return Applicability(
        not reasons,
        tuple(dict.fromkeys(reasons)),
        tuple(tests),
        tuple(untested),
        tuple(dict.fromkeys(worth_a_look)),
        on_trust,
    )


# --- Score tests of log-linear models -------------------------------------------------------------------------------


def _score_statistics(null, counts, directions, offset=None):
    """Chi-squared score statistic, degrees of freedom and sign, for each block of columns that a model lacks."""
    means = _fitted(null, counts, np.zeros(len(counts)) if offset is None else offset)
    if means is None:
        return None
    weighted = null * means[:, None]
    inside = np.linalg.pinv(null.T @ weighted, rcond=1e-12, hermitian=True)
    residual = counts - means
    found = []
    for columns in directions:
        score = columns.T @ residual
        across = columns.T @ weighted
        information = (columns * means[:, None]).T @ columns - across @ inside @ across.T
        own = np.einsum("ij,ij->j", columns * means[:, None], columns)
        rest = np.diag(information) > NO_INFORMATION * np.maximum(own, 1.0)
        if columns.shape[1] > 1:
            rest &= means @ columns >= FEW_EXPECTED
        if not rest.any():
            found.append(None)
            continue
        kept = information[np.ix_(rest, rest)]
        values, vectors = np.linalg.eigh(kept)
        large = values > 1e-9 * values[-1]
        turned = vectors[:, large].T @ score[rest]
        found.append((float((turned**2 / values[large]).sum()), int(large.sum()), float(np.sign(score[rest][0]))))
    return found


def _fitted(null, counts, offset):
    """Expected counts of a log-linear model, None without a maximum.

    Where a parameter runs off to infinity its cells go to zero, and what is left may still be tested: unlike the fits
    that estimate a population, this one may stop there.
    """
    weight = counts + 0.5
    parameters = np.linalg.lstsq(null * np.sqrt(weight)[:, None], np.sqrt(weight) * (np.log(weight) - offset))[0]
    best, step = -np.inf, np.zeros(null.shape[1])
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        for _ in range(ITERATIONS):
            eta = null @ parameters + offset
            means = np.exp(eta)
            value = counts @ eta - means.sum()
            if not value >= best - 1e-9 * (1 + abs(best)):
                step = step / 4
                parameters = parameters - 3 * step
                continue
            best = max(best, value)
            gradient = null.T @ (counts - means)
            information = null.T @ (null * means[:, None])
            # Enough to keep the solution finite where a column has lost its people.
            information.flat[:: len(information) + 1] += 1e-9 * counts.sum()
            try:
                step = np.linalg.solve(information, gradient)
            except np.linalg.LinAlgError:
                return None
            if gradient @ step < DECREMENT:
                return means
            parameters = parameters + step
    return None


def _signed(found, positive, negative, *, one_sided=False):
    """A test of one direction, named by its sign."""
    if found is None:
        return []
    statistic, _, sign = found
    deviate = sign * math.sqrt(statistic)
    if one_sided:
        return [AssumptionTest(positive, deviate, 1, float(special.ndtr(-deviate)))]
    return [AssumptionTest(positive if sign > 0 else negative, deviate, 1, float(2 * special.ndtr(-abs(deviate))))]


def _joint(found, question):
    if found is None:
        return []
    statistic, df, sign = found
    p = float(special.chdtrc(df, statistic))
    return [AssumptionTest(question, sign * math.sqrt(statistic) if df == 1 else statistic, df, p)]


@lru_cache(maxsize=64)
def _table(occasions):
    """Columns, by name, over all 2^t - 1 patterns."""
    patterns = pattern_matrix(occasions).astype(float)
    times = patterns.sum(axis=1)
    first = patterns.argmax(axis=1).astype(float)
    last = occasions - 1 - patterns[:, ::-1].argmax(axis=1)
    pairs = [patterns[:, i] * patterns[:, j] for i in range(occasions) for j in range(i)]
    triples = [
        patterns[:, i] * patterns[:, j] * patterns[:, k] for i in range(occasions) for j in range(i) for k in range(j)
    ]
    return {
        "one": np.ones((len(patterns), 1)),
        "occasions": patterns,
        "times": times[:, None],
        "levels": (times[:, None] == np.arange(1, occasions + 1)).astype(float),
        "squared": times[:, None] ** 2 / 2,
        "once": (times[:, None] == 1).astype(float),
        "first": first[:, None],
        "at first": (first[:, None] == 0).astype(float),
        "span": (last - first)[:, None],
        "pairs": np.column_stack(pairs),
        "triples": np.column_stack(triples) if triples else np.zeros((len(patterns), 0)),
        "number": times.astype(int),
    }


def _null(model, table):
    """The model's design; of the Chao models that of quasi-symmetry, which holds for any mixture of people."""
    main = table["occasions"] if model.startswith("Mt") or model in LIST_MODELS else table["times"]
    if model in ("M0", "Mt", "independence"):
        return np.hstack([table["one"], main])
    if model == "two-way":
        return np.hstack([table["one"], main, table["pairs"]])
    if model == "Mb":
        return np.hstack([table["one"], table["times"], table["first"]])
    if model == "Mbh":
        return np.hstack([table["one"], table["times"], table["first"], table["at first"]])
    kind = model.split("-")[1].rstrip("0123456789.")
    if kind == "chao":
        # A level for each number of captures but one; the occasions then add one column fewer than there are of them.
        levels = table["levels"][:, table["levels"].any(axis=0)][:, 1:]
        return np.hstack([table["one"], levels, main[:, 1:]])
    return np.hstack([table["one"], main, heterogeneity(kind, table["number"])[:, None]])


def _pattern_tests(patterns, model, *, only_order=False):
    """Tests of a closed-population model, on ordered occasions or on lists."""
    t = patterns.occasions
    if t > MOST_OCCASIONS:
        return [], [], [f"patterns of more than {MOST_OCCASIONS} occasions"]
    table, counts = _table(t), patterns.cells().astype(float)
    reached = patterns.frequencies[table["number"] - 1] > 0
    reached &= (table["occasions"][:, patterns.captures == 0] == 0).all(axis=1)
    counts = counts[reached]
    table = {name: columns[reached] for name, columns in table.items()}
    null = _null(model, table)
    null = null[:, (null != 0).any(axis=0)]
    lists = model in LIST_MODELS
    mixture = model.endswith("chao")
    behaviour = model in ("Mb", "Mbh")
    wanted = {}
    if not lists:
        if not (model.startswith("Mt") or only_order):
            wanted["time"] = table["occasions"]
        if not behaviour:
            wanted["first"] = table["first"]
        wanted["span"] = table["span"]
    if not mixture:
        if model.startswith(("Mh", "Mth")):
            wanted["shape"] = table["levels"]
            wanted["once"] = table["once"]
        elif model == "independence":
            wanted["pairs"] = table["pairs"]
            wanted["squared"] = table["squared"]
        elif model == "two-way":
            wanted["triples"] = table["triples"]
        else:
            wanted["squared"] = table["squared"]
            wanted["once"] = table["once"]
    wanted = {name: columns for name, columns in wanted.items() if columns.shape[1]}
    tests, hints, untested = [], [], []
    if wanted:
        found = _score_statistics(null, counts, list(wanted.values()))
        if found is None:
            untested.append("the model cannot be fitted to all patterns")
        else:
            by_name = dict(zip(wanted, found, strict=True))
            tests += _joint(by_name.get("time"), "time")
            tests += _signed(by_name.get("first"), "late", "early")
            tests += _signed(by_name.get("span"), "far apart", "close together")
            tests += _signed(by_name.get("squared"), "people differ", "too even")
            tests += _signed(by_name.get("once"), "seen once", "too few once")
            tests += _joint(by_name.get("shape"), "shape")
            tests += _joint(by_name.get("pairs"), "dependence")
            tests += _joint(by_name.get("triples"), "three lists")
            untested += [
                f"{name}: the data hold nothing about it" for name, result in by_name.items() if result is None
            ]
    if mixture and not only_order:
        tests += _odds_fall(patterns.frequencies, _equal_people(patterns))
        if t > 3 and not lists:
            hints += _smooth_excess(table, counts, model.startswith("Mt"))
    return tests, hints, untested


def _equal_people(patterns):
    """Weights of one, two and three captures among equal people, whose chances differ between occasions as captures do.

    The population's size turns captures into odds. Equal chances give one that is too small where people differ; the
    odds then lie too far apart, and the test is lenient.
    """
    captures = patterns.captures.astype(float)
    size = float(closed_models.fit(closed_models.SufficientStatistics.of(patterns), "Mt").value[0])
    odds = captures / (size - captures) if captures.max() < size < math.inf else captures
    odds = odds / odds.sum()
    power = [float((odds**k).sum()) for k in (1, 2, 3)]
    return power[0], (power[0] ** 2 - power[1]) / 2, (power[0] ** 3 - 3 * power[0] * power[1] + 2 * power[2]) / 6


def _smooth_excess(table, counts, by_occasion):
    """Whether more are seen once than any of three smooth ways in which people may differ would give."""
    main = table["occasions"] if by_occasion else table["times"]
    worst = None
    for kind in ("darroch", "gamma", "poisson"):
        smooth = np.hstack([table["one"], main, heterogeneity(kind, table["number"])[:, None]])
        smooth = smooth[:, (smooth != 0).any(axis=0)]
        found = _score_statistics(smooth, counts, [table["once"]])
        for test in _signed(found[0] if found else None, "seen once", "too few once", one_sided=True):
            if worst is None or test.p_value > worst.p_value:
                worst = test
    return [] if worst is None else [worst]


def _odds_fall(counts, weights):
    """Whether the odds of one more sighting fall from once to twice, which no mixture of people brings about."""
    if len(counts) < 3 or not counts[:2].all():
        return []
    once, twice, thrice = counts[:3].astype(float)
    if not weights[2] > 0:
        return []
    equal = math.log(weights[2] * weights[0] / weights[1] ** 2)
    # Half a person keeps the logarithm finite where nobody was seen three times.
    gap = math.log((thrice + 0.5) * (once + 0.5) / (twice + 0.5) ** 2) - equal
    deviate = -gap / math.sqrt(1 / (once + 0.5) + 4 / (twice + 0.5) + 1 / (thrice + 0.5))
    return [AssumptionTest("too even", deviate, 1, float(special.ndtr(-deviate)))]


# --- Counts -----------------------------------------------------------------------------------------------------------


def _count_tests(table, model, occasions):
    if not table.exact:
        return [], [], ["the numbers seen once, twice and so on: some are pooled"]
    # Beyond the largest count the model expects some people too; two more levels hold nearly all of them.
    most = table.most + 2 if occasions is None else int(occasions)
    if most < table.most:
        raise InputError(f"people seen {table.most} times on {occasions} occasions", "no more times than occasions")
    times = np.arange(1.0, most + 1)
    counts = np.zeros(most)
    counts[table.times_seen_from[table.workers > 0] - 1] = table.workers[table.workers > 0]
    offset = -special.gammaln(times + 1) if occasions is None else _log_choose(occasions, times)
    line = np.column_stack([np.ones(most), times])
    once, squared = (times == 1).astype(float)[:, None], (times**2 / 2)[:, None]
    if model == "one-inflated-unequal":
        # Those seen once are left aside: the odds must not fall from the second sighting to the third.
        return _odds_fall(counts[1:], np.exp(offset[1:4])), [], []
    if model == "unequal":
        tests, hints = _odds_fall(counts, np.exp(offset[:3])), []
        if (counts > 0).sum() > 3:
            null, smooth_offset = _negative_binomial_null(times, counts, line)
            found = _score_statistics(null, counts, [once], smooth_offset)
            hints += _signed(found[0] if found else None, "seen once", "too few once", one_sided=True)
        return tests, hints, []
    if model == "geometric":
        offset = np.zeros(most)
    null, directions = line, {"squared": squared, "once": once}
    if model == "negative-binomial":
        null, offset = _negative_binomial_null(times, counts, line)
    elif model == "one-inflated-poisson":
        null, directions = np.column_stack([line, once]), {"squared": squared}
    found = _score_statistics(null, counts, list(directions.values()), offset)
    if found is None:
        return [], [], ["the model cannot be fitted"]
    by_name = dict(zip(directions, found, strict=True))
    tests = _signed(by_name["squared"], "people differ", "too even")
    tests += _signed(by_name.get("once"), "seen once", "too few once")
    return tests, [], []


def _log_choose(occasions, times):
    return special.gammaln(occasions + 1.0) - special.gammaln(times + 1.0) - special.gammaln(occasions - times + 1.0)


def _negative_binomial_null(times, counts, line):
    """The negative binomial at its best shape as a log-linear model, the shape's own slope among the columns."""
    log_shape, step = np.linspace(-4.0, 6.0, 21), 0.5
    for _ in range(3):
        fitted = _profile(times, counts, np.exp(log_shape))
        best = log_shape[np.argmax(fitted)]
        log_shape, step = best + np.linspace(-step, step, 11), step / 5
    shape = math.exp(best)
    return np.column_stack([line, special.digamma(shape + times)]), _log_weights(times, shape)


def _log_weights(times, shape):
    return (
        special.gammaln(shape + times) - special.gammaln(shape) - special.gammaln(times + 1) - times * np.log1p(shape)
    )


def _profile(times, counts, shapes):
    """Log-likelihood of truncated negative binomials at each shape, the other parameter at its best."""
    weights = _log_weights(times, shapes[:, None])
    mean = counts @ times / counts.sum()
    slope = np.zeros((len(shapes), 1))
    for _ in range(60):
        chance = special.softmax(weights + slope * times, axis=1)
        fitted = chance @ times
        step = (mean - fitted) / (chance @ times**2 - fitted**2)
        slope += np.clip(step, -0.5, 0.5)[:, None]
        if np.abs(step).max() < 1e-8:
            break
    return special.log_softmax(weights + slope * times, axis=1) @ counts


# --- Open populations -------------------------------------------------------------------------------------------------


def _open_tests(patterns):
    """Whether people seen for the first time have the same future as those seen before, occasion by occasion."""
    rows, people = patterns.histories, patterns.counts
    t = patterns.occasions
    order = np.arange(t)
    first, last = rows.argmax(axis=1), t - 1 - rows[:, ::-1].argmax(axis=1)
    excess, variance, sooner, sooner_variance = 0.0, 0.0, 0.0, 0.0
    for i in range(1, t - 1):
        here = rows[:, i] == 1
        new, again = first == i, last > i
        next_seen = np.where(rows[:, i + 1 :].any(axis=1), i + 1 + rows[:, i + 1 :].argmax(axis=1), t)
        gap, spread = _hypergeometric(people, here & new, here, again)
        excess, variance = excess + gap, variance + spread
        if i < t - 2:
            gap, spread = _hypergeometric(people, here & new & again, here & again, next_seen == order[i + 1])
            sooner, sooner_variance = sooner + gap, sooner_variance + spread
    tests, untested = [], ["whether a capture changes the chance of the next: known and new people are seen alike here"]
    for name, gap, spread in (("newcomers", excess, variance), ("next time", sooner, sooner_variance)):
        if spread > 0:
            deviate = gap / math.sqrt(spread)
            tests.append(AssumptionTest(name, float(deviate), 1, float(2 * special.ndtr(-abs(deviate)))))
        else:
            untested.append(_WORDS[name])
    return tests, untested


def _hypergeometric(people, group, everyone, event):
    """Events in a group beyond its share, and the variance of that: the Mantel-Haenszel score of one table."""
    total, inside = people[everyone].sum(), people[group].sum()
    events = people[everyone & event].sum()
    if total < 2:
        return 0.0, 0.0
    gap = people[group & event].sum() - inside * events / total
    return float(gap), float(inside * (total - inside) * events * (total - events) / (total**2 * (total - 1)))
