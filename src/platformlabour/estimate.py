"""One type for every result, so that no number travels without its meaning."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace

from platformlabour.errors import InputError

__all__ = ["BOUNDS", "FORMS", "STATUSES", "Estimate"]

BOUNDS = ("point", "lower", "upper")
STATUSES = (
    "ok",
    "boundary",
    "not identified",
    "not converged",
    "below observed",
    "implausible",
)
FORMS = (
    "value",
    "exact",
    "interval",
    "with-interval",
    "with-unit",
    "percent",
    "percent-interval",
    "standard-error",
    "bound",
)
_BOUND_WORDS = {"point": "", "lower": "at least", "upper": "at most"}


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A number with its interval, unit, meaning and standing.

    Parameters
    ----------
    value : float or None
        The estimate in ``unit``; ``None`` when the data do not identify it.
    unit : str
        What is counted: ``"workers"``, ``"accounts"``, ``"share"`` (0 to 1), ``"days"``.
    estimand : str
        What the number stands for, in a phrase.
    method : str
        The named method, with its usual name in the field.
    interval : (float, float) or None
        Lower and upper limit in ``unit``; ``math.inf`` is allowed as upper limit.
    level : float or None
        Coverage the interval aims at, between 0 and 1; ``None`` for a range over assumptions, which has none.
    interval_kind : str
        How the interval was made: ``"log-normal"``, ``"profile likelihood"``, ``"bootstrap"``.
    bound : {"point", "lower", "upper"}
        Whether the number estimates its target or bounds it from one side.
    status : {"ok", "boundary", "not identified", "not converged", "below observed", "implausible"}
        Whether the number may be used.
    standard_error : float or None
        In ``unit``.
    observed : int or None
        People, or accounts, actually seen.
    loglik, aic : float or None
        Log-likelihood and Akaike's information criterion, where the method has them.
    df : int or None
        Residual degrees of freedom.
    assumptions, warnings : tuple of str
        In plain words.
    simulated : bool
        Whether the data behind the number were simulated.

    Raises
    ------
    InputError
        If bound or status is unknown, the interval is reversed, the level is not between 0 and 1,
        or a result with status ``"ok"`` has no finite value or lies below what was observed.

    Examples
    --------
    >>> bound = Estimate(value=330594.2, unit="workers", estimand="ever available", method="Chao",
    ...                  interval=(327452.0, 333794.0), bound="lower", standard_error=1617.8)
    >>> bound
    Estimate(330,594 workers, at least; 95% interval 327,452 to 333,794)
    >>> bound.text(), bound.text("exact"), bound.text("interval")
    ('330,600', '330,594', '327,500 to 333,800')
    """

    value: float | None
    unit: str
    estimand: str
    method: str
    interval: tuple[float, float] | None = None
    level: float | None = 0.95
    interval_kind: str = ""
    bound: str = "point"
    status: str = "ok"
    standard_error: float | None = None
    observed: int | None = None
    loglik: float | None = None
    aic: float | None = None
    df: int | None = None
    assumptions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    simulated: bool = False

    def __post_init__(self):
        # NumPy's scalars would travel into JSON and comparisons: plain numbers do not surprise anyone there.
        for name in ("value", "standard_error", "observed", "loglik", "aic", "df"):
            number = getattr(self, name)
            if hasattr(number, "item"):
                object.__setattr__(self, name, number.item())
        if self.interval is not None:
            object.__setattr__(self, "interval", tuple(float(limit) for limit in self.interval))
        if self.bound not in BOUNDS:
            raise InputError(f"the bound {self.bound!r}", f"one of {', '.join(BOUNDS)}")
        if self.status not in STATUSES:
            raise InputError(f"the status {self.status!r}", f"one of {', '.join(STATUSES)}")
        if self.level is not None and not 0 < self.level < 1:
            raise InputError(f"the level {self.level!r}", "a number between 0 and 1, such as 0.95")
        if self.interval is not None and not self.interval[0] <= self.interval[1]:
            raise InputError(f"the interval {self.interval!r}", "a lower limit that is not above the upper one")
        if self.status == "ok":
            if self.value is None or not math.isfinite(self.value):
                raise InputError(f"the value {self.value!r} with status 'ok'", "a finite number, or another status")
            if self.observed is not None and self.value < self.observed - 1e-6:
                raise InputError(
                    f"{self.value!r} below the {self.observed} observed with status 'ok'", "status 'below observed'"
                )

    @classmethod
    def counted(cls, value, unit, estimand, *, method="count", **more):
        """A number that was counted or computed exactly, with no sampling error.

        Examples
        --------
        >>> Estimate.counted(157255, "workers", "seen at least once").text("with-unit")
        '157,255 workers'
        """
        return cls(value=value, unit=unit, estimand=estimand, method=method, **more)

    def replace(self, **changes):
        """A copy with some fields changed."""
        return replace(self, **changes)

    def __repr__(self):
        if self.value is None:
            return f"Estimate({self.unit}: {self.status})"
        text = f"{_number(self.value, _plain_step(self.value))} {self.unit}"
        if self.bound != "point":
            text += f", {_BOUND_WORDS[self.bound]}"
        if self.interval is not None:
            low, high = (_limit(x, _plain_step(self.value)) for x in self.interval)
            text += f"; {_level(self.level)} {low} to {high}"
        if self.status != "ok":
            text += f"; {self.status}"
        return f"Estimate({text})"

    def text(self, form="value"):
        """The number as prose shows it.

        Parameters
        ----------
        form : str
            ``"value"`` rounds to the precision that the uncertainty allows (two significant digits of the
            standard error, or of a quarter of the interval's width); ``"exact"`` rounds to a whole number, or to
            four significant digits below 100; the others are ``"interval"``, ``"with-interval"``, ``"with-unit"``,
            ``"percent"``, ``"percent-interval"``, ``"standard-error"`` and ``"bound"``.

        Returns
        -------
        str

        Raises
        ------
        InputError
            If the form is unknown, or the result does not have what the form shows.
        """
        if form not in FORMS:
            raise InputError(f"the form {form!r}", f"one of {', '.join(FORMS)}")
        if form == "bound":
            return _BOUND_WORDS[self.bound] or "about"
        if self.value is None:
            raise InputError(f"a result that is {self.status}", "a result with a value before it is shown in prose")
        step = self._step()
        if form == "exact":
            return _number(self.value, _plain_step(self.value))
        if form == "value":
            return _number(self.value, step)
        if form == "with-unit":
            return f"{_number(self.value, step)} {self.unit}"
        if form == "percent":
            return _number(100 * self.value, 100 * step if self._uncertainty() else 0.1) + "%"
        if form == "standard-error":
            if self.standard_error is None:
                raise InputError("a result without a standard error", "a result that has one")
            return _number(self.standard_error, _two_digits(self.standard_error))
        if self.interval is None:
            raise InputError("a result without an interval", "a result that has one")
        low, high = self.interval
        if form == "percent-interval":
            return f"{_limit(100 * low, 100 * step)}% to {_limit(100 * high, 100 * step)}%"
        shown = f"{_limit(low, step)} to {_limit(high, step)}"
        if form == "interval":
            return shown
        return f"{_number(self.value, step)} ({_level(self.level)} {shown})"

    def _uncertainty(self):
        if self.level is None:
            return 0.0  # a range over assumptions is not a spread around the value
        if self.standard_error and math.isfinite(self.standard_error):
            return self.standard_error
        if self.interval is not None and math.isfinite(self.interval[1]):
            return (self.interval[1] - self.interval[0]) / 4
        return 0.0

    def _step(self):
        uncertainty = self._uncertainty()
        if uncertainty <= 0:
            if self.unit == "ratio" and self.value:
                return min(1.0, 10.0 ** (math.floor(math.log10(abs(self.value))) - 2))
            return _plain_step(self.value)
        step = _two_digits(uncertainty)
        # People do not come in decimals: a count is never printed finer than one.
        return step if self.unit in ("share", "coefficient", "ratio") else max(step, _plain_step(self.value))

    def to_dict(self):
        """The result as JSON can hold it, without empty fields."""
        out = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "level" and self.interval is None:
                continue
            if (value is None and field.name != "level") or (isinstance(value, (tuple, str, bool)) and not value):
                continue  # empty texts and lists, and "simulated" when it is false
            if isinstance(value, tuple):
                value = [_json_number(x) for x in value]
            out[field.name] = _json_number(value)
        return out

    @classmethod
    def from_dict(cls, data):
        """The inverse of :meth:`to_dict`."""
        data = dict(data)
        data.setdefault("value", None)
        if data.get("interval") is not None:
            data["interval"] = tuple(math.inf if x == "inf" else x for x in data["interval"])
        for name in ("assumptions", "warnings"):
            data[name] = tuple(data.get(name, ()))
        return cls(**data)


def _json_number(value):
    if isinstance(value, float) and not math.isfinite(value):
        return "inf" if value > 0 else "-inf"
    return value


def _two_digits(x):
    return 10.0 ** (math.floor(math.log10(abs(x))) - 1) if x else 1.0


def _plain_step(value):
    if value is None or value == 0 or float(value).is_integer() or abs(value) >= 100:
        return 1.0
    return 10.0 ** (math.floor(math.log10(abs(value))) - 3)


def _number(value, step):
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    rounded = round(value / step) * step
    text = f"{rounded:,.{decimals}f}"
    if float(rounded) == 0:
        text = text.lstrip("-")
    return text.replace("-", "\N{MINUS SIGN}")


def _limit(x, step):
    return _number(x, step) if math.isfinite(x) else "no upper limit"


def _level(level):
    return "range" if level is None else f"{100 * level:g}% interval"
