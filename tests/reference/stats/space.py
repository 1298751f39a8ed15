"""Expected values for geodesic and scdi: distances on the WGS 84 ellipsoid.

Run from the repository root: python3 tests/reference/stats/space.py
Needs numpy and geographiclib. Writes tests/reference/stats/space.json.
"""
import json
import math
import pathlib

import geographiclib
import numpy as np
from geographiclib.geodesic import Geodesic

rng = np.random.default_rng(20261103)


def km(a, b):
    return Geodesic.WGS84.Inverse(a[1], a[0], b[1], b[0])["s12"] / 1000


pairs = [((-11.43, 14.45), (-12.21, 14.46)), ((179.9, 10), (-179.9, 10.2)), ((0, 89.9), (180, 89.9)),
         ((10, 0), (-170, 0.5)), ((3, 3), (3, 3))]
for _ in range(60):
    pairs.append((tuple(rng.uniform([-180, -90], [180, 90])), tuple(rng.uniform([-180, -90], [180, 90]))))
geodesic = [[*map(float, a), *map(float, b), km(a, b)] for a, b in pairs]

scdi = []
for n, area in [(2, 2500.0), (15, 2500.0), (40, 10000.0), (9, 120000.0)]:
    half = math.sqrt(area) / 2 / 111
    points = [tuple(map(float, rng.uniform([-9 - half, 14 - half], [-9 + half, 14 + half]))) for _ in range(n)]
    if n == 40:
        points = [(x / 8, 14 + (y - 14) / 8) for x, y in points]
    nearest = [min(km(p, q) for j, q in enumerate(points) if j != i) for i, p in enumerate(points)]
    expected = 0.5 * math.sqrt(area / n)
    scdi.append({"points": points, "area_km2": area, "years": 1.0, "intensity": n / area,
                 "ratio": float(np.mean(nearest)) / expected})

out = {"made_with": {"geographiclib": geographiclib.__version__, "numpy": np.__version__},
       "geodesic": geodesic, "scdi": scdi}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(out, separators=(",", ":")).replace("],[", "],\n[") + "\n")
