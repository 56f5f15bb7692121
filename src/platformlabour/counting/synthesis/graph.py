"""A count as a graph: factors at the leaves, named outputs computed from them, and what the result stands for."""

from __future__ import annotations

import ast
import difflib
import functools
import operator
from graphlib import CycleError, TopologicalSorter

import numpy as np

from platformlabour.counting.synthesis.factors import Factor
from platformlabour.errors import InputError

__all__ = ["ESTIMANDS", "Expression", "Graph"]

ESTIMANDS = ("stock at a date", "ever in the period", "ever worked")
"""What a number of people can stand for; a graph names one of them."""

_LONGEST = 20_000  # characters of an expression: a sum over a few hundred platforms fits
_DEEPEST = 200  # brackets or operations within each other


class Graph:
    """Factors, what is computed from them, and the estimand.

    Parameters
    ----------
    factors : iterable of Factor
    outputs : dict of str to (str or callable)
        Name to arithmetic over names of factors and other outputs, such as ``"accounts / multi_homing * active"``, or
        to a function of a dictionary that holds each factor's draws, each an array of shape (draws,). Arithmetic has
        ``+ - * / **``, brackets, and ``sum``, ``min``, ``max``, ``exp``, ``log``, ``sqrt``.
    estimand : {"stock at a date", "ever in the period", "ever worked"}
        What a number of people out of this graph stands for. Required: the three differ by turnover.
    units : dict of str to str, optional
        Unit of each output; ``"people"`` where none is given.

    Raises
    ------
    InputError
        If a name is unknown, used twice or refers to itself, an expression is not arithmetic, or the estimand is not
        one of the three.

    Examples
    --------
    >>> from platformlabour.counting.synthesis import Factor, fixed, uniform
    >>> accounts = Factor("accounts", fixed(1000), "accounts", "measured", "made up", "2024", "CC0-1.0", "simulated")
    >>> homes = Factor("multi_homing", uniform(1, 2), "ratio", "assumed", "", "", "CC0-1.0", "none")
    >>> graph = Graph([accounts, homes], {"people": "accounts / multi_homing"}, estimand="stock at a date")
    >>> graph.evaluate({"accounts": 1000.0, "multi_homing": 1.25})
    {'people': 800.0}
    """

    def __init__(self, factors, outputs, *, estimand, units=None):
        if estimand not in ESTIMANDS:
            raise InputError(f"the estimand {estimand!r}", f"one of: {'; '.join(ESTIMANDS)}")
        self.estimand = estimand
        self.factors = {}
        for factor in factors:
            if not isinstance(factor, Factor):
                raise InputError(f"{type(factor).__name__} among the factors", "factors made with Factor(…)")
            if factor.name in self.factors:
                raise InputError(f"two factors named {factor.name!r}", "one factor a name")
            self.factors[factor.name] = factor
        if not self.factors:
            raise InputError("no factors", "at least one")
        if not outputs:
            raise InputError("no outputs", "at least one, such as {'people': 'accounts / multi_homing'}")
        self.outputs = {}
        for name, output in outputs.items():
            if name in self.factors:
                raise InputError(f"an output named like the factor {name!r}", "a name of its own")
            if isinstance(output, str):
                output = Expression(output, name=name)
            elif not callable(output):
                raise InputError(f"{output!r} as output {name!r}", "arithmetic as text, or a function")
            self.outputs[name] = output
        self.units = dict.fromkeys(self.outputs, "people")
        for name, unit in (units or {}).items():
            self._known(name, self.outputs, "output")
            self.units[name] = unit
        self._order = self._sorted()

    def __repr__(self):
        return f"Graph({len(self.factors)} factors; {', '.join(self.outputs)}; {self.estimand})"

    @property
    def unused(self):
        """Factors that no output names; empty if an output is a function, which may use any of them."""
        if not all(isinstance(output, Expression) for output in self.outputs.values()):
            return ()
        used = set().union(*(output.names for output in self.outputs.values()))
        return tuple(name for name in self.factors if name not in used)

    @property
    def uncertain(self):
        """Names of the factors that are not fixed numbers."""
        return tuple(name for name, factor in self.factors.items() if not factor.distribution.is_fixed)

    def factors_of(self, output):
        """Factors that an output depends on, directly or through other outputs; all of them for a function.

        Parameters
        ----------
        output : str

        Returns
        -------
        tuple of str
        """
        self._known(output, self.outputs, "output")
        found, waiting = set(), [output]
        while waiting:
            made = self.outputs[waiting.pop()]
            if not isinstance(made, Expression):
                return tuple(self.factors)
            for name in made.names:
                if name in self.factors:
                    found.add(name)
                else:
                    waiting.append(name)
        return tuple(name for name in self.factors if name in found)

    def evaluate(self, values):
        """Outputs for given values of the factors.

        Parameters
        ----------
        values : dict of str to (float or array)
            A value, or an array of draws, for every factor.

        Returns
        -------
        dict of str to (float or array)
            In the order in which the outputs were given.

        Raises
        ------
        InputError
            If a factor has no value, or an output is not a finite number.
        """
        for name in self.factors:
            if name not in values:
                raise InputError(f"no value for the factor {name!r}", "a value for every factor")
        # NumPy's numbers divide by zero to infinity, which is refused below; Python's raise.
        values = {name: value if isinstance(value, np.ndarray) else np.float64(value) for name, value in values.items()}
        drawn = dict(values)
        with np.errstate(all="ignore"):
            for name in self._order:
                output = self.outputs[name]
                values[name] = output(values) if isinstance(output, Expression) else _called(output, name, drawn)
        results = {}
        for name in self.outputs:
            finite = np.isfinite(values[name])
            if not np.all(finite):
                part = f" in {np.size(finite) - np.count_nonzero(finite):,} of {np.size(finite):,} draws"
                raise InputError(
                    f"an output {name!r} that is not a finite number" + part * (np.size(finite) > 1),
                    "factors that keep divisors and logarithms away from 0",
                )
            results[name] = values[name] if np.ndim(values[name]) else float(values[name])
        return results

    def central(self, **changes):
        """Outputs with every factor at its median, but for those given.

        Parameters
        ----------
        **changes : float
            Factor to value.

        Returns
        -------
        dict of str to float
        """
        for name in changes:
            self._known(name, self.factors, "factor")
        values = {name: factor.distribution.median for name, factor in self.factors.items()}
        return self.evaluate(values | changes)

    def replace(self, *factors, outputs=None, estimand=None):
        """A copy with some factors, the outputs or the estimand changed.

        Parameters
        ----------
        *factors : Factor
            Each takes the place of the factor of its name.
        outputs : dict, optional
            All outputs of the copy.
        estimand : str, optional

        Returns
        -------
        Graph
        """
        for factor in factors:
            self._known(factor.name, self.factors, "factor")
        changed = self.factors | {factor.name: factor for factor in factors}
        units = {name: unit for name, unit in self.units.items() if outputs is None or name in outputs}
        return Graph(changed.values(), outputs or self.outputs, estimand=estimand or self.estimand, units=units)

    def _known(self, name, table, word):
        if name not in table:
            raise InputError(f"the {word} {name!r}", f"one of {', '.join(table)}{_nearest(name, table)}")

    def _sorted(self):
        known = {**self.factors, **self.outputs}
        needs = {}
        for name, output in self.outputs.items():
            names = output.names if isinstance(output, Expression) else ()
            for used in names:
                if used not in known:
                    raise InputError(
                        f"the unknown name {used!r} in the output {name!r}",
                        f"a factor or another output{_nearest(used, known)}",
                    )
            needs[name] = [used for used in names if used in self.outputs]
        try:
            return tuple(TopologicalSorter(needs).static_order())
        except CycleError as error:
            path = " from ".join(error.args[1][::-1])
            raise InputError(f"outputs that need each other: {path}", "outputs that form no circle") from None


def _called(function, name, draws):
    try:
        result = np.asarray(function(dict(draws)), dtype=float)
    except KeyError as error:
        raise InputError(
            f"the unknown name {error.args[0]!r} in the output {name!r}", f"a factor{_nearest(error.args[0], draws)}"
        ) from None
    shape = np.broadcast_shapes(*(np.shape(value) for value in draws.values()))
    if result.shape not in ((), shape):
        raise InputError(f"an output {name!r} of shape {result.shape}", "one number a draw")
    return result


_OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}


def _sum(first, *others):
    total = first
    for number, other in enumerate(others):
        # The first addition makes a new array; the next ones may write into it.
        total = total + other if number == 0 or not isinstance(total, np.ndarray) else np.add(total, other, out=total)
    return total


_FUNCTIONS = {
    "sum": _sum,
    "min": lambda *numbers: functools.reduce(np.minimum, numbers),
    "max": lambda *numbers: functools.reduce(np.maximum, numbers),
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
}
_ONE_ARGUMENT = ("exp", "log", "sqrt")


class Expression:
    """Arithmetic over names, read from text without running it as a program.

    Parameters
    ----------
    text : str
        Such as ``"accounts / multi_homing * (1 - dormant)"``.
    name : str, optional
        What it computes, for messages.

    Raises
    ------
    InputError
        If the text is anything but numbers, names, ``+ - * / **``, brackets and the functions ``sum, min, max, exp,
        log, sqrt``, or is nested too deeply.

    Examples
    --------
    >>> people = Expression("accounts / multi_homing * (1 - dormant)")
    >>> people.names
    ('accounts', 'multi_homing', 'dormant')
    >>> float(people({"accounts": 1000, "multi_homing": 2, "dormant": 0.4}))
    300.0
    """

    def __init__(self, text, *, name=None):
        self.text, self.name = text, name
        if len(text) > _LONGEST:
            raise self._refused(f"{len(text):,} characters", f"at most {_LONGEST:,}")
        names = {}
        try:
            # Python's own parser, of which only arithmetic is let through.
            tree = ast.parse(text.strip(), mode="eval").body
            self._run = self._compiled(tree, names, 0)
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            raise self._refused(f"{_shortened(text)!r}", "arithmetic such as 'accounts / multi_homing'") from None
        self.names = tuple(names)

    def __repr__(self):
        return f"Expression({self.text!r})"

    def __call__(self, values):
        return self._run(values)

    def _refused(self, found, expected):
        return InputError(found, expected, file=f"output {self.name}" if self.name else None)

    def _compiled(self, node, names, depth):
        if depth > _DEEPEST:
            raise self._refused("arithmetic nested too deeply", "sum(…) for long sums, or outputs in between")
        depth += 1
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            number = np.float64(node.value)
            return lambda values: number
        if isinstance(node, ast.Name):
            name = node.id
            if name in _FUNCTIONS:
                raise self._refused(f"the function {name} without brackets", f"{name}(…)")
            names[name] = True
            return lambda values: values[name]
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            apply = _OPERATORS[type(node.op)]
            left, right = self._compiled(node.left, names, depth), self._compiled(node.right, names, depth)
            return lambda values: apply(left(values), right(values))
        if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
            apply, inner = _OPERATORS[type(node.op)], self._compiled(node.operand, names, depth)
            return lambda values: apply(inner(values))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS:
            name, function = node.func.id, _FUNCTIONS[node.func.id]
            if node.keywords or not node.args or (name in _ONE_ARGUMENT and len(node.args) > 1):
                raise self._refused(f"{name} with these arguments", "numbers and names with commas between")
            if any(isinstance(argument, ast.Starred) for argument in node.args):
                raise self._refused("a star among the arguments", "numbers and names with commas between")
            inner = [self._compiled(argument, names, depth) for argument in node.args]
            return lambda values: function(*(part(values) for part in inner))
        raise self._refused(
            f"{_shortened(ast.unparse(node))!r}",
            f"numbers, names, + - * / **, brackets and {', '.join(_FUNCTIONS)}",
        )


def _shortened(text):
    return text if len(text) <= 60 else text[:57] + "…"


def _nearest(name, known):
    close = difflib.get_close_matches(str(name), list(known), n=1)
    return f" (perhaps {close[0]!r})" if close else ""
