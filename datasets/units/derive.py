#!/usr/bin/env python3
"""Derives units.csv: one row per bundled admin-1 unit.

    python3 datasets/units/derive.py COD_PS CADRE_HARMONISE CITIES500

COD_PS           cod_ps_population.csv: OCHA COD-PS first-level populations
                 (columns iso3, level, pcode, name, year, total, …)
CADRE_HARMONISE  cadre_harmonise_adm2.csv.gz: Cadre Harmonisé second-level populations
                 (columns adm0_pcod3, adm1_name, adm2_pcod2, adm2_name, chtype, population, period_start, …)
CITIES500        geonames_cities500_west_africa.csv.gz: GeoNames, places of 500 people and more

Run from the repository root. Python standard library only. Names, codes, seats, validity and notes
are in units_by_hand.csv beside this file; this script adds populations and the seats' coordinates.
"""
import csv
import gzip
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
COUNTRY_OF_PREFIX = {
    "BF": "BFA", "CI": "CIV", "DZ": "DZA", "EH": "ESH", "GM": "GMB", "GN": "GIN",
    "GW": "GNB", "ML": "MLI", "MR": "MRT", "NE": "NER", "SN": "SEN",
}
SCORED = {"MLI", "SEN", "MRT"}
COLUMNS = [
    "unit_id", "country", "role", "name_en", "name_fr", "name_ar", "iso_3166_2", "cod_pcode",
    "population", "population_year", "population_source",
    "seat", "seat_latitude", "seat_longitude", "valid_from", "valid_to", "note",
]
CADRE_PERIOD = "2023_10_01"
CADRE_SOURCE = "Cadre Harmonisé (CILSS and partners), analysis of September-December 2023, sum of second-level units"
# Mauritanian units are joined by name: the p-codes of the Cadre Harmonisé follow another order than COD-AB.
CADRE_NAME = {"Guidimakha": "MR-10", "Hodh Ech Chargi": "MR-01", "Hodh El Gharbi": "MR-02",
              "Assaba": "MR-03", "Gorgol": "MR-04", "Brakna": "MR-05", "Trarza": "MR-06",
              "Adrar": "MR-07", "Dakhlet-Nouadhibou": "MR-08", "Tagant": "MR-09",
              "Tiris-Zemmour": "MR-11", "Inchiri": "MR-12", "Nouakchott": "MR-NKC"}
COD_PS_YEAR = {"BFA": "2024", "NER": "2024", "GIN": "2024", "GMB": "2021"}


def opened(path):
    if path.endswith(".gz"):
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return open(path, encoding="utf-8", newline="")


def rows(path):
    with opened(path) as file:
        return list(csv.DictReader(file))


def cadre_by_unit(path, unit_of_pcode):
    """{unit_id: people}. All rows of a second-level code are parts of it (the six communes of
    Bamako share one code, units divided lately share their parent's), so all of them are summed."""
    parts = {
        (r["adm0_pcod3"], r["adm1_pcod2"], r["adm1_name"], r["adm2_pcod2"], r["adm2_name"], r["population"])
        for r in rows(path)
        if r["period_start"] == CADRE_PERIOD and r["chtype"] == "current" and r["adm0_pcod3"] in SCORED
    }
    total = {}
    for iso3, pcode, name, _, _, people in parts:
        unit = CADRE_NAME[name] if iso3 == "MRT" else unit_of_pcode[pcode]
        total[unit] = total.get(unit, 0) + int(people)
    return total


def cod_ps_by_pcode(path):
    """{p-code as in COD-AB: people}; Guinea and Niger have one zero more in this source."""
    total = {}
    for r in rows(path):
        if r["level"] == "1" and COD_PS_YEAR.get(r["iso3"]) == r["year"]:
            total[r["pcode"][:2] + r["pcode"][-2:]] = int(r["total"])
    return total


def main():
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    cod_ps, cadre, cities = sys.argv[1:]
    by_hand = rows(os.path.join(HERE, "units_by_hand.csv"))
    unit_of_pcode = {p: r["unit_id"] for r in by_hand for p in r["cod_pcode"].split(";") if p}
    people_cadre = cadre_by_unit(cadre, unit_of_pcode)
    people_cod_ps = cod_ps_by_pcode(cod_ps)
    place = {r["geonameid"]: r for r in rows(cities)}
    table = []
    for r in by_hand:
        country = COUNTRY_OF_PREFIX[r["unit_id"][:2]]
        people = year = source = ""
        if country in SCORED:
            people, year, source = people_cadre[r["unit_id"]], "2023", CADRE_SOURCE
        elif country in COD_PS_YEAR:
            people = sum(people_cod_ps[p] for p in r["cod_pcode"].split(";"))
            year, source = COD_PS_YEAR[country], "OCHA COD-PS (projection)"
        seat = place.get(r["seat_geonameid"])
        table.append({
            **{k: r[k] for k in COLUMNS if k in r},
            "country": country,
            "role": "scored" if country in SCORED else "surroundings",
            "population": people, "population_year": year, "population_source": source,
            "seat_latitude": seat["latitude"] if seat else "",
            "seat_longitude": seat["longitude"] if seat else "",
        })
    with open(os.path.join(HERE, "units.csv"), "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(table, key=lambda row: row["unit_id"]))


if __name__ == "__main__":
    main()
