"""Writes sobol_salib.csv: Sobol indices of three models by SALib, which tests/reference/index/sobol.rs reads.

Usage: python tests/reference/index/sobol_salib.py, with SALib installed. Takes a minute.
"""
import importlib.metadata as metadata
import pathlib

import numpy as np
from SALib.analyze import sobol as analyse
from SALib.sample import sobol as sample

POINTS = 2**17


def ishigami(x):
    x = np.pi * (2 * x - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def g_function(x):
    a = np.array([0, 1, 4.5, 9, 99, 99])
    return np.prod((np.abs(4 * x - 2) + a) / (1 + a), axis=1)


def geometric_index(x):
    """Two dimensions of two indicators under a geometric mean, each weight varied by a quarter."""
    w = 1 + 0.25 * (2 * x - 1)
    first = (9 * w[:, 0] + 2 * w[:, 1]) / (w[:, 0] + w[:, 1])
    second = (1 * w[:, 2] + 4 * w[:, 3]) / (w[:, 2] + w[:, 3])
    return (first ** w[:, 4] * second ** w[:, 5]) ** (1 / (w[:, 4] + w[:, 5]))


lines = [f"# SALib {metadata.version('SALib')}, NumPy {np.__version__}, {POINTS} base points, seed 1", "model,input,first,total"]
for model, inputs in ((ishigami, 3), (g_function, 6), (geometric_index, 6)):
    problem = {"num_vars": inputs, "names": [f"x{i}" for i in range(inputs)], "bounds": [[0, 1]] * inputs}
    points = sample.sample(problem, POINTS, calc_second_order=False, scramble=True, seed=1)
    found = analyse.analyze(problem, model(points), calc_second_order=False, num_resamples=2, seed=1)
    lines += [f"{model.__name__},{i},{found['S1'][i]:.6f},{found['ST'][i]:.6f}" for i in range(inputs)]
(pathlib.Path(__file__).parent / "sobol_salib.csv").write_text("\n".join(lines) + "\n")
