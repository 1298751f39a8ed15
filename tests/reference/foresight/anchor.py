"""Prints the slopes that held in other conflicts, for src/foresight/forecast/anchor.rs.

TUKHUM_REFERENCE_DATA=... python3 tests/reference/foresight/anchor.py

Reads UCDP GED 21.1 (where_prec 1 and 2), which is not part of the repository. Needs numpy and SciPy (written with 2.4 and 1.17).
"""
import csv
import gzip
import os

import numpy
from scipy.optimize import minimize

LEFT_OUT = {"Mali", "Burkina Faso", "Niger", "Nigeria", "Afghanistan", "Somalia", "DR Congo (Zaire)", "Colombia", "Philippines", "Cameroon", "Chad", "Algeria"}
MONTHS, WARM_UP = 240, 36  # 2000 to 2019
path = os.path.join(os.environ["TUKHUM_REFERENCE_DATA"], "ucdp_ged", "GEDEvent_v21_1_global_where_prec_1_2.csv.gz")
counts, left_out = {}, set()
for row in csv.DictReader(gzip.open(path, "rt", encoding="utf-8")):
    month = (int(row["year"]) - 2000) * 12 + int(row["month"]) - 1
    if not 0 <= month < MONTHS:
        continue
    cell = (int(numpy.floor(float(row["latitude"]))), int(numpy.floor(float(row["longitude"]))))
    counts.setdefault(cell, numpy.zeros(MONTHS))[month] += float(row["best_death"]) > 0
    if row["country"] in LEFT_OUT:
        left_out.add(cell)
cells = sorted(counts)
deadly = numpy.array([counts[c] for c in cells])
kept = numpy.array([c not in left_out for c in cells])
latitude, longitude = (numpy.radians(numpy.array([c[i] + 0.5 for c in cells])) for i in (0, 1))
half = numpy.sin((latitude[:, None] - latitude) / 2) ** 2 + numpy.cos(latitude)[:, None] * numpy.cos(latitude) * numpy.sin((longitude[:, None] - longitude) / 2) ** 2
near = numpy.exp(-((2 * 6371 * numpy.arcsin(numpy.sqrt(half.clip(0, 1))) / 250) ** 2) / 2)
numpy.fill_diagonal(near, 0)


def decayed(half_life):
    """Sums at the end of each month."""
    sums = numpy.zeros_like(deadly)
    for m in range(MONTHS):
        sums[:, m] = deadly[:, m] + (0.5 ** (1 / half_life) * sums[:, m - 1] if m else 0)
    return sums


features = [numpy.log1p(s)[kept] for s in (decayed(4), decayed(24), near @ decayed(6))]
outcome = deadly[kept] > 0
print(kept.sum(), "cells")
for lead in range(2, 14):
    known = slice(WARM_UP - 1, MONTHS - lead)
    x = numpy.stack([f[:, known].ravel() for f in features], 1)
    y = outcome[:, WARM_UP - 1 + lead :].ravel().astype(float)
    mean, sd = x.mean(0), x.std(0)
    z = (x - mean) / sd

    def loss(b):
        e = b[0] + z @ b[1:]
        r = 1 / (1 + numpy.exp(-e)) - y
        return (numpy.logaddexp(0, e) - y * e).sum() + 0.5 * b[1:] @ b[1:], numpy.r_[r.sum(), z.T @ r + b[1:]]

    fit = minimize(loss, numpy.zeros(4), jac=True, method="L-BFGS-B", bounds=[(None, None)] + [(0, None)] * 3)
    print(lead, numpy.round(fit.x[1:] / sd, 3))
