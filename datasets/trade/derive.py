"""Derives trade.csv.

    python3 datasets/trade/derive.py LEDGER_FOLDER

LEDGER_FOLDER holds trade.csv of the fact ledger; corridors.csv ties corridors to crossings. Standard library only.
"""
import pathlib
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "ledger_events"))
import ledger  # noqa: E402

COLUMNS = (
    "corridor crossing_ids measure value unit year note source_url source_date published published_basis "
    "reliability credibility"
).split()


def main(folder):
    ties = {row["corridor"]: row["crossing_ids"] for row in ledger.read(HERE / "corridors.csv")}
    rows = []
    for row in ledger.read(pathlib.Path(folder) / "trade.csv"):
        row["crossing_ids"] = ties.get(row["corridor"], "")
        row["published"], row["published_basis"] = ledger.vintage(row["source_date"])
        rows.append(row)
    rows.sort(key=lambda row: (row["corridor"], row["measure"], row["year"], row["value"]))
    ledger.write(HERE, "trade.csv", COLUMNS, rows)


if len(sys.argv) != 2:
    sys.exit(__doc__)
main(sys.argv[1])
