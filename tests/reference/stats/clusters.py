"""Expected values for scan (every cylinder, evaluated directly) and knox (pointpats, R surveillance).

Run from the repository root: python3 tests/reference/stats/clusters.py
Needs numpy, pointpats, and R with surveillance. Writes tests/reference/stats/clusters.json.
"""
import json
import pathlib
import subprocess
import tempfile
import warnings

import numpy as np
import pointpats
from pointpats.spacetime import knox as pointpats_knox

warnings.filterwarnings("ignore")
here = pathlib.Path(__file__)
rng = np.random.default_rng(20261106)
RADIUS = 6371.0088


def in_space(longitude, latitude):
    """Geocentric coordinates on WGS 84, in km."""
    lon, lat = np.radians(longitude), np.radians(latitude)
    normal = 6378.137 / np.sqrt(1 - 0.006694379990141316 * np.sin(lat) ** 2)
    return np.column_stack([normal * np.cos(lat) * np.cos(lon), normal * np.cos(lat) * np.sin(lon),
                            normal * (1 - 0.006694379990141316) * np.sin(lat)])


def distances(longitude, latitude):
    points = in_space(longitude, latitude)
    chord = np.sqrt(((points[:, None] - points[None]) ** 2).sum(-1))
    return 2 * RADIUS * np.arcsin(np.minimum(1, chord / (2 * RADIUS)))


def direct_scan(distance, step, max_radius, longest, max_share=0.5, min_events=2):
    """Best cylinder over all centres, radii and windows: (ln ratio, expectation, members)."""
    n, steps = len(step), step.max() + 1
    best = (0.0, None, None)
    for centre in range(n):
        for radius in np.unique(distance[centre][distance[centre] <= max_radius]):
            circle = distance[centre] <= radius
            n_z = circle.sum()
            if n_z > np.floor(max_share * n):
                break
            for first in range(steps):
                for last in range(first, min(first + longest, steps)):
                    window = (step >= first) & (step <= last)
                    count, mean = (circle & window).sum(), n_z * window.sum() / n
                    if count < min_events or count <= mean:
                        continue
                    ratio = count * np.log(count / mean)
                    if count < n:
                        ratio += (n - count) * np.log((n - count) / (n - mean))
                    if ratio > best[0] + 1e-12:
                        best = (ratio, mean, np.flatnonzero(circle & window))
    return best


def fast_maximum(distance, step, max_radius, longest, max_share=0.5, min_events=2):
    """The same maximum, vectorised over circles and windows, for the permutations."""
    n, steps = len(step), step.max() + 1
    onehot = np.zeros((n, steps), dtype=np.int64)
    onehot[np.arange(n), step] = 1
    total = np.concatenate([[0], np.cumsum(onehot.sum(0))])
    best = 0.0
    for centre in range(n):
        order = np.argsort(distance[centre], kind="stable")
        d = distance[centre][order]
        last_of_group = np.append(d[1:] > d[:-1], True)
        keep = (d <= max_radius) & last_of_group & (np.arange(1, n + 1) <= np.floor(max_share * n))
        counts = np.cumsum(onehot[order], axis=0)
        ahead = np.concatenate([np.zeros((n, 1), dtype=np.int64), np.cumsum(counts, axis=1)], axis=1)[keep]
        n_z = np.arange(1, n + 1)[keep][:, None]
        for length in range(1, longest + 1):
            c = (ahead[:, length:] - ahead[:, :-length]).astype(float)
            mean = n_z * (total[length:] - total[:-length])[None] / n
            good = (c >= min_events) & (c > mean)
            if good.any():
                c, mean = c[good], mean[good]
                outside = np.where(c < n, (n - c) * np.log(np.maximum(n - c, 1) / (n - mean)), 0)
                best = max(best, float((c * np.log(c / mean) + outside).max()))
    return best


scan = []
for n, planted, step_days, max_days in [(40, 5, 7, 56), (35, 0, 7, 56), (50, 4, 10, 60)]:
    longitude, latitude = rng.uniform(-12, -8, n), rng.uniform(13, 16, n)
    day = rng.integers(0, 300, n)
    longitude[:planted], latitude[:planted] = -11 + rng.normal(0, 0.05, planted), 14 + rng.normal(0, 0.05, planted)
    day[:planted] = 120 + rng.integers(0, 12, planted)
    longitude[-3], latitude[-3] = longitude[0], latitude[0]  # a place hit twice
    distance = distances(longitude, latitude)
    distance = np.round(distance, 9)  # equal places are at one distance
    step = (day.max() - day.min()) // step_days - (day.max() - day) // step_days
    longest = min(max_days // step_days, (int(step.max()) + 1) // 2)
    ratio, mean, members = direct_scan(distance, step, 150.0, longest)
    assert abs(fast_maximum(distance, step, 150.0, longest) - ratio) < 1e-9
    replicates = [fast_maximum(distance, rng.permutation(step), 150.0, longest) for _ in range(999)]
    scan.append({"longitude": longitude.tolist(), "latitude": latitude.tolist(), "day": day.tolist(),
                 "max_radius_km": 150.0, "max_days": max_days, "step_days": step_days, "log_ratio": ratio,
                 "expected": mean, "members": members.tolist(),
                 "p": (1 + sum(r >= ratio - 1e-9 for r in replicates)) / 1000})

knox = []
for n, follow, km, limit in [(60, 0, 60.0, 30), (90, 15, 40.0, 21), (50, 6, 150.0, 60)]:
    longitude, latitude = rng.uniform(-12, -8, n), rng.uniform(13, 16, n)
    day = rng.integers(0, 700, n)
    longitude[:follow] = longitude[follow:2 * follow] + 0.03
    latitude[:follow], day[:follow] = latitude[follow:2 * follow], day[follow:2 * follow] + 5
    distance, lag = distances(longitude, latitude), np.abs(day[:, None] - day[None]).astype(float)
    chord = 2 * RADIUS * np.sin(km / (2 * RADIUS))
    np.random.seed(7)
    result = pointpats_knox(in_space(longitude, latitude), day[:, None].astype(float), chord, limit, permutations=9999)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        np.savetxt(folder / "dt", lag)
        np.savetxt(folder / "ds", distance, fmt="%.12f")
        subprocess.run(["Rscript", str(here.with_name("knox.R")), folder / "dt", folder / "ds", str(limit), str(km),
                        folder / "out"], check=True, stdout=subprocess.DEVNULL)
        statistic, version = (folder / "out").read_text().splitlines()
    upper = np.triu_indices(n, 1)
    knox.append({"longitude": longitude.tolist(), "latitude": latitude.tolist(), "day": day.tolist(), "within_km": km,
                 "within_days": limit, "close_pointpats": float(np.ravel(result["stat"])[0]), "p_pointpats": float(np.ravel(result["pvalue"])[0]),
                 "close_surveillance": float(statistic),
                 "near": int((distance[upper] <= km).sum()), "soon": int((lag[upper] <= limit).sum())})

out = {"made_with": {"pointpats": pointpats.__version__, "surveillance": version, "numpy": np.__version__},
       "scan": scan, "knox": knox}
here.with_suffix(".json").write_text(json.dumps(out, separators=(",", ":"), default=float).replace("},{", "},\n{") + "\n")
