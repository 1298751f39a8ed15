"""Expected values for empirical_bayes, rate_ratio, benjamini_hochberg and surge.

Run from the repository root: python3 tests/reference/stats/rates.py
Needs numpy, scipy, statsmodels, esda. Writes tests/reference/stats/rates.json.
"""
import json
import pathlib

import esda
import numpy as np
import scipy
import statsmodels
from esda.smoothing import Empirical_Bayes
from scipy import stats
from statsmodels.stats.rates import test_poisson_2indep

rng = np.random.default_rng(20261102)

empirical_bayes = []
while len(empirical_bayes) < 6:
    n = int(rng.integers(5, 120))
    exposure = rng.uniform(0.5, 40, n)
    count = rng.poisson(rng.gamma(0.8, 0.6, n) * exposure)
    mean = count.sum() / exposure.sum()
    variance = (exposure * (count / exposure - mean) ** 2).sum() / exposure.sum() - mean / exposure.mean()
    if variance <= 0:
        continue  # esda does not clamp
    smoothed = Empirical_Bayes(count.astype(float), exposure)
    empirical_bayes.append({"count": count.tolist(), "exposure": exposure.tolist(),
                            "rate": np.asarray(smoothed.r).ravel().tolist()})

rate_ratio = []
for x1, e1, x2, e2 in [(12, 3, 9, 12), (0, 2, 7, 2), (5, 1, 0, 1), (1, 1, 1, 1), (30, 10.5, 31, 4.25),
                       (3, 12, 40, 12), (250, 36, 199, 36), (4000, 9, 4100, 9), (2, 0.5, 900, 60), (17, 5, 17, 5)]:
    n, share = x1 + x2, e1 / (e1 + e2)
    two = stats.binomtest(x1, n, share)
    ci = two.proportion_ci(0.9, "exact")
    mass = stats.binom.pmf(x1, n, share)
    greater = stats.binomtest(x1, n, share, "greater").pvalue
    less = stats.binomtest(x1, n, share, "less").pvalue
    check = test_poisson_2indep(x1, e1, x2, e2, method="exact-cond", alternative="two-sided").pvalue
    assert abs(check - two.pvalue) < 1e-7, (check, two.pvalue)
    mid = test_poisson_2indep(x1, e1, x2, e2, method="cond-midp", alternative="larger").pvalue
    assert abs(mid - (greater - mass / 2)) < 1e-9
    rate_ratio.append({
        "x1": x1, "e1": e1, "x2": x2, "e2": e2, "p_two_sided": two.pvalue, "p_greater": greater, "p_less": less,
        "lower": ci.low / (1 - ci.low) * e2 / e1, "upper": ci.high / (1 - ci.high) * e2 / e1 if x2 else -1,
        "midp_greater": greater - mass / 2, "midp_two_sided": min(1, 2 * min(greater - mass / 2, less - mass / 2)),
    })

benjamini_hochberg = []
for n in [1, 2, 9, 67, 300]:
    p = np.round(rng.uniform(0, 1, n) ** 2.5, 4)  # rounding makes ties
    benjamini_hochberg.append({"p": p.tolist(), "adjusted": stats.false_discovery_control(p).tolist()})

surge = []
for shape, scale, count, exposure, size, floor in [
        (24, 12, 9, 1, 0, 0), (24, 12, 0, 1, 0, 0.5), (0.7, 40, 1, 1, 0, 1), (0.7, 40, 3, 1, 0, 0.5), (3.3, 52, 5, 4, 1.5, 1),
        (900, 52, 130, 4, 3, 0.5), (900, 52, 95, 4, 0, 0.5), (1.2, 60, 25, 13, 0.4, 1), (50, 12, 11, 1, 20, 1)]:
    mean = exposure * shape / scale
    variance = mean + mean**2 / shape + (mean**2 / size * (1 + 1 / shape) if size else 0)
    variance = max(variance, floor**2)
    r = mean**2 / (variance - mean)
    p = 1.0 if count == 0 else stats.nbinom.sf(count - 1, r, r / (r + mean))
    surge.append({"shape": shape, "inverse_scale": scale, "count": count, "exposure": exposure, "size": size,
                  "sd_floor": floor, "p": float(p), "mean": mean, "sd": variance**0.5})

out = {"made_with": {"scipy": scipy.__version__, "statsmodels": statsmodels.__version__, "esda": esda.__version__,
                     "numpy": np.__version__},
       "empirical_bayes": empirical_bayes, "rate_ratio": rate_ratio, "benjamini_hochberg": benjamini_hochberg,
       "surge": surge}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(out, separators=(",", ":"), default=float).replace("},{", "},\n{") + "\n")
