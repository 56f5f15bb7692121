"""What a report says, block by block, from a computed answer: the page and the PDF print the same blocks."""

from __future__ import annotations

from platformlabour.counting.country.answer import capital, people
from platformlabour.counting.country.claims import RULE, verdict
from platformlabour.counting.country.inputs import BOUNDS, FACTORS, MEASURES

__all__ = ["ours", "published", "report_blocks"]


def report_blocks(answer):
    """The report's blocks in order.

    Parameters
    ----------
    answer : dict
        From :func:`platformlabour.counting.country.answer.compute`.

    Returns
    -------
    list of dict
        Each with a ``"kind"``: ``"heading"``, ``"text"``, ``"list"``, ``"table"`` or ``"figure"``.
    """
    scenario = answer["scenario"]
    blocks = [{"kind": "list", "items": answer["answer"], "look": "answer"}]
    bound = any(circle["circle"] == "registered" for circle in answer["circles"])
    note = f"Who is counted: {scenario['population']}. Estimand: {scenario['estimand']}, {_when(scenario)}."
    if bound:
        note += " The registered are an upper bound on those who work: an account is not a worker."
    blocks.append(_text(note))
    if answer["warnings"]:
        blocks += [_heading("Read this first"), {"kind": "list", "items": answer["warnings"], "look": "caution"}]
    blocks += [_heading("The circles"), *_circles(answer)]
    blocks += [_heading("What drives the counts"), *_drivers(answer)]
    blocks += [_heading("What is missing, and what it costs"), *_missing(answer)]
    blocks += [_heading("One person, several platforms"), *_multi_homing(answer)]
    blocks += [_heading("Bounds beside the estimates"), *_bounds(answer)]
    blocks += [_heading("Published counts beside these"), *_claims(answer)]
    blocks += [_heading("Every number that went in"), *_inputs(answer)]
    blocks += [_heading("How to cite, and how to rerun"), *_ending(answer)]
    return blocks


def _when(scenario):
    if scenario["period"]:
        return f"from {scenario['period'][0]} to {scenario['period'][1]}"
    return scenario["date"]


def _heading(text):
    return {"kind": "heading", "text": text}


def _text(text, look=""):
    return {"kind": "text", "text": text, "look": look}


def _table(caption, headings, rows, *, numeric):
    return {
        "kind": "table",
        "caption": caption,
        "headings": headings,
        "rows": [[str(cell) for cell in row] for row in rows],
        "numeric": [heading in numeric for heading in headings],
    }


def _circles(answer):
    circles = answer["circles"]
    one_sided = [circle for circle in circles if circle["bound"] != "point"]
    spans = "; ".join(
        f"{circle['circle']} {_bounded(circle)}, 95% interval {_span(circle['intervals']['95'])}" for circle in circles
    )
    yield {
        "kind": "figure",
        "name": "circles",
        "alt": f"Interval chart of people by circle on a logarithmic scale: {spans}.",
        "caption": "People by circle. The mark is the median; the thick, middle and thin bars are the intervals that "
        "hold the truth with 50, 80 and 95% probability if the inputs are right."
        + (" An arrow marks a bound: the truth may lie beyond it on that side." if one_sided else ""),
    }
    yield _table(
        "People by circle, with intervals",
        ["Circle", "Who", "Median", "50%", "80%", "95%"],
        [
            [
                circle["circle"].capitalize(),
                circle["definition"],
                _bounded(circle),
                *(_span(circle["intervals"][level]) for level in ("50", "80", "95")),
            ]
            for circle in circles
        ],
        numeric={"Median", "50%", "80%", "95%"},
    )
    yield _text(
        "What the figure does not show: whether the inputs are right. Its intervals carry what the scenario says of "
        "each input, and nothing that it does not say."
    )
    for circle in one_sided:
        small = "small" if circle["bound"] == "lower" else "large"
        yield _text(
            f"{capital(circle['circle'])}, {BOUNDS[circle['bound']]}: apart from chance, what the count rests on can "
            f"only be too {small}. The interval is that of the bound; how far beyond it the truth lies, nothing says."
        )
    routes = [(circle["circle"], route) for circle in circles for route in circle["routes"]]
    yield _table(
        "How each circle is reached; several routes are each as likely as another, and the circle spans them all"
        + ("" if all(route["mixed"] for _, route in routes) else ". What only bounds a circle is kept apart"),
        ["Circle", "Route", "Formula", "Median", "95%"],
        [
            [
                name.capitalize(),
                route["name"],
                route["formula"],
                _bounded(route),
                _span([route["low"], route["high"]]),
            ]
            for name, route in routes
        ],
        numeric={"Median", "95%"},
    )
    if answer["not_counted"]:
        yield _text("Not counted:")
        yield {
            "kind": "list",
            "items": [f"{capital(row['circle'])}: {row['reason']}." for row in answer["not_counted"]],
            "look": "",
        }


def _drivers(answer):
    for number, circle in enumerate(answer["circles"]):
        rows = circle["drivers"]
        if not rows:
            yield _text(f"{circle['circle'].capitalize()}: every input is taken as known exactly; nothing drives it.")
            continue
        first = rows[0]
        yield {
            "kind": "figure",
            "name": f"drivers-{number}",
            "alt": f"Tornado chart of {circle['circle']}: the widest bar is {first['label']}, from "
            f"{people(first['low'])} to {people(first['high'])} people; {len(rows)} bars in all.",
            "caption": f"{circle['circle'].capitalize()}: people if one input at a time goes to the ends of its 95% "
            "range and the others stay in the middle. Hatched: the scenario does not give the input, and the widest "
            "defensible range stands in for it.",
        }
        yield _table(
            f"{circle['circle'].capitalize()}: what drives the count",
            ["Input", "Given", "From", "To", "Share of variance"],
            [
                [
                    capital(row["label"]),
                    "yes" if row["given"] else "no",
                    people(row["low"]),
                    people(row["high"]),
                    _share(row),
                ]
                for row in rows
            ],
            numeric={"From", "To", "Share of variance"},
        )
    words = (
        "The share of variance is Sobol's first-order index on the logarithm of the count: the part of its uncertainty "
        "that would go if this input alone became known."
    )
    if any(row["index"] == "conditional" for circle in answer["circles"] for row in circle["drivers"]):
        words += (
            " A star marks circles with inputs that go together, as the scenario says. To know one is then to know "
            "something of the other: each share holds what they have in common, and the shares need not add up to 100%."
        )
    yield _text(words)


def _share(row):
    if row["share"] is None:
        return "–"
    return f"{100 * row['share']:.0f}%{'*' if row['index'] == 'conditional' else ''}"


def _missing(answer):
    if not answer["missing"]:
        yield _text("Nothing: the scenario gives every input that its routes use.")
        return
    yield _text(
        "The ends of a 95% interval differ by some factor. The last column says what that factor is, and what it would "
        "be if this one input were known exactly."
    )
    yield _table(
        "Inputs that the scenario does not give, the costliest first",
        ["Missing", "What it is", "What stands in", "Why so wide", "What it costs"],
        [
            [
                capital(row["label"]),
                row["meaning"],
                row["stands_in"],
                row["reason"],
                "; ".join(
                    f"{cost['circle']}: {_factor(cost['spread'])} now, {_factor(cost['spread_if_known'])} if known"
                    for cost in row["costs"]
                ),
            ]
            for row in answer["missing"]
        ],
        numeric=(),
    )


def _multi_homing(answer):
    if not answer["multi_homing"]:
        yield _text("No route of this scenario divides by accounts per person.")
        return
    yield _text(
        "The mean number of platforms depends on who was asked: someone with three accounts is three times as likely "
        "to be met in a sample of accounts. Where the route is not known, a mean does not divide; a range stands in "
        "its place."
    )
    yield _table(
        "Accounts per person",
        ["Coefficient", "Who was asked", "Mean of the answers", "Estimate", "Range carried"],
        [
            [
                capital(row["label"]),
                row["asked"],
                "–" if row["sample_mean"] is None else f"{row['sample_mean']:.3g}",
                "–" if row["coefficient"] is None else _with_error(row),
                f"{row['low']:.3g} to {row['high']:.3g}" if row["low"] < row["high"] else f"{row['low']:.3g}",
            ]
            for row in answer["multi_homing"]
        ],
        numeric={"Mean of the answers", "Estimate"},
    )


def _with_error(row):
    error = "" if row["standard_error"] is None else f" (standard error {row['standard_error']:.2g})"
    return f"{row['coefficient']:.3g}{error}"


def _bounds(answer):
    yield _text(
        "An estimate needs every assumption at once. Bounds add them one at a time: the first line holds whatever the "
        "factors are, the last holds only if all ranges do. An estimate far inside its bounds leans on distributions."
    )
    for circle in answer["circles"]:
        if circle["bounds"]:
            yield _table(
                f"{circle['circle'].capitalize()}: bounds as assumptions are added",
                ["Assumption added", "Given", "At least", "At most"],
                [
                    [
                        capital(step["assumption"]),
                        "–" if place == 0 else "yes" if step["given"] else "no",
                        people(step["low"]),
                        people(step["high"]),
                    ]
                    for place, step in enumerate(circle["bounds"])
                ],
                numeric={"At least", "At most"},
            )
        else:
            yield _text(f"{circle['circle'].capitalize()}: counted directly, so that no chain of factors bounds it.")


def _claims(answer):
    if not answer["claims"]:
        yield _text("The scenario sets no published count of people beside its own.")
        return
    yield _table(
        "What was published, what is counted here, and whether both can be right",
        ["Circle", "What was published, and by whom", "Published", "Ours, and 95%", "Ratio", "Status"],
        [
            [
                capital(row["circle"]),
                " ".join(filter(None, [row["statement"], row["note"], _published_by(row)])),
                published(row),
                ours(row),
                _ratios(row),
                verdict(row),
            ]
            for row in answer["claims"]
        ],
        numeric={"Published", "Ours, and 95%", "Ratio"},
    )
    words = f"The ratio is the published number over our median. {RULE}"
    if any(row["same_source"] for row in answer["claims"]):
        words += " Where our count rests on the same source, agreement shows little: the two are not independent."
    yield _text(words)


def published(row):
    """A published count as it was published: all its digits, its range, and whether it was "at least".

    Examples
    --------
    >>> published({"value": 266126.0, "low": None, "high": None, "bound": ""})
    '266,126'
    >>> published({"value": 250810.0, "low": None, "high": None, "bound": "lower"})
    'at least 250,810'
    >>> published({"value": None, "low": 80000.0, "high": 85000.0, "bound": ""})
    '80,000 to 85,000'
    """
    ends = "" if row["low"] is None else f"{row['low']:,.12g} to {row['high']:,.12g}"
    if row["value"] is None:
        return ends
    number = f"{BOUNDS.get(row['bound'], '')} {row['value']:,.12g}".lstrip()
    return f"{number} ({ends})" if ends else number


def _published_by(row):
    author = row["author"] + (f" ({row['year']})" if row["year"] else "")
    away = ", more than a year away" if row["more_than_a_year_away"] else ""
    mark = "Interested publisher: " if row["interested_publisher"] == "yes" else "— "
    return f"{mark}{author}, {row['locator']}; number of {row['date']}{away}; {row['evidence_in_words']}."


def ours(row):
    """Our count beside a published one: the median and the 95% interval, a dash where the circle is not counted."""
    if row["our_median"] is None:
        return "–"
    return f"{_bounded({'bound': row['our_bound'], 'median': row['our_median']})} ({_span(row['our_interval'])})"


def _ratios(row):
    """The published number over our median."""
    if row["our_median"] is None:
        return "–"
    if row["ratio"] is None:
        return f"{_ratio(row['ratio_low'])} to {_ratio(row['ratio_high'])}"
    return f"{BOUNDS.get(row['bound'], '')} {_ratio(row['ratio'])}".lstrip()


def _ratio(value):
    return f"{value:.2f}" if 0.1 <= value < 100 else f"{value:.3g}"


def _inputs(answer):
    if answer["measures"]:
        yield _table(
            "Numbers by platform",
            ["Platform", "Number", "What", "Date", "Source", "Evidence", "Licence"],
            [
                [
                    row["platform"],
                    f"{row['value']:,}" + ("" if row["low"] is None else f" ({row['low']:,} to {row['high']:,})"),
                    MEASURES[row["measure"]][0] + (f". {row['note']}" if row["note"] else ""),
                    row["date"],
                    row["source"] or "–",
                    row["evidence_in_words"]
                    + ("; interested publisher" if row["interested_publisher"] == "yes" else ""),
                    row["licence"] or "–",
                ]
                for row in answer["measures"]
            ],
            numeric={"Number"},
        )
    yield _table(
        "Factors between the platforms' numbers and people",
        ["Factor", "Value", "How it is known", "Source", "Date", "Licence", "Note"],
        [
            [
                capital(row["label"]),
                row["distribution"],
                (f"{row['kind']}; {row['evidence_in_words']}" if row["given"] else "not given: default")
                + (f"; {row['bound']} bound" if row["bound"] else ""),
                row["source"] or "–",
                row["date"] or "–",
                row["licence"] or "–",
                row["note"] or "–",
            ]
            for row in answer["inputs"]
        ],
        numeric=(),
    )
    if answer["dependence"]:
        pairs = [
            f"{' and '.join(FACTORS[name].label for name in row['factors'])} {row['correlation']:g}"
            for row in answer["dependence"]
        ]
        yield _text(f"Correlations between factors (Gaussian copula): {'; '.join(pairs)}. All others are independent.")
    if answer["sources"]:
        yield _table(
            "Documents cited",
            ["Key", "Author", "Year", "Title", "Where", "Licence"],
            [
                [row["key"], row["author"], row["year"] or "–", row["title"], row["where"] or "–", row["licence"]]
                for row in answer["sources"]
            ],
            numeric=(),
        )
    if answer["scenario"]["limits"]:
        yield _text(f"Limits, as the scenario states them: {answer['scenario']['limits']}")


def _ending(answer):
    rerun = answer["rerun"]
    yield _text(answer["cite"], look="cite")
    yield _text(
        f"To rerun: platformlabour count {answer['scenario']['file']} --seed {rerun['seed']} --draws {rerun['draws']}, "
        f"with platform-labour {answer['made_with']['version']}. The same files, version, seed and draws give the same "
        "numbers."
    )
    errors = "; ".join(f"{circle['circle']} {_rounded_up(circle['monte_carlo_error'])}" for circle in answer["circles"])
    yield _text(f"Error of the medians that is due to the number of draws, in people: {errors}.")
    yield _table(
        "Files read, with their SHA-256",
        ["File", "SHA-256"],
        [[name, digest] for name, digest in rerun["sha256"].items()],
        numeric=(),
    )


def _rounded_up(error):
    return "less than 1" if error < 1 else f"{error:,.0f}"


def _bounded(row):
    """A median with the words that say whether it is a bound."""
    return f"{BOUNDS.get(row['bound'], '')} {people(row['median'])}".lstrip()


def _span(ends):
    return f"{people(ends[0])} to {people(ends[1])}"


def _factor(spread):
    return "without limit" if spread is None else f"{spread:.3g}"
