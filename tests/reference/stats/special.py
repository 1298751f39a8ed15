"""Expected tails and quantiles from SciPy, for src/stats/special.rs.

Run from the repository root: python3 tests/reference/stats/special.py
Needs numpy and scipy. Writes tests/reference/stats/special.json.
"""
import json
import pathlib

import numpy as np
import scipy
from scipy import special, stats

rng = np.random.default_rng(20261101)
tables = {}


def table(name, rows, low=1e-250):
    kept = [[float(v) for v in row] for row in rows if np.isfinite(row[-1]) and abs(row[-1]) > low]
    tables[name] = kept


shapes = [0.05, 0.3, 0.5, 1, 1.5, 2, 3.7, 9, 14.5, 16, 40, 150, 1000, 12345.6]
factors = [0.1, 0.5, 0.9, 0.99, 1, 1.01, 1.2, 2, 4]
table("gamma_lower", [(a, a * f, special.gammainc(a, a * f)) for a in shapes for f in factors])
table("gamma_upper", [(a, a * f, special.gammaincc(a, a * f)) for a in shapes for f in factors])
ps = [1e-6, 0.001, 0.025, 0.05, 0.3, 0.5, 0.8, 0.95, 0.975, 0.9999]
table("gamma_quantile", [(a, p, stats.gamma.ppf(p, a)) for a in shapes for p in ps])
pairs = [(0.5, 0.5), (1, 1), (1, 5), (2.5, 7), (30, 4), (100, 900), (0.2, 12), (5000, 5100), (3e4, 200)]
xs = [0.001, 0.02, 0.1, 0.3, 0.5, 0.7, 0.95, 0.993]
table("beta_lower", [(a, b, x, special.betainc(a, b, x)) for a, b in pairs for x in xs], 1e-150)
table("beta_upper", [(a, b, x, special.betaincc(a, b, x)) for a, b in pairs for x in xs], 1e-150)
table("beta_quantile", [(a, b, p, special.betaincinv(a, b, p)) for a, b in pairs for p in ps])
binomials = [(int(k), int(n), float(p)) for n, p in [(1, 0.4), (7, 0.2), (50, 0.03), (400, 0.5), (20000, 0.1)]
             for k in sorted({0, 1, n // 10, n // 3, n // 2, n})]
table("binomial_mass", [(k, n, p, stats.binom.pmf(k, n, p)) for k, n, p in binomials])
table("binomial_at_least", [(k, n, p, stats.binom.sf(k - 1, n, p)) for k, n, p in binomials], 1e-150)
poissons = [(k, m) for m in [0.01, 0.5, 3, 17.5, 250] for k in [0, 1, 2, 5, 17, 40, 260, 400]]
table("poisson_mass", [(k, m, stats.poisson.pmf(k, m)) for k, m in poissons])
table("poisson_at_least", [(k, m, special.pdtrc(k - 1, m) if k > 0 else 1.0) for k, m in poissons], 1e-150)
table("negative_binomial_at_least",
      [(k, m, r, special.betainc(k, r, m / (m + r)) if k > 0 else 1.0)
       for k, m in poissons for r in [0.3, 1, 4.2, 60]], 1e-150)
table("normal_quantile", [(p, special.ndtri(p)) for p in ps + [1e-12, 1e-9, 0.2, 0.45, 0.999999]])
out = {"made_with": {"scipy": scipy.__version__, "numpy": np.__version__}, "tables": tables}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(out, separators=(",", ":")).replace("]],", "]],\n") + "\n")
