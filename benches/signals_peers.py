"""Times the work of `benches/signals.rs` in NumPy and esda, on the same data.

Usage: python benches/signals_peers.py [THREADS]. Wall-clock seconds, the best of the runs; run it beside the
Rust benchmark on the same idle machine, one right after the other. Needs numpy, esda, libpysal, numba.

The scan is the definition, vectorised: what does not depend on the permutation is computed once, counts
are lookups, and logarithms are taken only where a cylinder holds more events than expected. It is timed on a
few replicates and scaled to 999, all replicates being equal work.
"""
import sys
import time
import warnings

import numpy as np

warnings.filterwarnings("ignore")
threads = int(sys.argv[1]) if len(sys.argv) > 1 else 1


def best(name, runs, work):
    seconds = np.inf
    for _ in range(runs):
        start = time.perf_counter()
        result = work()
        seconds = min(seconds, time.perf_counter() - start)
    print(f"{name}: {seconds:.4f} s", flush=True)
    return result, seconds


def mixed(i, j):
    """The formula of the Rust side, in 64-bit whole numbers that wrap."""
    with np.errstate(over="ignore"):
        z = np.asarray(i, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = z ^ (np.uint64(j + 1) * np.uint64(0xBF58476D1CE4E5B9))
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return ((z ^ (z >> np.uint64(31))) >> np.uint64(11)).astype(float) / 2.0**53


def place(i):
    return -12 + 16 * mixed(i, 0), 10 + 8 * mixed(i, 1)


def unit_vectors(lon, lat):
    """Points of the sphere; at 150 km sphere and ellipsoid differ by less than the spacing of the places."""
    lon, lat = np.radians(lon), np.radians(lat)
    return np.c_[np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]


class Scan:
    RADIUS, SHARE, LONGEST, STEP = 150.0, 0.5, 8, 7

    def __init__(self, where, day):
        self.n = len(day)
        self.steps = (day.max() - day.min()) // self.STEP + 1
        self.step = self.steps - 1 - (day.max() - day) // self.STEP
        self.longest = min(self.LONGEST, self.steps // 2)
        places, self.place = np.unique(where, return_inverse=True)
        at = unit_vectors(*place(places))
        km = 2 * 6371.0088 * np.arcsin(np.minimum(np.linalg.norm(at[:, None] - at[None], axis=2) / 2, 1))
        many = np.bincount(self.place)
        self.orders, circles = [], []
        for centre in range(len(places)):
            order = np.argsort(km[centre], kind="stable")
            order = order[km[centre][order] <= self.RADIUS]
            inside = np.cumsum(many[order])
            fits = inside <= self.SHARE * self.n
            self.orders.append(order[fits])
            circles.append(inside[fits])
        before = np.r_[0, np.cumsum(np.bincount(self.step, minlength=self.steps))]
        # Windows of 1 to `longest` steps that end at each step.
        self.ends = np.arange(1, self.steps + 1)
        self.starts = [np.maximum(self.ends - length, 0) for length in range(1, self.longest + 1)]
        n_w = np.stack([before[self.ends] - before[start] for start in self.starts])
        self.product = [c[:, None, None] * n_w[None] for c in circles]
        x = np.arange(self.n + 1)
        self.x_ln_x = x * np.log(np.maximum(x, 1))

    def maximum(self, step):
        table = np.zeros((self.place.max() + 1, self.steps + 1), dtype=np.int64)
        np.add.at(table, (self.place, step + 1), 1)
        table = np.cumsum(table, axis=1)
        best = 0.0
        for order, product in zip(self.orders, self.product):
            sums = np.cumsum(table[order], axis=0)
            counts = np.stack([sums[:, self.ends] - sums[:, start] for start in self.starts], axis=1)
            more = (counts >= 2) & (counts * self.n > product)
            c, mu = counts[more], product[more] / self.n
            if len(c):
                ratio = self.x_ln_x[c] - c * np.log(mu) + self.x_ln_x[self.n - c] - (self.n - c) * np.log(self.n - mu)
                best = max(best, ratio.max())
        return best


events = np.arange(2000)
where = (500 * mixed(events, 2) * mixed(events, 3)).astype(np.int64)
day = (1096 * mixed(events, 4)).astype(np.int64)
scan = Scan(where, day)
shuffles = np.random.default_rng(1)
print(f"NumPy {np.__version__}")
print(f"  best ln ratio {scan.maximum(scan.step):.9f}")
few = 10
_, seconds = best(f"scan, {few} replicates", 2, lambda: [scan.maximum(shuffles.permutation(scan.step)) for _ in range(few)])
print(f"space–time permutation scan, 2,000 events, scaled to 999 replicates: {seconds / few * 999:.1f} s", flush=True)

import esda
import libpysal
import numba

print(f"esda {esda.__version__}, libpysal {libpysal.__version__}, numba {numba.__version__}, {threads} threads")
cells = np.arange(5000)
y = 10 * mixed(cells, 5) * mixed(cells, 6)
w = libpysal.weights.lat2W(50, 100)
w.transform = "r"


def quiet(work):
    work()  # compiles
    return work


moran, _ = best("local Moran, 5,000 units, 999 permutations", 5, quiet(lambda: esda.Moran_Local(y, w, permutations=999, n_jobs=threads, seed=1)))
print(f"  sum of I {moran.Is.sum():.9f}, {(moran.p_sim <= 0.05).sum()} folded p at or below 0.05")
g, _ = best("Gi*, 5,000 units, 999 permutations", 5, quiet(lambda: esda.G_Local(y, w, transform="R", star=True, permutations=999, n_jobs=threads, seed=1)))
print(f"  sum of G {g.Gs.sum():.9f}, {(g.p_sim <= 0.05).sum()} folded p at or below 0.05")
