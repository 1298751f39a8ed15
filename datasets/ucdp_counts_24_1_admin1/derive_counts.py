"""Builds the six tables ucdp_counts_* from UCDP sources; all share one schema.

Run from the repository root:
    python3 datasets/ucdp_counts_24_1_admin1/derive_counts.py <ged folder> <aggregates folder>

<ged folder> holds GEDEvent_v24_1.csv.gz and GEDEvent_v24_1_2022_2023.csv.gz (UCDP GED 24.1, 49 columns).
<aggregates folder> holds adm1_month_ged_v25_1.csv.gz, country_year_v25_1.csv.gz and
country_month_ged_v26_1.csv.gz.
Python 3 standard library only. The same input gives the same bytes.
"""
import collections
import csv
import gzip
import hashlib
import io
import math
import os
import sys

COLUMNS = [
    "release", "country", "area_kind", "area", "month", "period_months",
    "events", "events_deadly", "state_based", "non_state", "one_sided",
    "deaths_low", "deaths_best", "deaths_high", "events_imprecise", "latitude", "longitude",
]
ISO3 = {
    "Algeria": "DZA", "Benin": "BEN", "Burkina Faso": "BFA", "Guinea": "GIN",
    "Guinea-Bissau": "GNB", "Ivory Coast": "CIV", "Mali": "MLI", "Mauritania": "MRT",
    "Niger": "NER", "Senegal": "SEN", "Togo": "TGO",
}
FIRST_YEAR = 2010
FIVE = {"MLI", "BFA", "NER", "SEN", "CIV"}
ADMIN1_25_1 = {"MLI", "BFA", "NER", "CIV", "DZA"}
COUNTRIES = {"MLI", "SEN", "MRT", "BFA", "NER", "GIN", "CIV", "DZA"}
TYPES = {"1": "state_based", "2": "non_state", "3": "one_sided"}
BAND = 0.225  # degrees of latitude, 25.0 km


def read(path):
    with gzip.open(path, "rb") as raw:
        return list(csv.DictReader(io.TextIOWrapper(raw, encoding="utf-8", newline="")))


def write(dataset, rows):
    rows.sort(key=lambda r: (r["release"], r["country"], r["area"], r["month"]))
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    data = text.getvalue().encode("utf-8")
    path = os.path.join("datasets", dataset, dataset + ".csv")
    with open(path, "wb") as file:
        file.write(data)
    print(path, len(rows), "rows", len(data), "bytes sha256", hashlib.sha256(data).hexdigest())


def cell(latitude, longitude):
    """Row, column and centre of the grid cell that holds a point."""
    row = math.floor((latitude + 90) / BAND)
    centre_latitude = -90 + (row + 0.5) * BAND
    step = BAND / math.cos(math.radians(centre_latitude))
    column = math.floor((longitude + 180) / step)
    centre_longitude = -180 + (column + 0.5) * step
    return f"r{row}c{column}", f"{centre_latitude:.4f}", f"{centre_longitude:.4f}"


def count(events, area_kind, place):
    """One row per country, area and month. `place` names an event's area and the cell's centre."""
    table = {}
    for e in events:
        area, latitude, longitude = place(e)
        month = e["date_start"][:7] + "-01"
        key = (e["iso3"], area, month)
        row = table.get(key)
        if row is None:
            row = table[key] = dict.fromkeys(COLUMNS, 0)
            row.update(release="24.1", country=e["iso3"], area_kind=area_kind, area=area, month=month,
                       period_months=1, latitude=latitude, longitude=longitude)
            if area_kind == "cell":
                row["events_imprecise"] = ""
        row["events"] += 1
        row["events_deadly"] += int(e["best"]) >= 1
        row[TYPES[e["type_of_violence"]]] += 1
        for bound in ("low", "best", "high"):
            row["deaths_" + bound] += int(e[bound])
        if area_kind != "cell":
            row["events_imprecise"] += int(e["where_prec"]) >= 4
    return list(table.values())


def admin1(e):
    return e["adm_1"], "", ""


def admin2(e):
    if e["adm_2"] and not e["adm_1"]:
        sys.exit(f"event {e['id']} has a second-level unit and no first-level one")
    return " / ".join(name for name in (e["adm_1"], e["adm_2"]) if name), "", ""


def grid(e):
    return cell(float(e["latitude"]), float(e["longitude"]))


def counts_24_1(folder):
    events = []
    for name in ("GEDEvent_v24_1.csv.gz", "GEDEvent_v24_1_2022_2023.csv.gz"):
        events += read(os.path.join(folder, name))
    if len({e["id"] for e in events}) != len(events):
        sys.exit("an event id occurs twice")
    for e in events:
        e["iso3"] = ISO3[e["country"]]
    write("ucdp_counts_24_1_admin1", count(events, "admin1", admin1))

    recent = [e for e in events if int(e["date_start"][:4]) >= FIRST_YEAR and e["iso3"] in FIVE]
    write("ucdp_counts_24_1_admin2", count(recent, "admin2", admin2))

    precise = [e for e in recent if int(e["where_prec"]) <= 3]
    write("ucdp_counts_24_1_cells", count(precise, "cell", grid))
    everything = collections.Counter(e["iso3"] for e in recent)
    kept = collections.Counter(e["iso3"] for e in precise)
    for country in sorted(everything):
        left_out = everything[country] - kept[country]
        print(f"  cells, {country}: {left_out} of {everything[country]} events left out"
              f" ({100 * left_out / everything[country]:.1f} %)")


def counts_25_1_admin1(folder):
    rows = []
    for r in read(os.path.join(folder, "adm1_month_ged_v25_1.csv.gz")):
        if r["iso3"] in ADMIN1_25_1:
            rows.append({
                "release": "25.1", "country": r["iso3"], "area_kind": "admin1", "area": r["adm_1"],
                "month": r["month"] + "-01", "period_months": 1, "events": r["n_events"],
                "state_based": r["n_sb"], "non_state": r["n_ns"], "one_sided": r["n_os"],
                "deaths_best": r["deaths"],
            })
    write("ucdp_counts_25_1_admin1", rows)


def counts_25_1_country(folder):
    rows = []
    for r in read(os.path.join(folder, "country_year_v25_1.csv.gz")):
        country = ISO3.get(r["country_cy"])
        if country in COUNTRIES and int(r["year_cy"]) >= FIRST_YEAR:
            total = "cumulative_total_deaths_in_orgvio_{}_cy"
            rows.append({
                "release": "25.1", "country": country, "area_kind": "country", "area": country,
                "month": r["year_cy"] + "-01-01", "period_months": 12,
                "deaths_low": r[total.format("low")], "deaths_best": r[total.format("best")],
                "deaths_high": r[total.format("high")],
            })
    write("ucdp_counts_25_1_country", rows)


def counts_26_1_country(folder):
    rows = []
    for r in read(os.path.join(folder, "country_month_ged_v26_1.csv.gz")):
        if r["iso3"] in COUNTRIES and int(r["year"]) >= FIRST_YEAR:
            rows.append({
                "release": "26.1-candidate" if r["provisional"] == "1" else "26.1",
                "country": r["iso3"], "area_kind": "country", "area": r["iso3"],
                "month": f"{r['year']}-{int(r['month']):02d}-01", "period_months": 1,
                "events": sum(int(r[k + "_events"]) for k in ("sb", "ns", "os")),
                "state_based": r["sb_events"], "non_state": r["ns_events"], "one_sided": r["os_events"],
                "deaths_best": sum(int(r[k + "_deaths"]) for k in ("sb", "ns", "os")),
            })
    write("ucdp_counts_26_1_country", rows)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    counts_24_1(sys.argv[1])
    counts_25_1_admin1(sys.argv[2])
    counts_25_1_country(sys.argv[2])
    counts_26_1_country(sys.argv[2])
