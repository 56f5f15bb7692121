"""Everything that knows the book: recording results, figures, claims, checks and the builders."""
