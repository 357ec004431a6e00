"""Each of the 13 delegations that really came gets a valid programme from the demo's directory."""

import time

import pytest
from flask import Flask

from bookings.db import database, read_session
from bookings.planner.problem import Problem, area_of
from bookings.planner.solve import improve
from bookings.planner.worth import find_refusal
from bookings.queries.planning import load_problem
from bookings.services.directory import load_demo_directory
from bookings.services.hosts import load_example_offers
from tests.domain.demo_files import load_delegations
from tests.planner.checker import Checker
from tests.support.clock import NOW
from tests.support.planning import a_demo_visit

pytestmark = pytest.mark.sqlite_only
STEPS = 300


def areas_in_reach(problem: Problem) -> set[str]:
    """The wished areas of hosts that no lasting rule keeps out and that are open at all."""
    wished = {area_of(topic) for topic in problem.delegation.interests}
    open_ones = [c for c in problem.candidates if c.open_times and find_refusal(problem, c) is None]
    return wished & {area_of(topic) for c in open_ones for topic in c.topics}


def test_every_delegation_gets_a_valid_programme(app: Flask, capsys: pytest.CaptureFixture[str]):
    lines, found_hosts, reported_hosts, uncovered = [], 0, 0, {}
    with app.app_context():
        load_demo_directory(now=NOW)
        load_example_offers(now=NOW)
        for entry in load_delegations():
            visit = a_demo_visit(entry, now=NOW)
            database.session.rollback()
            found = load_problem(read_session(), visit.reference, now=NOW)
            problem, begun, first = found.problem, time.process_time(), 0.0
            for progress in improve(problem, steps=STEPS):  # noqa: B007 - the last one is looked at
                first = first or time.process_time() - begun
            took = time.process_time() - begun

            assert progress.plans, entry["slug"]
            for plan in progress.plans:
                assert Checker(problem).faults(plan) == [], entry["slug"]
            topics = {c.key: c.topics for c in problem.candidates}
            met = {area_of(t) for stop in progress.plans[0].stops for t in topics[stop.candidate]}
            if missing := areas_in_reach(problem) - met:
                uncovered[entry["slug"]] = sorted(missing)
            reported = {slug for slug in entry["reported_hosts"] if slug in found_slugs(found)}
            hit = reported & {host for plan in progress.plans for host in plan.hosts}
            found_hosts, reported_hosts = found_hosts + len(hit), reported_hosts + len(reported)
            lines.append(
                f"{entry['slug']:28} first {first:.2f} s, all {took:.1f} s, "
                f"{len(progress.plans)} programmes, {len(progress.plans[0].stops)} stops, "
                f"gap {progress.gap:.0%}, reported hosts {len(hit)}/{len(reported)}"
            )
    with capsys.disabled():
        print("\n" + "\n".join(lines))
        print(f"reported hosts proposed: {found_hosts}/{reported_hosts} = {found_hosts / reported_hosts:.0%}")
        print(f"areas left out although a host is in reach: {uncovered or 'none'}")
    assert (len(lines), uncovered) == (13, {})


def found_slugs(found) -> set[str]:
    return {offer.company.slug for offer in found.offers.values()}
