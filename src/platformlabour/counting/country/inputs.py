"""What a scenario may hold: the factors between accounts and people, their meaning, limits and widest defaults."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "BOUNDS",
    "CIRCLES",
    "CLAIMED_CIRCLES",
    "DISTRIBUTIONS",
    "EVIDENCE",
    "FACTORS",
    "KINDS",
    "MEASURES",
    "KnownFactor",
]

KINDS = {
    "measured": "measured, by the study named",
    "elicited": "judged by people who know the field",
    "assumed": "assumed, because nobody has measured it",
}
EVIDENCE = {
    "seen": "read in the document cited",
    "secondary": "read in a document that quotes it",
    "derived": "arithmetic on published figures",
    "digitised": "read off a drawing",
    "own": "own data, described in the note",
    "recalled": "from memory, not yet checked",
    "simulated": "of no real population",
    "assumed": "no evidence",
}
# Measure in platforms.csv: the one unit it has, and what is counted.
MEASURES = {
    "accounts": ("accounts", "accounts of workers that the platform declares for this country"),
    "visitors": ("visitors a month", "unique visitors from this country in one month"),
    "active": ("users a month", "accounts or app users of workers that were active in one month"),
}
CIRCLES = ("registered", "monthly active", "very active")
CLAIMED_CIRCLES = (*CIRCLES, "ever worked")
# What a number that holds from one side only says of the people it counts.
BOUNDS = {"lower": "at least", "upper": "at most"}
# Parameters of each distribution, in the order in which they must rise.
DISTRIBUTIONS = {
    "fixed": ("value",),
    "uniform": ("low", "high"),
    "triangular": ("low", "mode", "high"),
    "lognormal": ("low", "median", "high"),
    "beta": ("low", "high"),
    "normal": ("mean", "sd"),
    "published mean": ("mean",),
}


@dataclass(frozen=True)
class KnownFactor:
    """One step between accounts and people.

    Parameters
    ----------
    name : str
        As scenarios write it.
    label : str
        As reports write it.
    meaning : str
        What the number is, in one sentence.
    domain : {"share", "at least one", "positive"}
        Where its values lie.
    default : tuple
        Distribution and parameters that stand in where a scenario says nothing: as wide as the factor allows or as any
        study has found.
    reason : str
        Why the default runs that far.
    """

    name: str
    label: str
    meaning: str
    domain: str
    default: tuple
    reason: str

    @property
    def leaves_nobody(self):
        """The value at which nobody is left, or everybody is somewhere else; ``None`` where no value does that."""
        if self.domain != "share":
            return None
        return 1.0 if self.name in ("fake_share", "dormant_share") else 0.0


FACTORS = {
    factor.name: factor
    for factor in (
        KnownFactor(
            "multi_homing",
            "accounts per registered person",
            "Mean number of accounts, on the platforms counted, of a person who has any.",
            "at least one",
            ("uniform", {"low": 1.0, "high": 2.5}),
            "nobody counted has fewer than one account; published means of online work end below two",
        ),
        KnownFactor(
            "multi_homing_active",
            "accounts per active person",
            "Mean number of platforms, among those counted, on which an active person is active in a month.",
            "at least one",
            ("uniform", {"low": 1.0, "high": 2.5}),
            "those who work most may use more platforms than those who only registered",
        ),
        KnownFactor(
            "fake_share",
            "share of accounts without a person",
            "Share of declared accounts that are fakes, tests or second accounts on one platform.",
            "share",
            ("uniform", {"low": 0.0, "high": 0.3}),
            "platforms remove fakes and publish no rate",
        ),
        KnownFactor(
            "people_per_account",
            "people behind one account",
            "Mean number of people who work through one account in use.",
            "at least one",
            ("uniform", {"low": 1.0, "high": 1.25}),
            "accounts are shared and rented; sharing can only add people",
        ),
        KnownFactor(
            "dormant_share",
            "share of accounts that lie dormant",
            "Share of real accounts that were not used in the year before the date.",
            "share",
            ("uniform", {"low": 0.1, "high": 0.9}),
            "no platform says when it last removed an account that is not used",
        ),
        KnownFactor(
            "active_share",
            "share of accounts in use that are active in a month",
            "Share of the accounts that are not dormant with at least one task in the month.",
            "share",
            ("uniform", {"low": 0.1, "high": 1.0}),
            "published shares of registered profiles at work in a month are mostly below a tenth",
        ),
        KnownFactor(
            "worker_share_of_visitors",
            "share of visitors who work",
            "Share of a month's visitors who do tasks, and are not clients, applicants or the curious.",
            "share",
            ("uniform", {"low": 0.1, "high": 1.0}),
            "a site's audience holds its clients too",
        ),
        KnownFactor(
            "devices_per_person",
            "devices per person",
            "Mean number of devices or browsers with which one person appears as several visitors.",
            "at least one",
            ("uniform", {"low": 1.0, "high": 2.0}),
            "a visitor is a browser, and many people use two",
        ),
        KnownFactor(
            "measurement",
            "true audience over measured audience",
            "How far the provider of visitors or app users may be from the truth, as a factor.",
            "positive",
            ("lognormal", {"low": 0.6, "median": 1.0, "high": 1.7, "level": 0.95}),
            "audiences come from panels whose providers print no error",
        ),
        KnownFactor(
            "coverage",
            "share of accounts on the platforms counted",
            "Share of the country's accounts that are on the platforms in the table.",
            "share",
            ("uniform", {"low": 0.3, "high": 1.0}),
            "platforms that declare nothing have accounts too",
        ),
        KnownFactor(
            "very_active_share",
            "share of the active who are very active",
            "Share of the people active in a month who work at least once a week.",
            "share",
            ("uniform", {"low": 0.05, "high": 0.6}),
            "no platform publishes how often its members work",
        ),
        KnownFactor(
            "turnover",
            "people in the period per person at its date",
            "People active at any time in the period, over those active in its average month.",
            "at least one",
            ("uniform", {"low": 1.0, "high": 5.0}),
            "those who leave are replaced",
        ),
        KnownFactor(
            "worked_share",
            "share of registered people who ever worked",
            "Share of the people registered who have done at least one paid task.",
            "share",
            ("uniform", {"low": 0.05, "high": 1.0}),
            "many register and never work",
        ),
    )
}
