"""Network kernels beside networkx and igraph: seconds, ratios to networkx, and peak memory.

Run ``python benchmarks/network_kernels.py``. Without ``--edges FILE`` the first network is simulated with the size of
the Facebook ego networks (4,039 people, some 88,000 ties); the second has 50,000 people and some 500,000 ties. Each
measurement runs in a process of its own, one after the other, so that peak memory is its own; reading and converting
the network is not timed, because each library gets it in its own form. For constraint the library computes all of
Burt's measures. igraph is left out where it is not installed; ``--igraph FOLDER`` names one installed apart. What
takes longer than ``--patience`` seconds is reported as such.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time

TASKS = ("transitivity", "constraint", "PageRank", "label permutation", "rewiring")
WAYS = ("networkx", "igraph", "library")
SIZES = {"ego-Facebook's size": (4_039, 22), "50,000 / 500,000": (50_000, 10)}
PERMUTATIONS, KINDS = 19, 5


def edges(size, path):
    """Simulated ties, or those of a file with two numbers a line."""
    import networkx as nx

    if path:
        with open(path, encoding="ascii") as lines:
            return [tuple(map(int, line.split())) for line in lines]
    people, contacts = SIZES[size]
    return list(nx.powerlaw_cluster_graph(people, contacts, 0.5, seed=1).edges())


def with_networkx(task, ties):
    import networkx as nx
    import numpy as np

    graph = nx.Graph(ties)
    labels = np.random.default_rng(1).integers(0, KINDS, len(graph))

    def permuted():
        generator, found = np.random.default_rng(2), []
        for _ in range(PERMUTATIONS):
            nx.set_node_attributes(
                graph, dict(zip(graph, generator.permutation(labels).tolist(), strict=True)), "label"
            )
            found.append(nx.attribute_assortativity_coefficient(graph, "label"))
        return float(np.mean(found))

    def rewired():
        copy = graph.copy()
        swaps = copy.number_of_edges()
        nx.double_edge_swap(copy, nswap=swaps, max_tries=100 * swaps, seed=1)
        return nx.transitivity(copy)

    return {
        "transitivity": lambda: nx.transitivity(graph),
        "constraint": lambda: sum(nx.constraint(graph).values()),
        "PageRank": lambda: max(nx.pagerank(graph, tol=1e-12, max_iter=1000).values()),
        "label permutation": permuted,
        "rewiring": rewired,
    }[task]


def with_igraph(task, ties):
    import igraph
    import numpy as np

    graph = igraph.Graph(edges=ties)
    labels = np.random.default_rng(1).integers(0, KINDS, graph.vcount())

    def permuted():
        generator = np.random.default_rng(2)
        return float(
            np.mean(
                [
                    graph.assortativity_nominal(generator.permutation(labels).tolist(), False)
                    for _ in range(PERMUTATIONS)
                ]
            )
        )

    def rewired():
        copy = graph.copy()
        copy.rewire(n=copy.ecount())
        return copy.transitivity_undirected()

    return {
        "transitivity": graph.transitivity_undirected,
        "constraint": lambda: float(np.nansum(graph.constraint())),
        "PageRank": lambda: max(graph.pagerank()),
        "label permutation": permuted,
        "rewiring": rewired,
    }[task]


def with_library(task, ties):
    import networkx as nx
    import numpy as np

    from platformlabour.networks import kernels
    from platformlabour.networks.kernels_chance import label_permutation_test, rewire

    matrix = kernels.adjacency(nx.Graph(ties), weight=None)
    labels = np.random.default_rng(1).integers(0, KINDS, matrix.shape[0])
    return {
        "transitivity": lambda: kernels.transitivity(matrix),
        "constraint": lambda: float(kernels.structure(matrix)["constraint"].sum()),
        "PageRank": lambda: float(kernels.pagerank(matrix).scores.max()),
        "label permutation": lambda: float(
            label_permutation_test(matrix, labels, draws=PERMUTATIONS, seed=2).draws.mean()
        ),
        "rewiring": lambda: kernels.transitivity(rewire(matrix, swaps=1, seed=1)),
    }[task]


def measured(way, task, size, path):
    """Best of some repetitions, peak memory above the network itself, and the answer."""
    call = {"networkx": with_networkx, "igraph": with_igraph, "library": with_library}[way](task, edges(size, path))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    times = []
    while len(times) < 3 and sum(times) < 20:
        began = time.process_time()
        answer = call()
        times.append(time.process_time() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": min(times), "more": (peak - before) / 1024, "peak": peak / 1024, "answer": answer}))


def measure(way, task, size, options):
    command = [sys.executable, __file__, "--measure", way, task, size, options.edges or ""]
    if options.igraph:
        command += ["--igraph", options.igraph]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=options.patience)
    except subprocess.TimeoutExpired:
        return {"failed": f"longer than {options.patience:g} s"}
    if done.returncode:
        return {"failed": (done.stderr.strip().splitlines() or ["out of memory"])[-1][:90]}
    return json.loads(done.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--edges", help="an edge list for the first network")
    parser.add_argument("--sizes", nargs="+", choices=tuple(SIZES), default=tuple(SIZES))
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=TASKS)
    parser.add_argument("--igraph", help="a folder with igraph in it")
    parser.add_argument("--patience", type=float, default=300)
    parser.add_argument("--measure", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.igraph:
        sys.path.append(options.igraph)
    if options.measure:
        way, task, size, path = options.measure
        measured(way, task, size, path if size == next(iter(SIZES)) else "")
        return
    for size in options.sizes:
        print(f"\n{size}\n{'task':18} {'way':9} {'CPU s':>9} {'more MB':>8} {'peak MB':>8} {'answer':>12}  ratio")
        for task in options.tasks:
            reference = None
            for way in WAYS:
                found = measure(way, task, size, options)
                if "failed" in found:
                    print(f"{task:18} {way:9} {found['failed']}", flush=True)
                    continue
                reference = reference or (found["seconds"] if way == "networkx" else None)
                ratio = f"{reference / found['seconds']:.1f} times as fast" if reference and way != "networkx" else ""
                line = f"{task:18} {way:9} {found['seconds']:>9.4f} {found['more']:>8,.0f} {found['peak']:>8,.0f}"
                print(f"{line} {found['answer']:>12.6g}  {ratio}", flush=True)


if __name__ == "__main__":
    main()
