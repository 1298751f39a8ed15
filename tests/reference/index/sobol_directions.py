"""Compares the numbers of src/index/sobol_directions.rs with the table of Joe and Kuo that SciPy carries.

Usage: python tests/reference/index/sobol_directions.py, with SciPy installed. Exit code 1 if a number differs.
"""
import pathlib
import re
import sys

import numpy as np
import scipy

numbers = np.load(pathlib.Path(scipy.__file__).parent / "stats" / "_sobol_direction_numbers.npz")
source = pathlib.Path(__file__).parents[3] / "src" / "index" / "sobol_directions.rs"
rows = [[int(n) for n in row.split(",")] for row in re.findall(r"&\[([0-9, ]+)\]", source.read_text())]
different = 0
for dimension, (a, *initial) in enumerate(rows, start=1):
    polynomial = 1 << len(initial) | a << 1 | 1
    same = polynomial == numbers["poly"][dimension] and initial == list(numbers["vinit"][dimension][: len(initial)])
    different += not same
print(f"{len(rows)} dimensions, {different} differ from SciPy {scipy.__version__}")
sys.exit(different > 0)
