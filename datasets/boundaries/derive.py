#!/usr/bin/env python3
"""Derives boundaries.geojson from the Natural Earth polygons that Debian's qgis-common ships.

    python3 datasets/boundaries/derive.py WORLD_MAP_GPKG MAPSHAPER

WORLD_MAP_GPKG  usr/share/qgis/resources/data/world_map.gpkg of the package qgis-common
                (3.22.16+dfsg-1 was used; layer states_provinces = Natural Earth 1:10m admin-1, 4.1.0)
MAPSHAPER       the program `mapshaper` of the npm package mapshaper, version 0.7.70
                (npm install mapshaper@0.7.70, then node_modules/.bin/mapshaper)

Run from the repository root. Needs the Python standard library only. source_units.csv beside this
file says which source polygon belongs to which bundled unit; polygons of one unit are dissolved.
All units are simplified in one run, so that neighbours keep one common line.
"""
import csv
import json
import os
import sqlite3
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
COUNTRY_OF_PREFIX = {
    "BF": "BFA", "CI": "CIV", "DZ": "DZA", "EH": "ESH", "GM": "GMB", "GN": "GIN",
    "GW": "GNB", "ML": "MLI", "MR": "MRT", "NE": "NER", "SN": "SEN",
}
# interval of the Douglas-Peucker simplification in metres; a common line takes the finer of the two
SCORED = ("MLI", "SEN", "MRT")
TOLERANCE_SCORED = 800
TOLERANCE_SURROUNDINGS = 2500
PRECISION = "0.001"     # degrees, about 100 m


def wkb_to_coordinates(blob):
    """MultiPolygon coordinates of a GeoPackage geometry blob."""
    envelope = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}[(blob[3] >> 1) & 7]
    at = 8 + envelope

    def read(fmt):
        nonlocal at
        values = struct.unpack_from(order + fmt, blob, at)
        at += struct.calcsize(order + fmt)
        return values

    def polygon():
        rings = []
        for _ in range(read("I")[0]):
            count = read("I")[0]
            flat = read("%dd" % (2 * count))
            rings.append([[flat[i], flat[i + 1]] for i in range(0, 2 * count, 2)])
        return rings

    def header():
        nonlocal at, order
        order = "<" if blob[at] == 1 else ">"
        at += 1
        return read("I")[0]

    order = "<"
    kind = header()
    if kind == 3:
        return [polygon()]
    if kind != 6:
        raise SystemExit(f"unexpected geometry type {kind}")
    parts = []
    for _ in range(read("I")[0]):
        if header() != 3:
            raise SystemExit("a MultiPolygon holds something else than polygons")
        parts.append(polygon())
    return parts


def source_features(gpkg):
    """GeoJSON features of the covered source polygons with their unit_id and country."""
    with open(os.path.join(HERE, "source_units.csv"), encoding="utf-8", newline="") as file:
        unit_of = {(r["adm0_a3"], r["name"]): r["unit_id"] for r in csv.DictReader(file)}
    countries = sorted({key[0] for key in unit_of})
    marks = ",".join("?" * len(countries))
    query = (
        "select adm0_a3, name, geom from states_provinces "
        f"where adm0_a3 in ({marks}) order by adm0_a3, name, fid"
    )
    features, seen = [], set()
    with sqlite3.connect(f"file:{gpkg}?mode=ro", uri=True) as db:
        for adm0, name, geom in db.execute(query, countries):
            unit = unit_of[(adm0, name)]
            seen.add((adm0, name))
            features.append({
                "type": "Feature",
                "properties": {"unit_id": unit, "country": COUNTRY_OF_PREFIX[unit[:2]]},
                "geometry": {"type": "MultiPolygon", "coordinates": wkb_to_coordinates(geom)},
            })
    missing = set(unit_of) - seen
    if missing:
        raise SystemExit(f"not in the source: {sorted(missing)}")
    return features


def run_mapshaper(program, features, commands):
    """Runs mapshaper on the features and returns the resulting features."""
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "in.geojson")
        target = os.path.join(folder, "out.geojson")
        with open(source, "w", encoding="utf-8") as file:
            json.dump({"type": "FeatureCollection", "features": features}, file)
        command = [program, source] + [c.replace("OUT", target) for c in commands]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with open(target, encoding="utf-8") as file:
            return json.load(file)["features"]


def write_features(path, features, key):
    """One feature per line, sorted, fixed key order."""
    lines = []
    for feature in sorted(features, key=key):
        lines.append(json.dumps(
            {"type": "Feature", "properties": feature["properties"], "geometry": feature["geometry"]},
            ensure_ascii=False, separators=(",", ":"),
        ))
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write('{"type":"FeatureCollection","features":[\n')
        file.write(",\n".join(lines))
        file.write("\n]}\n")


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    gpkg, mapshaper = sys.argv[1:]
    features = run_mapshaper(mapshaper, source_features(gpkg), [
        "snap-interval=0.00001",
        "-dissolve", "unit_id", "copy-fields=country",
        "-simplify", "dp", "variable", "keep-shapes",
        f"interval={json.dumps(SCORED)}.includes(country)"
        f" ? {TOLERANCE_SCORED} : {TOLERANCE_SURROUNDINGS}",
        "-o", "OUT", "format=geojson", f"precision={PRECISION}", "rfc7946",
    ])
    for feature in features:
        properties = feature["properties"]
        feature["properties"] = {k: properties[k] for k in ("unit_id", "country")}
    write_features(
        os.path.join(HERE, "boundaries.geojson"), features, lambda f: f["properties"]["unit_id"]
    )


if __name__ == "__main__":
    main()
