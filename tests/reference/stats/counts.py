"""Expected values for coordination (hurdle sizes) and change_point (marginal likelihoods).

Run from the repository root: python3 tests/reference/stats/counts.py
Needs numpy and scipy. Writes tests/reference/stats/counts.json.
"""
import json
import pathlib

import numpy as np
import scipy
from scipy import integrate, optimize, special, stats

rng = np.random.default_rng(20261104)


def nb_loglik(theta, x):
    mean, size = np.exp(theta)
    p = size / (size + mean)
    return stats.nbinom.logpmf(x, size, p).sum() - len(x) * np.log(stats.nbinom.sf(1, size, p))


hurdle = []
for mean, size, n in [(1.0, 0.8, 300), (2.0, 3.0, 150), (4.0, 1.5, 500)]:
    draws = rng.negative_binomial(size, size / (size + mean), 20 * n)
    x = draws[draws >= 2][:n]
    starts = [(np.log(m), np.log(k)) for m in (0.3, 1, 4) for k in (0.3, 1, 5)]
    best = min((optimize.minimize(lambda t: -nb_loglik(t, x), s, method="Nelder-Mead",
                                  options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 20000}) for s in starts),
               key=lambda r: r.fun)
    m, k = np.exp(best.x)
    p = k / (k + m)
    count, excess = len(x), int((x - 2).sum())
    g = count / (count + excess)
    hurdle.append({
        "sizes": x.tolist(), "log_likelihood": -best.fun,
        "tail_6": stats.nbinom.sf(5, k, p) / stats.nbinom.sf(1, k, p),
        "geometric_log_likelihood": stats.geom.logpmf(x - 1, g).sum(),
        "geometric_predictive_6": np.exp(special.betaln(count, excess + 0.5 + 4) - special.betaln(count, excess + 0.5)),
    })


def log_marginal_by_quadrature(counts, exposures, shape, scale):
    """ln of the integral of Poisson likelihood times Gamma prior, computed numerically."""
    def log_integrand(rate):
        return stats.poisson.logpmf(counts, rate * exposures).sum() + stats.gamma.logpdf(rate, shape, scale=1 / scale)
    total, exposure = counts.sum(), exposures.sum()
    mode = max((total + shape - 1) / (exposure + scale), 1e-6)
    peak = log_integrand(mode)
    width = 12 * np.sqrt(total + shape + 1) / (exposure + scale)
    value, _ = integrate.quad(lambda r: np.exp(log_integrand(r) - peak), max(mode - width, 1e-12), mode + 3 * width,
                              epsabs=0, epsrel=1e-11, limit=500, points=[mode])
    return peak + np.log(value)


change_point = []
for rates in [[2] * 20, [1] * 12 + [4] * 9, [2] * 8 + [9] * 2 + [2] * 9]:
    exposures = np.round(rng.uniform(0.8, 1.2, len(rates)), 3)
    counts = rng.poisson(np.array(rates) * exposures)
    shape, scale = 1.5, 0.7
    n = len(counts)
    # None: one rate. Step at t: a rate before t and one from t. Pulse from t of length 1..4 inside the series.
    segment = lambda mask: log_marginal_by_quadrature(counts[mask], exposures[mask], shape, scale)
    index = np.arange(n)
    none = segment(index >= 0)
    steps = [segment(index < t) + segment(index >= t) for t in range(1, n)]
    pulses = {}
    for t in range(1, n - 1):
        for length in range(1, 5):
            if t + length < n:
                inside = (index >= t) & (index < t + length)
                pulses[f"{t},{length}"] = segment(inside) + segment(~inside)
    step = special.logsumexp(steps) - np.log(len(steps))
    pulse = special.logsumexp(list(pulses.values())) - np.log(len(pulses))
    evidence = np.array([none, pulse, step])
    posterior = np.exp(evidence - special.logsumexp(evidence))
    change_point.append({"counts": counts.tolist(), "exposures": exposures.tolist(), "shape": shape, "scale": scale,
                         "log_evidence": evidence.tolist(), "probabilities": posterior.tolist(),
                         "step_date": np.exp(np.array(steps) - special.logsumexp(steps)).tolist()})

out = {"made_with": {"scipy": scipy.__version__, "numpy": np.__version__},
       "hurdle": hurdle, "change_point": change_point}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(out, separators=(",", ":"), default=float).replace("},{", "},\n{") + "\n")
