"""Expected values for moran_local and getis_ord from esda and (through local.R) spdep.

Run from the repository root: python3 tests/reference/stats/local.py
Values without ties: esda counts a permuted statistic equal to the observed one on one side only, the project
on both. Needs numpy, esda, libpysal, and R with spdep. Writes tests/reference/stats/local.json.
"""
import json
import pathlib
import subprocess
import tempfile
import warnings

import esda
import libpysal
import numpy as np

warnings.filterwarnings("ignore")
here = pathlib.Path(__file__)
rng = np.random.default_rng(20261105)


def spdep(values, neighbours):
    with tempfile.TemporaryDirectory() as folder:
        source, target = pathlib.Path(folder) / "in", pathlib.Path(folder) / "out"
        source.write_text("\n".join([" ".join(map(repr, map(float, values))), *(" ".join(map(str, r)) for r in neighbours)]) + "\n")
        subprocess.run(["Rscript", str(here.with_suffix(".R")), str(source), str(target)], check=True)
        plain, starred, version = target.read_text().splitlines()
    return [float(x) for x in plain.split()], [float(x) for x in starred.split()], version


cases = []
lattice = libpysal.weights.lat2W(9, 9, rook=False)
points = rng.uniform(0, 1, (120, 2))
knn = libpysal.weights.KNN.from_array(points, k=6)
for w, values in [(lattice, rng.gamma(1.5, 2, 81)), (knn, rng.poisson(np.exp(2 * points[:, 0])) + rng.uniform(0, 0.5, 120))]:
    n = w.n
    neighbours = [sorted(int(j) for j in w.neighbors[i]) for i in range(n)]
    w = libpysal.weights.W({i: neighbours[i] for i in range(n)}, silence_warnings=True)
    moran = esda.Moran_Local(values, w, permutations=9999, seed=12, n_jobs=1)
    case = {"values": values.tolist(), "neighbours": neighbours, "moran": moran.Is.tolist(),
            "quadrant": moran.q.tolist(), "moran_p_sim": moran.p_sim.tolist()}
    plain, starred, version = spdep(values, neighbours)
    for name, star, z_spdep in [("g", False, plain), ("g_star", True, starred)]:
        g = esda.G_Local(values, w, transform="R", star=star, permutations=9999, seed=13, n_jobs=1)
        binary = esda.G_Local(values, w, transform="B", star=star, permutations=0)
        case |= {name: g.Gs.tolist(), f"{name}_p_sim": g.p_sim.tolist(),
                 f"{name}_z_esda_binary": binary.Zs.tolist(), f"{name}_z_spdep": z_spdep}
    cases.append(case)

out = {"made_with": {"esda": esda.__version__, "libpysal": libpysal.__version__, "spdep": version,
                     "numpy": np.__version__}, "cases": cases}
here.with_suffix(".json").write_text(json.dumps(out, separators=(",", ":")).replace("],\"", "],\n\"") + "\n")
