"""Counts by unit and month from files of UCDP GED events, as `tukhum backtest --counts` reads them.

python3 tests/reference/foresight/ged_counts.py LEVEL COUNTRIES FILE... > counts.csv

LEVEL is adm_1, adm_2 or a number of degrees (cells, for files without names of units); COUNTRIES are UCDP's names, with commas.
Only events placed in their second-level unit or better (where_prec 1 to 3) count. A unit's point is the mean place of its events.
The first month of the first and the last month of the last year of the files get an empty row, so that the time covered is whole.
Python 3 standard library only.
"""
import collections
import csv
import gzip
import io
import math
import sys


def read(paths):
    for path in paths:
        with gzip.open(path, "rb") as raw:
            yield from csv.DictReader(io.TextIOWrapper(raw, encoding="utf-8", newline=""))


def unit(event, level):
    if level == "adm_1":
        return event["adm_1"]
    if level == "adm_2":
        return f"{event['adm_1']} / {event['adm_2']}" if event["adm_2"] else ""
    degrees = float(level)
    row, column = (math.floor(float(event[k]) / degrees) for k in ("latitude", "longitude"))
    return f"{event['country']} {row * degrees:g} {column * degrees:g}"


def main(level, countries, *paths):
    chosen = set(countries.split(","))
    counts = collections.defaultdict(lambda: [0, 0, 0])
    places = collections.defaultdict(list)
    years = set()
    for event in read(paths):
        years.add(int(event["year"]))
        if event["country"] not in chosen or int(event.get("where_prec") or 1) > 3 or not unit(event, level):
            continue
        month = event["date_start"][:7] if event.get("date_start") else f"{event['year']}-{int(event['month']):02d}"
        deaths = int(event.get("best") or event.get("best_death") or 0)
        name = unit(event, level)
        for i, more in enumerate((1, int(deaths > 0), deaths)):
            counts[name, month][i] += more
        places[name].append((float(event["latitude"]), float(event["longitude"]), event["country"]))
    first = min(places)
    for month in (f"{min(years)}-01", f"{max(years)}-12"):
        counts[first, month][0] += 0
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["unit", "month", "events", "deadly", "deaths", "latitude", "longitude", "country", "region"])
    for (name, month), numbers in sorted(counts.items()):
        own = places[name]
        latitude, longitude = (sum(p[i] for p in own) / len(own) for i in (0, 1))
        out.writerow([name, month, *numbers, f"{latitude:.2f}", f"{longitude:.2f}", own[0][2], name.split(" / ")[0] if level == "adm_2" else own[0][2]])


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
