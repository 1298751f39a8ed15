"""Expected values for drift: regression of positions in km on time.

Run from the repository root: python3 tests/reference/stats/drift.py
Needs numpy and scipy. Writes tests/reference/stats/drift.json.
"""
import json
import pathlib

import numpy as np
import scipy
from scipy import stats

rng = np.random.default_rng(20261107)
drift = []
for n, x0, y0 in [(30, -5, 14), (200, 178, -10), (12, 20, 60)]:
    day = rng.integers(0, 3000, n)
    longitude = x0 - day / 1000 + rng.normal(0, 3, n)
    longitude = (longitude + 180) % 360 - 180
    latitude = y0 + day / 3000 + rng.normal(0, 1, n)
    # Mean direction, then km east along its parallel on WGS 84 and km north on the mean sphere.
    lon, lat = np.radians(longitude), np.radians(latitude)
    x, y, z = (np.cos(lat) * np.cos(lon)).sum(), (np.cos(lat) * np.sin(lon)).sum(), np.sin(lat).sum()
    lon0, lat0 = np.arctan2(y, x), np.arctan2(z, np.hypot(x, y))
    parallel = 6378.137 / np.sqrt(1 - 0.006694379990141316 * np.sin(lat0) ** 2) * np.cos(lat0)
    east = (np.mod(lon - lon0 + np.pi, 2 * np.pi) - np.pi) * parallel
    north = (lat - lat0) * 6371.0088
    years = (day - day.min()) / 365.2425
    drift.append({"longitude": longitude.tolist(), "latitude": latitude.tolist(), "day": day.tolist(),
                  "west": -stats.linregress(years, east).slope, "north": stats.linregress(years, north).slope})
out = {"made_with": {"scipy": scipy.__version__, "numpy": np.__version__}, "drift": drift}
pathlib.Path(__file__).with_suffix(".json").write_text(
    json.dumps(out, separators=(",", ":"), default=float).replace("},{", "},\n{") + "\n")
