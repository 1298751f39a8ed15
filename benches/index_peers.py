"""Times the work of `benches/index.rs` in NumPy, and in pandas, polars, DuckDB and numba where installed.

Usage: python benches/index_peers.py [UNITS LEAVES DRAWS]. Wall-clock seconds, the best of the runs; run it
beside the Rust benchmark on the same idle machine, one right after the other.
"""
import sys
import time

import numpy as np

units, leaves, draws = (int(a) for a in (sys.argv[1:4] or ("100000", "30", "1000")))
rng = np.random.default_rng(0)
raw = rng.random((units, leaves)) * 100
weight = 1.0 + np.arange(leaves) % 5
weight /= weight.sum()


def best(name, runs, work):
    seconds = min(timed(work) for _ in range(runs))
    print(f"{name}: {seconds:.4f} s", flush=True)


def timed(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def rank_min(score):
    order = np.argsort(-score, kind="stable")
    ordered = score[order]
    first = np.r_[True, ordered[1:] != ordered[:-1]]
    place = np.maximum.accumulate(np.where(first, np.arange(len(score)), 0)) + 1
    rank = np.empty(len(score), dtype=np.int64)
    rank[order] = place
    return rank


def with_numpy():
    low, high = raw.min(0), raw.max(0)
    return rank_min(((raw - low) / (high - low) * 10) @ weight)


best(f"NumPy {np.__version__}, normalise, weigh, rank {units} x {leaves}", 5, with_numpy)
try:
    import pandas as pd

    frame = pd.DataFrame(raw)

    def with_pandas():
        scaled = (frame - frame.min()) / (frame.max() - frame.min()) * 10
        return (scaled * weight).sum(axis=1).rank(method="min", ascending=False)

    best(f"pandas {pd.__version__}, the same", 5, with_pandas)
except ImportError:
    print("pandas did not run")
try:
    import polars as pl

    table = pl.DataFrame({f"x{j}": raw[:, j] for j in range(leaves)})
    scaled = [
        (pl.col(f"x{j}") - pl.col(f"x{j}").min()) / (pl.col(f"x{j}").max() - pl.col(f"x{j}").min()) * (10 * weight[j])
        for j in range(leaves)
    ]
    best(
        f"polars {pl.__version__}, the same",
        5,
        lambda: table.select(pl.sum_horizontal(scaled).rank("min", descending=True)),
    )
except ImportError:
    print("polars did not run")
try:
    import duckdb

    columns = {f"x{j}": raw[:, j] for j in range(leaves)}
    connection = duckdb.connect()
    connection.register("source", columns)
    connection.execute("create table t as select * from source")
    ranges = ", ".join(f"min(x{j}) l{j}, max(x{j}) h{j}" for j in range(leaves))
    score = " + ".join(f"{float(10 * weight[j])!r} * (x{j} - l{j}) / (h{j} - l{j})" for j in range(leaves))
    query = f"with r as (select {ranges} from t) select rank() over (order by {score} desc) from t, r"
    best(f"DuckDB {duckdb.__version__}, the same", 5, lambda: connection.execute(query).fetchnumpy())
except ImportError:
    print("DuckDB did not run")

scores_of = raw / 10


def drawn():
    w = weight * (1 + 0.25 * (2 * rng.random((draws, leaves)) - 1))
    return w / w.sum(1, keepdims=True)


def intervals_numpy():
    ranks = np.empty((draws, units), dtype=np.int32)
    for d, w in enumerate(drawn()):
        order = np.argsort(-(scores_of @ w))
        ranks[d, order] = np.arange(1, units + 1, dtype=np.int32)
    return np.quantile(ranks, (0.05, 0.5, 0.95), axis=0)


best(f"NumPy, rank intervals {units} x {leaves} x {draws}", 1, intervals_numpy)
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
    best(f"numba {numba.__version__}, the same", 1, lambda: intervals_numba(scores_of, drawn()))
except ImportError:
    print("numba did not run")
