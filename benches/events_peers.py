"""Counts the events of `benches/events.rs` in DuckDB and Polars, beside the program, and prints ratios and memory.

Usage: python benches/events_peers.py [DIR [MILLIONS ...]]. Makes the files in DIR (target/events) where they are
not there yet, then counts 10 million events from CSV and Parquet with each, one after the other, three rounds, best
of each; then the program alone for each number of MILLIONS (1 3 10 30 100). Each run is a process of its own, on
RAYON_NUM_THREADS threads (2). TUKHUM_BENCH names a benchmark that is built already, instead of `cargo bench`.
Needs duckdb and polars.

Peak memory is that of the process (VmHWM): pages of a file that is mapped count while they are mapped.
"""
import math
import os
import re
import resource
import subprocess
import sys
import time

is_peer = sys.argv[1:2] == ["--peer"]
folder = (sys.argv[2:3] if is_peer else sys.argv[1:2] or ["target/events"])[0]
millions = [] if is_peer else [int(m) for m in sys.argv[2:]] or [1, 3, 10, 30, 100]
threads = os.environ.setdefault("RAYON_NUM_THREADS", "2")
os.environ["POLARS_MAX_THREADS"] = threads
HALF_LIFE = 6 * 30.4375
COLUMNS = ["date_start", "country", "adm_1", "best"]


def duckdb_counts(source):
    import duckdb

    duckdb.sql(f"SET threads = {threads}")
    return duckdb.sql(f"""
        SELECT country, adm_1, date_trunc('month', date_start) AS month, count(*) AS events, count(*) FILTER (best > 0) AS deadly,
               sum(best) AS deaths, sum(pow(0.5, age)) AS decayed_events, sum(best * pow(0.5, age)) AS decayed_deaths
        FROM (SELECT *, date_diff('day', date_start, DATE '2024-12-31') / {HALF_LIFE} AS age FROM {source} WHERE date_start <= DATE '2024-12-31')
        GROUP BY ALL ORDER BY ALL""").fetchnumpy()


def polars_counts(scan):
    import polars as pl

    age = (pl.date(2024, 12, 31) - pl.col("date_start")).dt.total_days() / HALF_LIFE
    weight = pl.lit(0.5).pow(age)
    counts = (
        scan.select(COLUMNS).filter(pl.col("date_start") <= pl.date(2024, 12, 31))
        .group_by("country", "adm_1", pl.col("date_start").dt.truncate("1mo").alias("month"))
        .agg(
            pl.len().alias("events"), (pl.col("best") > 0).sum().alias("deadly"), pl.col("best").sum().alias("deaths"),
            weight.sum().alias("decayed_events"), (pl.col("best") * weight).sum().alias("decayed_deaths"),
        )
        .sort("country", "adm_1", "month")
    )
    return counts.collect(engine="streaming").to_dict(as_series=False)


def files(count):
    return [f"{folder}/parquet/part-{part:04}.parquet" for part in range(count)]


def peer(name, kind, count):
    """One count in this process; called in a process of its own."""
    # Loading the libraries is no part of the work.
    __import__(name)
    start, before = time.perf_counter(), time.process_time()
    if name == "duckdb":
        found = duckdb_counts(f"read_csv('{folder}/events.csv')" if kind == "csv" else f"read_parquet({files(count)!r})")
    else:
        import polars as pl

        found = polars_counts(pl.scan_csv(f"{folder}/events.csv", try_parse_dates=True) if kind == "csv" else pl.scan_parquet(files(count)))
    seconds = time.perf_counter() - start
    sums = [math.fsum(float(x) for x in found[c]) for c in ("events", "deaths", "decayed_events", "decayed_deaths")]
    print(f"{name}: {seconds:.4f} s\nprocessor: {time.process_time() - before:.2f} s\npeak: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    print(f"  {sums[0]:.0f} rows, {len(found['events'])} cells, {sums[1]:.0f} deaths, decayed {sums[2]:.9f} events, {sums[3]:.9f} deaths")


def run(command):
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    print(out, end="", flush=True)
    seconds = re.search(r": ([0-9.]+) s$", out, re.M)
    peak = re.search(r"^peak: (\d+) MB", out, re.M)
    processor = re.search(r"^processor: ([0-9.]+) s", out, re.M)
    return (float(seconds[1]), float(processor[1]), int(peak[1])) if seconds else None


def own(*arguments):
    command = os.environ.get("TUKHUM_BENCH", "cargo bench --quiet --bench events --").split()
    return run(command + [arguments[0], folder] + [str(a) for a in arguments[1:]])


def main():
    os.makedirs(folder, exist_ok=True)
    own("make", max(millions + [10]))
    if not os.path.exists(f"{folder}/events.csv"):
        own("make-csv", 10)
    table = []
    for kind in ("parquet", "csv"):
        best = {}
        for _ in range(3):
            for name in ("duckdb", "polars", "tukhum"):
                found = own(kind, 10) if name == "tukhum" else run([sys.executable, __file__, "--peer", folder, name, kind, "10"])
                best[name] = min(best.get(name, (math.inf, 0, 0)), found)
        table += [(kind, name, *best[name], best[name][0] / best["tukhum"][0]) for name in best]
    print("\n10 million events | s | processor s | peak MB | times tukhum")
    for kind, name, seconds, processor, peak, ratio in table:
        print(f"{kind}, {name} | {seconds:.2f} | {processor:.2f} | {peak} | {ratio:.2f}")
    growth = [(m, *own("parquet", m)) for m in millions]
    print("\nmillion events | s | processor s | peak MB | exponent from the size before")
    for before, (size, seconds, processor, peak) in zip([None] + growth, growth):
        exponent = math.log(seconds / before[1]) / math.log(size / before[0]) if before else float("nan")
        print(f"{size} | {seconds:.3f} | {processor:.2f} | {peak} | {exponent:.2f}")
    if len(growth) > 1:
        print(f"exponent over all: {math.log(growth[-1][1] / growth[0][1]) / math.log(growth[-1][0] / growth[0][0]):.2f}")


if is_peer:
    peer(sys.argv[3], sys.argv[4], int(sys.argv[5]))
else:
    main()
