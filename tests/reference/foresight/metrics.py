"""Writes metrics.json: values of forecast metrics by scikit-learn, SciPy and scoringrules.

python3 tests/reference/foresight/metrics.py > tests/reference/foresight/metrics.json
"""
import json
import sys

import numpy
import scipy
import scipy.stats
import scoringrules
import sklearn
from sklearn import metrics

random = numpy.random.default_rng(20261121)
binary, ranked, pairs, ensembles = [], [], [], []
for case in range(20):
    n = int(random.integers(8, 60))
    happened = random.random(n) < random.uniform(0.1, 0.6)
    happened[0], happened[1] = True, False
    # Few distinct values: ties matter.
    p = numpy.round(random.random(n) * 0.9 + 0.05 * happened, 1 + case % 3)
    clipped = numpy.clip(p, 0.001, 0.999)
    binary.append({
        "happened": [int(h) for h in happened], "p": p.tolist(),
        "average_precision": metrics.average_precision_score(happened, p),
        "auroc": metrics.roc_auc_score(happened, p),
        "brier": metrics.brier_score_loss(happened, p),
        "log_score": metrics.log_loss(happened, clipped),
    })
    counts = random.negative_binomial(0.5, 0.2, n)
    counts[0] = 3
    risks = numpy.round(counts * random.random(n) + random.random(n), case % 3)
    ranked.append({"counts": counts.tolist(), "risks": risks.tolist(), "ndcg_5": metrics.ndcg_score([counts], [risks], k=5)})
    other = numpy.round(risks + random.normal(0, 2, n), 0)
    pairs.append({"a": risks.tolist(), "b": other.tolist(), "tau": scipy.stats.kendalltau(risks, other).statistic})
    sample = random.negative_binomial(0.7, 0.15, 36)
    observed = int(random.negative_binomial(0.7, 0.15))
    ensembles.append({
        "sample": sample.tolist(), "observed": observed,
        "crps": float(scoringrules.crps_ensemble(observed, sample.astype(float), estimator="nrg")),
    })
made_with = (f"scikit-learn {sklearn.__version__}, SciPy {scipy.__version__}, NumPy {numpy.__version__}, "
             f"scoringrules {scoringrules.__version__}, Python {sys.version.split()[0]}")
json.dump({"made_with": made_with, "binary": binary, "ranked": ranked, "pairs": pairs, "ensembles": ensembles}, sys.stdout, separators=(",", ":"))
print()
