"""Writes regressions.json: fits by scikit-learn, SciPy and statsmodels.

python3 tests/reference/stats/regressions.py > tests/reference/stats/regressions.json
"""
import json
import warnings

import numpy
import scipy
import scipy.optimize
import scipy.stats
import sklearn
import statsmodels
import statsmodels.api as sm
from sklearn.linear_model import LogisticRegression

warnings.filterwarnings("ignore")
random = numpy.random.default_rng(20261121)
logistic, lines = [], []
for case in range(12):
    n = int(random.integers(80, 300))
    x = numpy.column_stack([random.gamma(1, 2, n), random.gamma(1, 3, n), random.normal(0, 1, n)]).round(3)
    truth = numpy.array([0.5, 0.2, 0.8]) if case < 6 else numpy.array([0.4, -0.6, 0.3])
    y = (random.random(n) < 1 / (1 + numpy.exp(2.5 - x @ truth))).astype(int)
    strength = float([0.5, 5, 50][case % 3])
    centre = numpy.zeros(3) if case < 6 else numpy.array([0.9, 0.3, 0.0])
    sd = x.std(axis=0)
    z = (x - x.mean(axis=0)) / sd
    if case < 6:  # scikit-learn: no bound, drawn toward 0
        fit = LogisticRegression(C=1 / strength, tol=1e-12, max_iter=10000, solver="newton-cholesky").fit(z, y)
        intercept, slopes = float(fit.intercept_[0]), fit.coef_[0]
    else:  # SciPy: bounds, and drawn toward the centre

        def loss(b):
            e = b[0] + z @ b[1:]
            r = 1 / (1 + numpy.exp(-e)) - y
            away = b[1:] - centre * sd
            return (numpy.logaddexp(0, e) - y * e).sum() + strength / 2 * away @ away, numpy.r_[r.sum(), z.T @ r + strength * away]

        fit = scipy.optimize.minimize(loss, numpy.zeros(4), jac=True, method="L-BFGS-B", bounds=[(None, None)] + [(0, None)] * 3, options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 10000})
        intercept, slopes = float(fit.x[0]), fit.x[1:]
    slopes = slopes / sd
    logistic.append({**{f"x{j}": x[:, j].tolist() for j in range(3)}, "y": y.tolist(), "centre": centre.tolist(), "strength": strength, "intercept": float(intercept - slopes @ x.mean(axis=0)), "slopes": slopes.tolist()})
for case in range(6):
    n = int(random.integers(100, 300))
    x = random.gamma(0.7, 3, n).round(3)
    mean = 0.4 + 0.6 * x
    y = random.negative_binomial(0.8, 0.8 / (0.8 + mean))
    size = 1.0
    for _ in range(200):
        glm = sm.GLM(y, sm.add_constant(x), family=sm.families.NegativeBinomial(link=sm.families.links.Identity(), alpha=1 / size)).fit(start_params=[0.5, 0.5], tol=1e-13, maxiter=500)
        m = glm.fittedvalues
        loss = lambda t: -scipy.stats.nbinom.logpmf(y, numpy.exp(t), numpy.exp(t) / (numpy.exp(t) + m)).sum()
        new = float(numpy.exp(scipy.optimize.minimize_scalar(loss, bounds=(-4, 8), method="bounded", options={"xatol": 1e-10}).x))
        done, size = abs(new - size) < 1e-6, new
        if done:
            break
    assert glm.params.min() > 0
    lines.append({"x": x.tolist(), "y": y.tolist(), "base": float(glm.params[0]), "slope": float(glm.params[1]), "size": float(size)})
versions = {"numpy": numpy.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__, "statsmodels": statsmodels.__version__}
print(json.dumps({"versions": versions, "logistic": logistic, "count_line": lines}))
