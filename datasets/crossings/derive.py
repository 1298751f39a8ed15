#!/usr/bin/env python3
"""Derives crossings.csv.

    python3 datasets/crossings/derive.py BORDER_CROSSINGS CADRE_HARMONISE MLI SEN MRT BFA NER

BORDER_CROSSINGS  border_crossings.csv: the compiled crossings (points, road, evidence)
CADRE_HARMONISE   cadre_harmonise_adm2.csv.gz: second-level populations (analysis of 2023-10)
MLI SEN MRT       COD-AB second-level polygons (GeoJSON, gzip); BFA NER: geoBoundaries ADM2 (GeoJSON, gzip)

Run from the repository root. Needs the Python packages shapely (2.1) and pyproj (3.7).
Names, corridors, trade levels and evidence grades are in crossings_by_hand.csv (rules: CODING.md).
"""
import csv
import gzip
import json
import math
import os
import re
import sys
import unicodedata

import numpy
import shapely
import shapely.ops
from pyproj import Geod, Transformer
from shapely.geometry import Point, Polygon, shape

HERE = os.path.dirname(os.path.abspath(__file__))
GEOD = Geod(ellps="WGS84")
CADRE_PERIOD = "2023_10_01"
POPULATION_SOURCE = (
    "Cadre Harmonisé (CILSS and partners), September-December 2023, spread evenly over the second-level "
    "polygons of COD-AB (Mali, Senegal, Mauritania) and geoBoundaries (Burkina Faso, Niger)"
)
MINIMUM_COVERED = 0.90  # share of the circle's area that populated polygons must cover; the rest is filled in proportion
COLUMNS = [
    "id", "name_en", "name_fr", "name_ar", "country_a", "country_b", "place_a", "place_b",
    "latitude", "longitude", "coordinate_source", "coordinate_quality", "coordinate_error_km",
    "km_to_border", "province_a", "province_b", "kind", "road", "corridor", "trade_level", "trade_source",
    "population_25km", "population_50km", "population_source", "nearest_alternative_km",
    "evidence", "evidence_url", "evidence_date", "evidence_grade", "note",
]
# Cadre Harmonisé name -> polygon names (COD-AB 2020 predates some divisions; the p-codes do not agree)
MRT_POLYGONS = {
    "Aioun": "Eayoune El Atrous", "Kobeni": "Koubenni", "Tamchekett": "Tamchekett", "Tintane": "Tintane",
    "Bir Mogrein": "Bir Moghrein", "Boutilimit": "Boutilimitt", "Chinguity": "Chinguitti",
    "F'Derik": "F'Derick", "Maghta Lahjar": "Magta lahjar", "Moudjeria": "El Mejrya", "Riad": "Riyadh",
    "TevraghZeina": "Tevragh Zein", "Tevragh-Zeina": "Tevragh Zein", "Tidjikja": "Tijigja",
    "Bassikounou": "Basseknou", "Nema": "Moughataa d'Enneama", "Oualata": "Oualata",
    "Timbedra": "Timbedgha", "D'har": "N'beiket Lehouach", "Selibaby": "Selibabi", "Ould Yenge": "Ould Yenge",
}
# In the analysis of 2023-10 Ghabou is a row of Sélibaby; later analyses give it this very figure.
GHABOU = "105103"
# The analysis of 2023-10 gives these departments of Senegal each other's figures: from 2022-10 they jump
# from 198,047 to 427,419 (Bakel) and from 426,656 to 190,501 (Tambacounda), and so on; sums by region hold.
SEN_EXCHANGED = {"SN1201": "SN1204", "SN1204": "SN1201", "SN0501": "SN0503", "SN0503": "SN0501",
                 "SN0801": "SN0803", "SN0803": "SN0801", "SN0702": "SN0703", "SN0703": "SN0702",
                 "SN1002": "SN1003", "SN1003": "SN1002"}
NER_POLYGONS = {"tibiridoutchi": "tibiri", "villedemaradi": "maradi", "villedetahoua": "tahouaville",
                "villedezinder": "zinder", "villedeniamey": "niamey"}


def plain(text):
    return "".join(c for c in unicodedata.normalize("NFD", text.lower()) if c.isalnum())


def rows(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def polygons(path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        features = json.load(file)["features"]
    return [(f["properties"], shapely.make_valid(shape(f["geometry"]))) for f in features]


def populated_units(cadre, paths):
    """[(people, polygon)] of second-level units; rows of one code are parts and are summed."""
    parts = sorted({
        (r["adm0_pcod3"], r["adm2_pcod2"], r["adm2_name"], r["population"])
        for r in rows(cadre)
        if r["period_start"] == CADRE_PERIOD and r["chtype"] == "current"
    })
    people = {iso3: {} for iso3 in ("MLI", "SEN", "MRT", "BFA", "NER")}
    for iso3, pcode, name, number in parts:
        if iso3 == "MRT":
            key = plain("Ghabou" if number == GHABOU else MRT_POLYGONS.get(name, name))
        elif iso3 == "BFA":
            key = plain(name)
        elif iso3 == "NER":
            key = NER_POLYGONS.get(plain(name), plain(name))
        elif iso3 == "SEN":
            key = {"SN0405": "SN0404", **SEN_EXCHANGED}.get(pcode, pcode)
        else:
            key = pcode
        if iso3 in people:
            people[iso3][key] = people[iso3].get(key, 0) + int(number)
    shapes = {iso3: {} for iso3 in people}
    for iso3, path in paths.items():
        for properties, polygon in polygons(path):
            if iso3 in ("MLI", "SEN"):
                key = properties["ADM2_PCODE"]
                key = "ML0704" if key.startswith("ML10") else {"SN0105": "SN0103"}.get(key, key)
            else:
                key = plain(properties.get("ADM2_EN") or properties["shapeName"])
            shapes[iso3].setdefault(key, []).append(polygon)
    units = []
    for iso3 in sorted(shapes):
        for key in sorted(shapes[iso3]):
            polygon = shapely.union_all(shapes[iso3][key])
            if key in people[iso3]:
                units.append((people[iso3][key], polygon))
            else:
                print(f"no population: {iso3} {key}", file=sys.stderr)
        for key in sorted(set(people[iso3]) - set(shapes[iso3])):
            print(f"no polygon: {iso3} {key}", file=sys.stderr)
    return units


def catchment(units, longitude, latitude, km):
    """(people, covered share) within a geodesic circle."""
    azimuths = numpy.linspace(0, 360, 361)[:-1]
    count = len(azimuths)
    x, y, _ = GEOD.fwd([longitude] * count, [latitude] * count, azimuths, [km * 1000] * count)
    circle = Polygon(zip(x, y))
    equal_area = Transformer.from_crs(
        4326, f"+proj=laea +lat_0={latitude} +lon_0={longitude} +ellps=WGS84", always_xy=True
    )

    def project(geometry):
        return shapely.transform(
            geometry, lambda c: numpy.column_stack(equal_area.transform(c[:, 0], c[:, 1]))
        )

    flat_circle = project(circle)
    people, covered = 0.0, []
    for number, polygon in units:
        if not polygon.intersects(circle):
            continue
        flat = shapely.make_valid(project(polygon))
        inside = flat.intersection(flat_circle)
        people += number * inside.area / flat.area
        covered.append(inside)
    share = shapely.union_all(covered).area / flat_circle.area if covered else 0.0
    return people, share


def province(boundaries, country, point):
    """The country's unit that holds the point, else its nearest."""
    def distance(item):
        _, polygon = item
        if polygon.contains(point):
            return 0.0
        near, _ = shapely.ops.nearest_points(polygon, point)
        return GEOD.inv(near.x, near.y, point.x, point.y)[2]

    candidates = [(unit, polygon) for unit, (owner, polygon) in boundaries.items() if owner == country]
    return min(candidates, key=distance)[0]


def quality(text):
    word, _, rest = text.partition(",")
    number = re.search(r"(\d+)\s*km", rest)
    return word.strip().replace(" ", "_"), number.group(1) if number else ""


def main():
    if len(sys.argv) != 8:
        raise SystemExit(__doc__)
    compiled, cadre = sys.argv[1:3]
    units = populated_units(cadre, dict(zip(("MLI", "SEN", "MRT", "BFA", "NER"), sys.argv[3:])))
    with open(os.path.join(HERE, "..", "boundaries", "boundaries.geojson"), encoding="utf-8") as file:
        boundaries = {
            f["properties"]["unit_id"]: (f["properties"]["country"], shape(f["geometry"]))
            for f in json.load(file)["features"]
        }
    by_hand = {r["id"]: r for r in rows(os.path.join(HERE, "crossings_by_hand.csv"))}
    source = rows(compiled)
    table = []
    for r in source:
        longitude, latitude = float(r["longitude"]), float(r["latitude"])
        point = Point(longitude, latitude)
        pair = (r["iso3_a"], r["iso3_b"])
        others = [
            GEOD.inv(longitude, latitude, float(o["longitude"]), float(o["latitude"]))[2] / 1000
            for o in source if o["id"] != r["id"] and (o["iso3_a"], o["iso3_b"]) == pair
        ]
        notes = [by_hand[r["id"]]["note"]] if by_hand[r["id"]]["note"] else []
        people = {}
        for km in (25, 50):
            number, share = catchment(units, longitude, latitude, km)
            if share >= MINIMUM_COVERED:
                people[km] = int(round(number / share, -2))
                if share < 0.97:
                    notes.append(f"population within {km} km scaled up from {math.floor(share * 100)} % of the circle")
            else:
                people[km] = ""
                notes.append(f"population within {km} km not given: figures at hand cover {math.floor(share * 100)} % of the circle")
        word, error = quality(r["coordinate_quality"])
        table.append({
            **by_hand[r["id"]],
            "country_a": pair[0], "country_b": pair[1], "place_a": r["place_a"], "place_b": r["place_b"],
            "latitude": r["latitude"], "longitude": r["longitude"],
            "coordinate_source": r["coordinate_source"],
            "coordinate_quality": word, "coordinate_error_km": error,
            "km_to_border": r["km_to_ne10m_border"],
            "province_a": by_hand[r["id"]]["province_a"] or province(boundaries, pair[0], point),
            "province_b": by_hand[r["id"]]["province_b"] or province(boundaries, pair[1], point),
            "kind": r["kind"], "road": r["road"],
            "population_25km": people[25], "population_50km": people[50],
            "population_source": POPULATION_SOURCE if people[25] != "" or people[50] != "" else "",
            "nearest_alternative_km": f"{min(others):.1f}" if others else "",
            "evidence": r["evidence"], "evidence_url": r["evidence_url"],
            "evidence_date": "" if r["evidence_date"] == "undated" else r["evidence_date"],
            "note": "; ".join(notes),
        })
    with open(os.path.join(HERE, "crossings.csv"), "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(table, key=lambda row: row["id"]))


if __name__ == "__main__":
    main()
