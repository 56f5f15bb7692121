"""Ownership and control on simulated holdings: seconds and peak memory, a dense inverse beside where it fits.

Run ``python benchmarks/ownership_control.py``; ``--firms`` and ``--holdings`` set the size. Holdings are simulated:
pyramids of owners above firms, a few cross-holdings, a part of each firm with holders not in the table. Each
measurement runs in a process of its own; making and reading the holdings is timed on its own line.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time

MEASURES = (
    "read",
    "value of all owners",
    "100 owners, corrected",
    "all pairs",
    "majority control",
    "power, 1,000 draws",
    "dense inverse",
)
LARGEST_DENSE = 10_000


def simulated_rows(firms, holdings, seed=1):
    """Owners mostly stand before what they own; one holding in two hundred points back."""
    import numpy as np

    generator = np.random.default_rng(seed)
    owned = generator.integers(firms // 5, firms, size=holdings)
    owner = (generator.random(holdings) * owned).astype(int)
    back = generator.random(holdings) < 0.005
    owner[back] = np.minimum(owned[back] + generator.integers(1, 50, size=back.sum()), firms - 1)
    pairs = np.unique(np.stack([owner, owned], axis=1)[owner != owned], axis=0)
    weight = generator.random(len(pairs)) ** 2 + 0.01
    held = generator.uniform(0.3, 0.98, firms)
    share = weight / np.bincount(pairs[:, 1], weights=weight, minlength=firms)[pairs[:, 1]] * held[pairs[:, 1]]
    return [(f"f{i}", f"f{j}", x) for (i, j), x in zip(pairs.tolist(), share.tolist(), strict=True)]


def measured(name, firms, holdings):
    import numpy as np

    from platformlabour.networks import control

    rows = simulated_rows(firms, holdings)
    began = time.perf_counter()
    read = control.from_rows(rows)
    if name != "read":
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.perf_counter()
    else:
        before = 0
    if name == "value of all owners":
        answer = float(control.network_value(read).sum())
    elif name == "100 owners, corrected":
        answer = float(control.integrated_ownership(read, owners=list(read.names[:100])).sum())
    elif name == "all pairs":
        answer = float(control.integrated_ownership(read, corrected=False).sum())
    elif name == "majority control":
        answer = len(control.cumulated_control(read))
    elif name == "power, 1,000 draws":
        table = control.sampled_network_power(read, draws=1000, seed=1).table
        answer = float(table.loc[table["known"], "index"].max())
    elif name == "dense inverse":
        if firms > LARGEST_DENSE:
            print(json.dumps({"failed": f"{firms**2 * 8 / 1e9:,.0f} GB, not attempted"}))
            return
        direct = read.shares.toarray()
        answer = float(np.linalg.inv(np.eye(len(direct)) - direct).sum() - len(direct))
    else:
        answer = len(read.names)
    took = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": took, "more": (peak - before) / 1024, "peak": peak / 1024, "answer": answer}))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--firms", type=int, nargs="+", default=[5_000, 100_000])
    parser.add_argument("--holdings", type=int, nargs="+", default=[15_000, 300_000])
    parser.add_argument("--patience", type=float, default=300)
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        name, firms, holdings = options.measure
        measured(name, int(firms), int(holdings))
        return
    for firms, holdings in zip(options.firms, options.holdings, strict=True):
        print(f"\n{firms:,} firms, {holdings:,} holdings")
        print(f"{'measure':24} {'s':>8} {'more MB':>8} {'peak MB':>8} {'answer':>16}")
        for name in MEASURES:
            command = [sys.executable, __file__, "--measure", name, str(firms), str(holdings)]
            try:
                done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=options.patience)
            except subprocess.TimeoutExpired:
                print(f"{name:24} longer than {options.patience:g} s")
                continue
            if done.returncode:
                print(f"{name:24} {(done.stderr.strip().splitlines() or ['out of memory'])[-1][:80]}", flush=True)
                continue
            found = json.loads(done.stdout.splitlines()[-1])
            if "failed" in found:
                print(f"{name:24} {found['failed']}", flush=True)
                continue
            line = f"{name:24} {found['seconds']:>8.2f} {found['more']:>8,.0f} {found['peak']:>8,.0f}"
            print(f"{line} {found['answer']:>16,.6g}", flush=True)


if __name__ == "__main__":
    main()
