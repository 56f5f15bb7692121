"""Everything that knows the book: recording results, figures, claims, checks and the builders."""

from platformlabour.book.record import check, record

__all__ = ["check", "record"]
