"""Write data/text-transfer.csv: does a text classifier carry over between sources, by how much text it is given?

    python tools/task_texts.py TEXTS.csv
    python tools/text_transfer.py TEXTS.csv

The full texts are read from the first file, which stays on this machine; only accuracies enter the table.  Seal the
table afterwards: platformlabour data seal.
"""

import argparse
import csv
from pathlib import Path

import pandas as pd

from platformlabour.functions import corpus, transfer
from platformlabour.tables import load

ROOT = Path(__file__).resolve().parent.parent
SEED = 2026
CUT = 700  # characters: instructions differ in length by two orders of magnitude
PROVENANCE = {
    "source": "PlatformLabour2026",
    "locator": f"tools/text_transfer.py on texts rebuilt by tools/task_texts.py, seed {SEED}",
    "licence": "CC-BY-4.0",
    "evidence": "derived",
}


def report(tasks, texts):
    """Accuracy and mean F1 of the classifier and of the most frequent label, for each kind of text and each test."""
    coded = corpus.coded_tasks(tasks, load("task-codes-adjudicated"))
    full = coded["task_id"].map(texts.set_index("task_id")["text"])
    kinds = {
        "title alone": coded["title"],
        "title and our summary": corpus.texts(coded),
        "full text, cut": (coded["title"] + ". " + full).str[:CUT],
        "full text": coded["title"] + ". " + full,
    }
    rows = []
    for kind, words in kinds.items():
        out = transfer.leave_one_source_out(words, coded["pole"], coded["catalogue"])
        within = transfer.within_sources(words, coded["pole"], coded["catalogue"], seed=SEED)
        gain = transfer.advantage(out, seed=SEED)
        for test, found in (("leave one source out", out), ("within sources", within)):
            row = {"text": kind, "test": test, "items": len(coded)}
            for name, column in (("", "predicted"), ("baseline_", "baseline")):
                row[f"{name}accuracy"] = transfer.accuracy(found, of=column)
                row[f"{name}macro_f1"] = transfer.macro_f1(found, of=column)
            low, high = gain.interval if test == "leave one source out" else (None, None)
            rows.append({**row, "advantage_low": low, "advantage_high": high})
    return rows


def main():
    """Read the texts, run the tests, and write the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("texts", type=Path)
    options.add_argument("--output", type=Path, default=ROOT / "data" / "text-transfer.csv")
    options = options.parse_args()
    texts = pd.read_csv(options.texts, dtype=str, keep_default_na=False)
    rows = report(load("tasks"), texts)
    with options.output.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([*rows[0], *PROVENANCE])
        for row in rows:
            cells = [
                "" if cell is None else f"{cell:.6f}" if isinstance(cell, float) else cell for cell in row.values()
            ]
            writer.writerow([*cells, *PROVENANCE.values()])
    print(f"{len(rows)} rows written to {options.output}.")


if __name__ == "__main__":
    main()
