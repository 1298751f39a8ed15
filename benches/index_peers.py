"""Runs `cargo bench --bench index` and the same work in NumPy, and in pandas, polars, DuckDB and numba where
installed, on the same threads one after the other, and prints one table of ratios.

Usage: python benches/index_peers.py [UNITS LEAVES DRAWS]. Wall-clock seconds, the best of the runs. TUKHUM_BENCH
names a benchmark that is built already, instead of `cargo bench`. COINr is not timed here: 0.11 s a draw is what
its get_sensitivity (1.1.14) took for a 51 x 49 index of three levels on the machine of docs/performance.md.
"""
import os
import re
import subprocess
import sys
import time

import numpy as np

COINR_SECONDS_PER_DRAW = 0.11
sizes = sys.argv[1:4] or ["100000", "30", "1000"]
units, leaves, draws = map(int, sizes)
rng = np.random.default_rng(0)
raw = rng.random((units, leaves)) * 100
weight = 1.0 + np.arange(leaves) % 5
weight /= weight.sum()
table = []


def best(work, peer, runs, function):
    seconds = min(timed(function) for _ in range(runs))
    table.append((work, peer, seconds))
    print(f"{peer}, {work}: {seconds:.4f} s", flush=True)


def timed(function):
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def own():
    command = os.environ.get("TUKHUM_BENCH", "cargo bench --quiet --bench index --").split()
    out = subprocess.run(command + sizes, check=True, capture_output=True, text=True).stdout
    print(out)
    of = {name: float(value) for name, value in re.findall(r"^(.*): ([0-9.]+) s$", out, re.M)}
    starts = {"normalise": "normalise, weigh, rank", "intervals": "rank intervals", "coinr": "1,000 draws"}
    return {work: next(s for name, s in of.items() if name.startswith(start)) for work, start in starts.items()}


def rank_min(score):
    order = np.argsort(-score, kind="stable")
    ordered = score[order]
    first = np.r_[True, ordered[1:] != ordered[:-1]]
    place = np.maximum.accumulate(np.where(first, np.arange(len(score)), 0)) + 1
    rank = np.empty(len(score), dtype=np.int64)
    rank[order] = place
    return rank


def normalise_numpy():
    low, high = raw.min(0), raw.max(0)
    return rank_min(((raw - low) / (high - low) * 10) @ weight)


def drawn():
    w = weight * (1 + 0.25 * (2 * rng.random((draws, leaves)) - 1))
    return w / w.sum(1, keepdims=True)


def intervals_numpy():
    """The product for a hundred draws at once (BLAS, all threads), then one argsort a draw."""
    ranks = np.empty((draws, units), dtype=np.int32)
    places = np.arange(1, units + 1, dtype=np.int32)
    weights = drawn()
    for first in range(0, draws, 100):
        scores = weights[first : first + 100] @ scores_of.T
        for d, score in enumerate(scores, first):
            ranks[d, np.argsort(-score)] = places
    return np.quantile(ranks, (0.05, 0.5, 0.95), axis=0)


ours = own()
best("normalise", f"NumPy {np.__version__}", 5, normalise_numpy)
try:
    import pandas as pd

    frame = pd.DataFrame(raw)

    def normalise_pandas():
        scaled = (frame - frame.min()) / (frame.max() - frame.min()) * 10
        return (scaled * weight).sum(axis=1).rank(method="min", ascending=False)

    best("normalise", f"pandas {pd.__version__}", 5, normalise_pandas)
except ImportError:
    print("pandas did not run")
try:
    import polars as pl

    columns = pl.DataFrame({f"x{j}": raw[:, j] for j in range(leaves)})
    scaled = [
        (pl.col(f"x{j}") - pl.col(f"x{j}").min()) / (pl.col(f"x{j}").max() - pl.col(f"x{j}").min()) * (10 * weight[j])
        for j in range(leaves)
    ]
    best(
        "normalise",
        f"polars {pl.__version__}",
        5,
        lambda: columns.select(pl.sum_horizontal(scaled).rank("min", descending=True)),
    )
except ImportError:
    print("polars did not run")
try:
    import duckdb

    connection = duckdb.connect()
    connection.register("source", {f"x{j}": raw[:, j] for j in range(leaves)})
    connection.execute("create table t as select * from source")
    ranges = ", ".join(f"min(x{j}) l{j}, max(x{j}) h{j}" for j in range(leaves))
    score = " + ".join(f"{float(10 * weight[j])!r} * (x{j} - l{j}) / (h{j} - l{j})" for j in range(leaves))
    query = f"with r as (select {ranges} from t) select rank() over (order by {score} desc) from t, r"
    best("normalise", f"DuckDB {duckdb.__version__}", 5, lambda: connection.execute(query).fetchnumpy())
except ImportError:
    print("DuckDB did not run")

scores_of = raw / 10
best("intervals", f"NumPy {np.__version__}", 2, intervals_numpy)
try:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def intervals_numba(x, w):
        n, k, m = x.shape[0], x.shape[1], w.shape[0]
        ranks = np.empty((m, n), dtype=np.int32)
        for d in numba.prange(m):
            s = np.empty(n)
            for i in range(n):
                t = 0.0
                for j in range(k):
                    t += x[i, j] * w[d, j]
                s[i] = -t
            order = np.argsort(s)
            for r in range(n):
                ranks[d, order[r]] = r + 1
        out = np.empty((3, n))
        for i in numba.prange(n):
            column = np.sort(ranks[:, i])
            for q in range(3):
                h = (m - 1) * (0.05, 0.5, 0.95)[q]
                low = int(h)
                high = min(low + 1, m - 1)
                out[q, i] = column[low] + (h - low) * (column[high] - column[low])
        return out

    intervals_numba(scores_of[:100], drawn()[:4])
    best("intervals", f"numba {numba.__version__}", 2, lambda: intervals_numba(scores_of, drawn()))
except ImportError:
    print("numba did not run")
table.append(("coinr", "COINr 1.1.14, as recorded", 1000 * COINR_SECONDS_PER_DRAW))

names = {
    "normalise": f"normalise, weigh, rank {units} × {leaves}",
    "intervals": f"rank intervals {units} × {leaves} × {draws}",
    "coinr": "1,000 draws of 51 × 49, three levels",
}
print("\n| work | peer | peer, s | tukhum, s | ratio |\n|---|---|---:|---:|---:|")
for work, peer, seconds in table:
    print(f"| {names[work]} | {peer} | {seconds:.4g} | {ours[work]:.4g} | {seconds / ours[work]:.1f} |")
