"""Refusals that tell the user where the fault is and what to do."""

from __future__ import annotations

__all__ = ["InputError"]


class InputError(ValueError):
    """Input that cannot be used, located as exactly as it is known.

    Parameters
    ----------
    found : str
        What was found, in plain words.
    expected : str
        What should stand there, or what to do.
    file : str, optional
        The file's name as the user gave it.
    row : int, optional
        Row number as a spreadsheet shows it: the header is row 1.
    column : str, optional
        The column's name.

    Examples
    --------
    >>> str(InputError("a negative count, -5", "a whole number of 0 or more",
    ...                file="seen.csv", row=3, column="workers"))
    'seen.csv, row 3, column "workers": found a negative count, -5; expected a whole number of 0 or more.'
    """

    def __init__(self, found, expected, *, file=None, row=None, column=None):
        self.found, self.expected = found, expected
        self.file, self.row, self.column = file, row, column
        super().__init__(str(self))

    def __str__(self):
        place = [
            part
            for part in (
                self.file,
                None if self.row is None else f"row {self.row}",
                None if self.column is None else f'column "{self.column}"',
            )
            if part
        ]
        where = ", ".join(place) + ": " if place else ""
        return f"{where}found {self.found}; expected {self.expected}."

    def __reduce__(self):
        return (_rebuild, (self.found, self.expected, self.file, self.row, self.column))


def _rebuild(found, expected, file, row, column):
    return InputError(found, expected, file=file, row=row, column=column)
