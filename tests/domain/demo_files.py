"""The demo data as domain values: the real directory, read without a database."""

import csv
import json
from pathlib import Path
from typing import Any

from bookings.domain.suggestions import HostProfile, Wish
from bookings.domain.travel import TravelLeg, TravelMode, TravelTable, build_travel_table

DEMO = Path(__file__).resolve().parents[2] / "config" / "demo"


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def load_places() -> dict[str, str]:
    return {row["slug"]: row["country"] for row in read_rows(DEMO / "places.csv")}


def load_interests() -> set[str]:
    rows = read_rows(DEMO / "interests.csv")
    return {f"{row['area']}/{row['slug']}" if row["area"] else row["slug"] for row in rows}


def load_travel(path: Path = DEMO / "travel.csv") -> TravelTable:
    return build_travel_table(
        TravelLeg(row["from"], row["to"], TravelMode(row["mode"]), int(row["minutes"]))
        for row in read_rows(path)
    )


def load_hosts(path: Path = DEMO / "organisations.csv") -> list[HostProfile]:
    return [
        HostProfile(
            slug=row["slug"],
            name=row["name"],
            kind=row["kind"],
            topics=tuple(filter(None, row["interests"].split(";"))),
            place=row["place"],
            languages=tuple(row["languages"].split(";")),
            hosts_visits=row["hosts_visits"] == "yes",
        )
        for row in read_rows(path)
    ]


def load_delegations(path: Path = DEMO / "delegations.json") -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return entries


def wish_of(delegation: dict[str, Any]) -> Wish:
    return Wish(
        topics=tuple(delegation["interests"]),
        group_size=delegation["group_size"],
        languages=tuple(delegation["languages"]),
        places=tuple(delegation["places"]),
    )
