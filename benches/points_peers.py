"""Finds the unit of many points with shapely, beside `benches/points.rs`, and prints the ratio.

Usage: python benches/points_peers.py [MILLIONS] (10). The same units and points on both sides, one after the other,
best of three. shapely works on one thread; its time is halved for two, as if it shared the points out at no cost.
TUKHUM_BENCH names a benchmark that is built already, instead of `cargo bench`. Needs numpy and shapely.
"""
import os
import re
import subprocess
import sys
import time

import numpy as np
import shapely

millions = int(sys.argv[1]) if len(sys.argv) > 1 else 10
COLUMNS, ROWS, SIDE = 25, 20, 200


def mixed(i, j):
    with np.errstate(over="ignore"):
        z = i * np.uint64(0x9E3779B97F4A7C15) ^ np.uint64((j + 1) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((z ^ (z >> np.uint64(31))) >> np.uint64(11)).astype(float) / 9007199254740992.0


def unit(column, row):
    corners = [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)]
    ring = []
    for k in range(4):
        (ax, ay), (bx, by) = corners[k], corners[(k + 1) % 4]
        n = np.arange(SIDE)
        x, y = (ax * (SIDE - n) + bx * n) / SIDE, (ay * (SIDE - n) + by * n) / SIDE
        ring.append(np.column_stack([-17.0 + 1.28 * (x + 0.2 * np.sin(3.7 * y)), 4.0 + y + 0.2 * np.cos(2.9 * x)]))
    return shapely.Polygon(np.vstack(ring))


units = [unit(column, row) for row in range(ROWS) for column in range(COLUMNS)]
best = np.inf
for _ in range(3):
    count = total = 0
    seconds = 0.0
    for part in range(millions):
        i = np.arange(part * 1_000_000, (part + 1) * 1_000_000, dtype=np.uint64)
        points = shapely.points(-18.0 + 34.0 * mixed(i, 0), 3.0 + 22.0 * mixed(i, 1))
        start = time.perf_counter()
        tree = shapely.STRtree(points)
        found, _ = tree.query(units, predicate="contains_properly")
        seconds += time.perf_counter() - start
        count += len(found)
        total += int(found.sum())
    best = min(best, seconds)
print(f"shapely {shapely.__version__}: {best:.2f} s on one thread\n  {count} points in a unit, their units sum to {total}")
command = os.environ.get("TUKHUM_BENCH", "cargo bench --quiet --bench points --").split()
out = subprocess.run(command + [str(millions)], check=True, capture_output=True, text=True, env={**os.environ, "RAYON_NUM_THREADS": "2"}).stdout
print(out, end="")
own = float(re.search(r": ([0-9.]+) s$", out, re.M)[1])
print(f"shapely, halved for two threads, takes {best / 2 / own:.1f} times as long")
