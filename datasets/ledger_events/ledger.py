"""Shared steps of the ledger tables: vintage rule, reading and writing. Standard library only."""
import calendar
import csv
import hashlib
import pathlib
import re
import sys

COMPILED = "2026-11-20"  # day on which the ledger was compiled: nothing in it became known later
DOCUMENTS = {"D1": "2025-07-31", "D2": "2026-01-31"}  # estimated: both texts are undated


def vintage(source_date, not_before=""):
    """Date on which a row became known, and its basis. Never too early."""
    if len(source_date) == 10:
        day, basis = source_date, "day"
    elif len(source_date) == 7:
        year, month = map(int, source_date.split("-"))
        day, basis = f"{source_date}-{calendar.monthrange(year, month)[1]:02}", "month_end"
    elif len(source_date) == 4:
        day, basis = f"{source_date}-12-31", "year_end"
    elif source_date == "":
        day, basis = COMPILED, "compiled"
    else:
        sys.exit(f"source_date {source_date!r}: expected a day, a month, a year or nothing")
    if day > COMPILED:
        day, basis = COMPILED, "compiled"
    return (not_before, basis) if day < not_before else (day, basis)


def read(path, key=None):
    with open(path, encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))
    if key is None:
        return rows
    table = {row[key]: row for row in rows}
    if len(table) != len(rows):
        sys.exit(f"{path}: {key} is not unique")
    return table


def write(folder, name, columns, rows):
    """Writes the table and puts its hash into the manifest beside it."""
    path = pathlib.Path(folder) / name
    with open(path, "w", encoding="utf-8", newline="") as f:
        out = csv.DictWriter(f, columns, lineterminator="\n")
        out.writeheader()
        out.writerows(rows)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest = path.parent / "manifest.toml"
    if manifest.exists():
        text = re.sub(r'(?m)^sha256 = ".*"$', f'sha256 = "{digest}"', manifest.read_text(encoding="utf-8"))
        manifest.write_text(text, encoding="utf-8")
    print(f"{path.name}: {len(rows)} rows, sha256 {digest}")
