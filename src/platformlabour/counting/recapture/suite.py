"""One door to every capture-recapture estimator: a kind of file, the name of a model, an answer.

:func:`models` lists what there is, with the assumptions of each; :func:`estimate_file` reads a CSV file and returns an
:class:`~platformlabour.estimate.Estimate`; :func:`sentence` says it in one sentence. The command
``platformlabour estimate`` gives the same numbers.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from platformlabour.counting.recapture import closed, frequencies, lists, open_population, truncated
from platformlabour.counting.recapture.applicability import STATEMENTS, applicable, takes_on_trust
from platformlabour.counting.recapture.closed_standing import LOWER_BOUNDS
from platformlabour.counting.recapture.formula import parse
from platformlabour.counting.recapture.kinds import KINDS
from platformlabour.counting.recapture.reading import (
    read_covariates,
    read_frequencies,
    read_patterns,
    read_table,
)
from platformlabour.counting.recapture.thresholds import LARGEST_MULTIPLE, LARGEST_RELATIVE_ERROR
from platformlabour.counting.recapture.truncated_likelihoods import SPECIFICATIONS
from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = ["KINDS", "Answer", "answer_file", "estimate_file", "models", "sentence"]

UNIT = "workers"
DEFAULT_FORMULA = "times ~ 1"
# Some estimators lay out every number of times seen from 1 to the largest.
LONGEST_EXACT_TABLE = 1000
_THROUGHOUT = "size of the closed population"
_LISTED = "size of the population that the lists describe"
_ANYBODY = "everybody in the population, seen or not"
_REASONS = {
    "boundary": "a parameter of the model lies at its limit",
    "not identified": "the data do not tell one size of the population from another under this model",
    "not converged": "the search for the best fit did not end at one",
    "below observed": "the estimate is below the number seen",
    "implausible": "the estimate is out of proportion to the data",
}
_SENTENCES = {
    _THROUGHOUT: "belong to the population",
    _LISTED: "belong to the population that the lists describe",
    _ANYBODY: "belong to the population",
    "workers who could have been seen": "could have been seen",
    "workers present on at least one occasion": "were present on at least one occasion",
}


@dataclass(frozen=True, kw_only=True)
class _Model:
    """What the door knows of a model besides how to run it."""

    run: Callable
    assumptions: Callable
    bound: str = "point"
    needs: str = ""
    bias_corrected: bool = False
    formula: bool = False
    occasions: bool = False
    # Models of which at least one must agree with the data, see applicability.py.
    tested: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Request:
    level: float
    formula: str | None
    bias_corrected: bool
    occasions: int | None


@dataclass(frozen=True, eq=False)
class Answer:
    """A result with what the command prints beside it.

    Parameters
    ----------
    kind, model : str
        As asked for.
    estimate : Estimate
    occasions : pandas.DataFrame or None
        For open populations, one row an occasion.
    on_trust : tuple of str
        Statements that no such data can test and that the result rests on, in words.
    """

    kind: str
    model: str
    estimate: Estimate
    occasions: pd.DataFrame | None = None
    on_trust: tuple[str, ...] = ()


def models(kind=None):
    """Every model of the suite, with what it gives and what it takes for granted.

    Parameters
    ----------
    kind : str, optional
        Only this kind of file.

    Returns
    -------
    pandas.DataFrame
        One row a model: ``kind, model, gives, assumptions, needs, bias_corrected``. ``gives`` is ``"estimate"`` or
        ``"lower bound"``; ``needs`` says what the file holds; ``bias_corrected`` whether there is such a form.

    Raises
    ------
    InputError
        If the kind is unknown.

    Examples
    --------
    >>> table = models("open")
    >>> table[["kind", "model", "gives"]].values.tolist()
    [['open', 'jolly-seber', 'estimate'], ['open', 'popan', 'estimate']]
    """
    rows = []
    for each in KINDS if kind is None else [_known_kind(kind)]:
        for name, model in _models_of(each).items():
            rows.append(
                {
                    "kind": each,
                    "model": name,
                    "gives": "lower bound" if model.bound == "lower" else "estimate",
                    "assumptions": "; ".join(_plain(words) for words in model.assumptions()),
                    "needs": "; ".join(filter(None, (KINDS[each], model.needs))),
                    "bias_corrected": model.bias_corrected,
                }
            )
    return pd.DataFrame(rows)


def estimate_file(kind, path, model=None, *, formula=None, bias_corrected=False, level=0.95, occasions=None):
    """Estimate the size of a population from a CSV file.

    Parameters
    ----------
    kind : {"closed", "frequencies", "lists", "truncated", "open"}
        What the file holds; see ``KINDS``.
    path : str or path
        UTF-8, comma-separated, with a header; whole numbers in digits only.
    model : str, optional
        One of :func:`models`; may be left out for ``lists`` with a formula, where it is ``"log-linear"``.
    formula : str, optional
        For ``truncated``, such as ``"times ~ age + nation"`` (``"times ~ 1"`` by default); for the log-linear model of
        ``lists``, such as ``"a + b + c + a:b"`` or ``"[12,3]"``.
    bias_corrected : bool, default False
        The form for small samples, where the model has one.
    level : float, default 0.95
        Coverage the interval aims at.
    occasions : int, optional
        For ``frequencies``: on how many occasions anybody could be seen. Without it, sightings at any time.

    Returns
    -------
    Estimate
        In workers. For ``open``, ``"jolly-seber"`` gives the mean number present over the occasions where it is
        identified (``observed`` is then the mean number seen on these), and ``"popan"`` everybody ever present.

    Raises
    ------
    InputError
        If the file cannot be read, with every fault of its cells in one message; or if an option is unknown or does
        not suit the model.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "seen.csv")
    ...     _ = path.write_text("times_seen,count\\n1,50\\n2,20\\n3,5\\n", encoding="utf-8")
    ...     result = estimate_file("frequencies", path, "chao1984")
    >>> result
    Estimate(138 workers, at least; 95% interval 105 to 204)
    >>> sentence(result)
    'At least 138 workers could have been seen (95% interval 105 to 204); 75 were seen.'
    """
    return answer_file(
        kind, path, model, formula=formula, bias_corrected=bias_corrected, level=level, occasions=occasions
    ).estimate


def answer_file(kind, path, model=None, *, formula=None, bias_corrected=False, level=0.95, occasions=None):
    """As :func:`estimate_file`, with the table of occasions of an open population.

    Parameters
    ----------
    kind, path, model, formula, bias_corrected, level, occasions
        As for :func:`estimate_file`.

    Returns
    -------
    Answer

    Raises
    ------
    InputError
        As for :func:`estimate_file`.
    """
    name, chosen = _chosen(_known_kind(kind), model, formula)
    request = _checked_request(kind, name, chosen, formula, bias_corrected, level, occasions)
    table = read_table(path)
    try:
        # What the arithmetic of an odd table overflows to is judged below, by its status.
        with np.errstate(all="ignore"):
            found, rows = chosen.run(table, request)
            contradicted, on_trust = _tested(kind, chosen, table, request, found)
    except InputError as error:
        if error.file is not None:
            raise
        raise InputError(error.found, error.expected, file=table.file, row=error.row, column=error.column) from None
    found = _guarded(found)
    return Answer(kind, name, found.replace(warnings=(*found.warnings, *contradicted)), rows, on_trust)


def _tested(kind, model, table, request, found):
    """What the data say against a model, as warnings, and what they cannot say, as statements."""
    if not model.tested or found.status not in ("ok", "boundary"):
        return (), ()
    if kind == "frequencies":
        more = {"occasions": request.occasions}
        verdicts = [applicable(read_frequencies(table), name, **more) for name in model.tested]
    else:
        patterns = read_patterns(table)
        if patterns.occasions < 3:
            return (), tuple(STATEMENTS[key] for key in takes_on_trust(model.tested[0]))
        verdicts = [applicable(patterns, name) for name in model.tested]
    warnings = ()
    if not any(verdict.applies for verdict in verdicts):
        warnings = tuple(f"the data contradict the model: {reason}" for reason in verdicts[0].reasons)
    hints = () if warnings else tuple(f"look twice: {hint}" for hint in verdicts[0].hints)
    keys = dict.fromkeys(key for verdict in verdicts for key in verdict.on_trust)
    return (*warnings, *hints), tuple(STATEMENTS[key] for key in keys)


def sentence(estimate):
    """An estimate in one plain sentence, with its interval, its bound and its standing.

    Parameters
    ----------
    estimate : Estimate

    Returns
    -------
    str

    Examples
    --------
    >>> sentence(Estimate(value=None, unit="workers", estimand="size of the closed population", method="Mt",
    ...                   status="not identified", observed=12))
    'No estimate: the data cannot tell how many workers were never seen; 12 were seen.'
    """
    observed = _observed_words(estimate)
    unit = estimate.unit
    if estimate.status == "not converged":
        return f"No usable estimate: the search for the best fit did not end at one{observed}."
    if estimate.status == "not identified" or estimate.value is None:
        return f"No estimate: the data cannot tell how many {unit} were never seen{observed}."
    number = _whole(estimate.value)
    if estimate.status == "implausible":
        return f"Not usable: the model gives {number} {unit}, out of all proportion to the data{observed}."
    if estimate.status == "below observed":
        return f"Not usable: the model gives {number} {unit}, fewer than were seen{observed}."
    opening = {"point": "About", "lower": "At least", "upper": "At most"}[estimate.bound]
    interval = ""
    if estimate.interval is not None:
        low, high = estimate.interval
        name = "range" if estimate.level is None else f"{100 * estimate.level:g}% interval"
        interval = f" ({name} {_whole(low)} to {_whole(high) if math.isfinite(high) else 'no upper limit'})"
    body = f"{opening} {number} {unit} {_predicate(estimate.estimand)}{interval}{observed}."
    if estimate.status == "boundary":
        return f"To be read with care, for a part of the model is at its limit: {body[0].lower()}{body[1:]}"
    return body


# --- The models of each kind ------------------------------------------------------------------------------------------


def _models_of(kind):
    return {
        "closed": _closed_models,
        "frequencies": _frequency_models,
        "lists": _list_models,
        "truncated": _truncated_models,
        "open": _open_models,
    }[kind]()


def _closed_models():
    def fitted(name):
        def run(table, request):
            patterns = read_patterns(table)
            options = {"level": request.level, "bias_corrected": request.bias_corrected, "unit": UNIT}
            return _with_an_interval(lambda **more: closed.estimate(patterns, name, **options, **more)), None

        return run

    def averaged(table, request):
        return closed.average(read_patterns(table), level=request.level, unit=UNIT), None

    found = {}
    for name, words in closed.MODELS.items():
        found[name] = _Model(
            run=fitted(name),
            assumptions=lambda words=words: words,
            bound="lower" if name in LOWER_BOUNDS else "point",
            needs="three occasions or more" if name not in ("M0", "Mt", "Mb") else "two occasions or more",
            bias_corrected=not name.startswith("Mth") or name == "Mth-chao",
            tested=(name,),
        )
    found["averaged"] = _Model(
        run=averaged,
        assumptions=lambda: (closed.CLOSED, closed.IDENTITY, "one of the models above is close to the truth"),
        needs="two occasions or more",
        tested=("Mth-darroch", "Mth-gamma3.5", "Mth-poisson2", "Mb", "Mbh"),
    )
    return found


def _frequency_models():
    def direct(estimator, *, corrected=None, occasions=False, dense=False):
        def run(table, request):
            counts = read_frequencies(table)
            if dense:
                _refuse_long(table, counts)
            options = {"level": request.level}
            if occasions:
                options["occasions"] = request.occasions
            if corrected:
                options[corrected] = request.bias_corrected
            return estimator(counts, **options), None

        return run

    def log_linear(name):
        def run(table, request):
            counts = read_frequencies(table)
            if name == "M0" and request.occasions is not None and not counts.exact:
                return frequencies.equal_catchability(counts, occasions=request.occasions, level=request.level), None
            if not counts.exact:
                raise InputError("a pooled number of times seen", "a row for every number of times", file=table.file)
            _refuse_long(table, counts)
            dense = np.zeros(counts.most, dtype=np.int64)
            dense[counts.times_seen_from[counts.workers > 0] - 1] = counts.workers[counts.workers > 0]
            options = {"occasions": request.occasions, "level": request.level, "unit": UNIT}
            return _with_an_interval(
                lambda **more: closed.estimate_from_frequencies(dense, name, **options, **more)
            ), None

        return run

    def words(estimator, **options):
        return lambda: estimator([1, 2, 3], [50, 20, 5], **options).assumptions

    twice = "somebody seen twice"
    found = {
        "chao1984": _Model(
            run=direct(frequencies.chao, corrected="bias_corrected", occasions=True),
            assumptions=words(frequencies.chao),
            bound="lower",
            needs=f"{twice}, but for the bias-corrected form",
            bias_corrected=True,
            occasions=True,
            tested=("unequal",),
        ),
        "zelterman": _Model(
            run=direct(frequencies.zelterman, occasions=True),
            assumptions=words(frequencies.zelterman),
            needs=twice,
            occasions=True,
            tested=("poisson",),
        ),
        "jackknife": _Model(
            run=direct(frequencies.jackknife, occasions=True),
            assumptions=words(frequencies.jackknife),
            occasions=True,
            tested=("unequal",),
        ),
        "sample-coverage": _Model(
            run=direct(frequencies.sample_coverage, corrected="corrected", occasions=True, dense=True),
            assumptions=words(frequencies.sample_coverage),
            needs="somebody seen more than once",
            bias_corrected=True,
            occasions=True,
            tested=("unequal",),
        ),
        "ace": _Model(
            run=direct(frequencies.ace, corrected="corrected"),
            assumptions=words(frequencies.ace),
            needs="somebody seen more than once",
            bias_corrected=True,
            tested=("unequal",),
        ),
        "zt-poisson": _Model(
            run=direct(frequencies.poisson), assumptions=words(frequencies.poisson), tested=("poisson",)
        ),
        "zt-geometric": _Model(
            run=direct(frequencies.geometric), assumptions=words(frequencies.geometric), tested=("geometric",)
        ),
        "zt-negbin": _Model(
            run=direct(frequencies.negative_binomial),
            assumptions=words(frequencies.negative_binomial),
            needs="a row for every number of times",
            tested=("negative-binomial",),
        ),
    }
    for name in ("M0", "Mh-chao", "Mh-poisson2", "Mh-darroch", "Mh-gamma3.5"):
        found[name] = _Model(
            run=log_linear(name),
            assumptions=lambda name=name: closed.MODELS[name],
            bound="lower" if name in LOWER_BOUNDS else "point",
            needs="a row for every number of times",
            occasions=True,
            tested={"M0": ("poisson",), "Mh-chao": ("unequal",)}.get(name, ()),
        )
    return found


def _list_models():
    def fitted(name):
        def run(table, request):
            patterns = read_patterns(table, what="list", most=8)
            used = name
            if request.bias_corrected:
                if patterns.occasions != 2:
                    raise InputError(
                        f"{patterns.occasions} lists and the bias-corrected form of {name}",
                        "two lists, or the plain form",
                    )
                used = "chapman"
            formula = None if request.formula is None else request.formula.rpartition("~")[2]
            return lists.estimate(patterns, used, formula=formula, level=request.level, unit=UNIT), None

        return run

    needs = {
        "lincoln-petersen": "two lists",
        "chapman": "two lists",
        "log-linear": "a formula of the lists' names",
        **dict.fromkeys(("two-way", "lsc", "hsc"), "three lists or more"),
        **dict.fromkeys(("best", "averaged"), "two to six lists"),
    }
    independent = ("independence", "lincoln-petersen", "chapman")
    return {
        name: _Model(
            run=fitted(name),
            assumptions=lambda words=words: words,
            needs=needs.get(name, "two to eight lists"),
            bias_corrected=name in ("lincoln-petersen", "independence"),
            formula=name == "log-linear",
            tested={"log-linear": ()}.get(name, ("independence" if name in independent else "two-way",)),
        )
        for name, words in lists.MODELS.items()
    }


def _truncated_models():
    def fitted(name):
        def run(table, request):
            parsed = parse(request.formula or DEFAULT_FORMULA)
            if request.formula is None and parsed.response not in table.columns:
                raise InputError(
                    f"no column {parsed.response!r} among {','.join(table.columns)}",
                    'the times seen in it, or a formula that names their column, such as "visits ~ 1"',
                )
            frame = read_covariates(table, parsed.variables, response=parsed.response)
            people = (
                "count" if "count" in frame.columns and "count" not in (parsed.response, *parsed.variables) else None
            )
            fit = truncated.estimate(
                frame, request.formula or DEFAULT_FORMULA, name, people=people, level=request.level, unit=UNIT
            )
            return fit.population, None

        return run

    return {
        name: _Model(
            run=fitted(name),
            assumptions=lambda words=words: words,
            bound=SPECIFICATIONS[name].bound,
            needs='the column times, or a formula such as "times ~ age + nation"',
            formula=True,
        )
        for name, words in truncated.MODELS.items()
    }


def _open_models():
    def words():
        return (
            open_population.jolly_seber([60, 80, 70, 50], [60, 50, 30, 15], [25, 35, 45, 50]).abundance[1].assumptions
        )

    return {
        "jolly-seber": _Model(
            run=_jolly_seber, assumptions=words, needs="three occasions or more", tested=("jolly-seber",)
        ),
        "popan": _Model(run=_popan, assumptions=words, needs="three occasions or more", tested=("popan",)),
    }


def _jolly_seber(table, request):
    patterns = read_patterns(table)
    result = open_population.jolly_seber(*_totals(patterns), names=patterns.names, level=request.level)
    rows = result.to_frame()
    rows.insert(1, "captured", patterns.captures)
    rows.insert(4, "status", [each.status for each in result.abundance])
    whole = [i for i, each in enumerate(result.abundance) if each.value is not None and each.standard_error is not None]
    if not whole:
        return Estimate(
            value=None,
            unit=UNIT,
            estimand="workers present, mean of the occasions",
            method="Jolly-Seber",
            level=request.level,
            status="not identified",
            observed=int(patterns.captures.mean()),
            warnings=("on no occasion was anybody seen who was also seen both before and after",),
            assumptions=_open_models()["popan"].assumptions(),
        ), rows
    kept = replace(result, abundance=tuple(result.abundance[i] for i in whole))
    mean = open_population.mean_abundance(kept, level=request.level)
    seen = float(patterns.captures[whole].mean())
    inner = patterns.occasions - 2
    warnings = mean.warnings
    if len(whole) < inner:
        warnings = (*warnings, f"only {len(whole)} of {inner} inner occasions are identified: the mean is over these")
    wrong = [each.status for each in kept.abundance if each.status != "ok"]
    if mean.standard_error == 0:
        wrong.append("boundary")
        warnings = (*warnings, "everybody present seems to have been seen: the chance of being seen is estimated as 1")
    return mean.replace(
        observed=math.floor(seen),
        interval=(max(mean.interval[0], seen), max(mean.interval[1], seen)),
        status=wrong[0] if wrong else "ok",
        warnings=warnings,
    ), rows


def _popan(table, request):
    patterns = read_patterns(table)
    try:
        result = open_population.popan(*_totals(patterns), names=patterns.names, level=request.level)
    except (ArithmeticError, np.linalg.LinAlgError):
        return Estimate(
            value=None,
            unit=UNIT,
            estimand="workers present on at least one occasion",
            method="super-population model (POPAN)",
            level=request.level,
            status="not converged",
            observed=patterns.captured,
            warnings=("the likelihood has no curvature that could be inverted",),
            assumptions=_open_models()["popan"].assumptions(),
        ), None
    columns = {"occasion": list(patterns.names), "captured": patterns.captures}
    for label, results in (
        ("abundance", result.abundance),
        ("capture", result.capture),
        ("survival", result.survival),
        ("entry", result.entry),
    ):
        filled = [*results, *[None] * (patterns.occasions - len(results))]
        columns[label] = [math.nan if each is None or each.value is None else each.value for each in filled]
        columns[f"{label}_se"] = [
            math.nan if each is None or each.standard_error is None else each.standard_error for each in filled
        ]
    columns["status"] = [each.status for each in result.abundance]
    return result.superpopulation, pd.DataFrame(columns)


def _with_an_interval(estimate):
    """The estimate with its usual interval, or the log-normal one where the profile likelihood breaks down."""
    try:
        return estimate()
    except InputError:
        raise
    except (ArithmeticError, ValueError, np.linalg.LinAlgError):
        found = estimate(interval="log-normal")
        words = "the profile likelihood could not be followed: the interval is log-normal instead"
        return found.replace(warnings=(*found.warnings, words))


def _totals(patterns):
    return patterns.captures, patterns.first_captures, patterns.last_captures


def _refuse_long(table, counts):
    if counts.most > LONGEST_EXACT_TABLE:
        raise InputError(
            f"workers seen up to {counts.most:,} times",
            f"at most {LONGEST_EXACT_TABLE:,} for this model; chao1984, ace and zt-geometric have no such limit",
            file=table.file,
            column="times_seen",
        )


# --- What is asked, and what may leave --------------------------------------------------------------------------------


def _known_kind(kind):
    if kind not in KINDS:
        raise InputError(f"the kind {kind!r}", f"one of {', '.join(KINDS)}")
    return kind


def _chosen(kind, model, formula):
    known = _models_of(kind)
    if model is None and kind == "lists" and formula is not None:
        model = "log-linear"
    if model is None:
        raise InputError("no model", f"one of {', '.join(known)}")
    if model not in known:
        near = difflib.get_close_matches(str(model), known, n=1, cutoff=0.7)
        hint = f"{near[0]}, or another of" if near else "one of"
        raise InputError(f"the model {model!r} for {kind}", f"{hint} {', '.join(known)}")
    return model, known[model]


def _checked_request(kind, name, model, formula, bias_corrected, level, occasions):
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0 < level < 1:
        raise InputError(f"the level {level!r}", "a number between 0 and 1, such as 0.95")
    if formula is not None and not model.formula:
        expected = "no formula, or the model log-linear" if kind == "lists" else "no formula"
        raise InputError(f"a formula for the model {name!r} of {kind}", expected)
    if kind == "lists" and model.formula and formula is None:
        raise InputError(f"the model {name!r} without a formula", 'a formula such as "a + b + c + a:b" or "[12,3]"')
    if formula is not None and kind == "truncated":
        parse(formula)
    if bias_corrected and not model.bias_corrected:
        having = [each for each, other in _models_of(kind).items() if other.bias_corrected]
        expected = f"the plain form, or one of {', '.join(having)}" if having else "the plain form"
        raise InputError(f"the bias-corrected form of {name!r} for {kind}", expected)
    if occasions is not None:
        if not model.occasions:
            raise InputError(
                f"a number of occasions for the model {name!r} of {kind}",
                "none: it is for frequencies and models that use it",
            )
        if isinstance(occasions, bool) or not isinstance(occasions, int) or occasions < 2:
            raise InputError(f"{occasions!r} occasions", "a whole number of 2 or more")
    return _Request(level=float(level), formula=formula, bias_corrected=bool(bias_corrected), occasions=occasions)


def _guarded(estimate):
    """The estimate, with ``"implausible"`` in place of ``"ok"`` if a number in it makes no sense."""
    reasons = []
    interval = estimate.interval
    error = estimate.standard_error
    if error is not None and not (math.isfinite(error) and error >= 0):
        error = None
        reasons.append("the standard error is not finite")
    value = estimate.value
    if value is not None and not math.isfinite(value):
        value, interval = None, None
        reasons.append("the estimate is not finite")
    if value is not None and estimate.status == "ok" and estimate.observed is not None:
        value = max(value, float(estimate.observed))  # short of those seen by no more than rounding
    if value is not None and estimate.observed and value > LARGEST_MULTIPLE * estimate.observed:
        reasons.append(f"the estimate is more than {LARGEST_MULTIPLE:,.0f} times the number seen")
    if value is not None and error is not None and error > LARGEST_RELATIVE_ERROR * value:
        reasons.append(f"the standard error is more than {LARGEST_RELATIVE_ERROR:g} times the estimate")
    if (
        value is not None
        and interval is not None
        and not interval[0] - 1e-6 * value <= value <= interval[1] * (1 + 1e-6)
    ):
        reasons.append("the interval does not hold the estimate")
    warnings = estimate.warnings
    if reasons and estimate.status == "ok":
        warnings = (*warnings, *reasons)
    if not warnings and estimate.status != "ok":
        warnings = (_REASONS[estimate.status],)
    if interval is not None and math.isinf(interval[1]) and not any("upper limit" in words for words in warnings):
        warnings = (*warnings, "the data set no upper limit at this level")
    status = "implausible" if reasons and estimate.status == "ok" else estimate.status
    return estimate.replace(
        value=value,
        interval=interval,
        interval_kind=estimate.interval_kind if interval is not None else "",
        standard_error=error,
        warnings=warnings,
        status=status,
    )


# --- Words ------------------------------------------------------------------------------------------------------------


def _whole(number):
    return f"{number:,.0f}"


def _observed_words(estimate):
    if estimate.observed is None:
        return ""
    verb = "was" if estimate.observed == 1 else "were"
    where = " on the average occasion" if ", mean of " in estimate.estimand else ""
    return f"; {estimate.observed:,} {verb} seen{where}"


def _predicate(estimand):
    if estimand in _SENTENCES:
        return _SENTENCES[estimand]
    before, mean, occasions = estimand.partition(", mean of ")
    if mean and before == "workers present":
        return f"were present on average over {occasions}".replace("over 1 occasions", "on the one occasion identified")
    return f"({estimand})"


def _plain(words):
    """A phrase that can stand among others: no full stop, no capital unless the word has one."""
    words = words.rstrip(".")
    first, _, rest = words.partition(" ")
    return words if first[1:] != first[1:].lower() else f"{first.lower()} {rest}".strip()
