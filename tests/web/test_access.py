"""Who really gets what: role by route by object, and nothing of another town's, host's or visitor's leaks."""

import pytest

from bookings.domain.links import LinkPurpose
from bookings.web.security import GateKind, gate_of
from tests.support.two_towns import OBJECTS, OTHERS
from tests.web.access_table import (
    ACTORS,
    Site,
    foreign_tokens,
    list_rows,
    objects_of,
    path_of,
    read_rows,
    write_rows,
)

_GONE = (403, 404, 410)
_MIXED = {
    "slug": ("row_id", "contact_id"),
    "slot_id": ("time_id",),
    "reference": ("run_id", "slot_id", "mail_id"),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return Site(tmp_path_factory.mktemp("access"))


def link_rules(site):
    for rule in site.app.url_map.iter_rules():
        gate = gate_of(site.app, rule.endpoint)
        if gate is not None and gate.kind is GateKind.LINK and "token" in rule.arguments:
            yield rule, gate.detail


def methods_of(rule):
    return sorted((rule.methods or set()) & {"GET", "POST"})


def test_every_cell_of_the_table_is_what_really_happens(site):
    running, written = list_rows(site), read_rows()

    new = [row for row in running if row not in written]
    gone = [row for row in written if row not in running]
    faults = [row["rule"] for row in running if "fault" in row.values()]

    assert faults == []
    if new or gone:
        pytest.fail(
            "tests/web/access.csv is not what happens. Add:\n"
            + write_rows(new)
            + "Take away:\n"
            + write_rows(gone)
            + "or run: python -m tests.web.access_table > tests/web/access.csv",
            pytrace=False,
        )


def test_the_table_says_what_the_rules_say(site):
    for row in read_rows():
        if not row["rule"].startswith("/staff") or "<token>" in row["rule"] or "sign-" in row["rule"]:
            continue
        refused = {actor: row[actor] for actor in OTHERS}

        assert set(refused.values()) <= {"sign-in", "404"}, row
        if row["method"] == "POST" and "<reference>" in row["rule"]:
            other = "umea" if row["of"] == "vaasa" else "vaasa"
            assert row[f"coordinator_{other}"] in ("403", "404"), row
            assert row["reader"] in ("403", "404"), row


def test_no_link_opens_what_another_is_for_and_no_name_leaks(site):
    wrong = []
    for rule, purpose in link_rules(site):
        for town, token in foreign_tokens(site.world, purpose):
            path = path_of(site.app, site.world, rule, town, token=token)
            for method in methods_of(rule):
                status, _to, text = site.ask("nobody", method, path)
                leaked = [name for name in site.world.names[town] if name in text]
                if status not in _GONE or leaked:
                    wrong.append((method, rule.rule, status, leaked))

    assert wrong == []


def test_a_page_behind_a_link_names_nobody_of_the_other_town(site):
    wrong = []
    for rule, purpose in link_rules(site):
        for actor, tokens in site.world.tokens.items():
            town = actor.rpartition("_")[2]
            other = next(one for one in OBJECTS if one != town)
            if purpose not in tokens or "GET" not in methods_of(rule):
                continue
            path = path_of(site.app, site.world, rule, town, token=tokens[purpose])
            _status, _to, text = site.ask("nobody", "GET", path)
            wrong += [(rule.rule, name) for name in site.world.names[other] if name in text]

    assert wrong == []


def test_the_id_of_another_hosts_thing_behind_the_own_link_finds_nothing(site):
    wrong = []
    for rule, purpose in link_rules(site):
        if purpose != LinkPurpose.HOST_PAGE or "row_id" not in rule.arguments:
            continue
        own = site.world.tokens["host_vaasa"][LinkPurpose.HOST_PAGE]
        path = path_of(site.app, site.world, rule, "umea", token=own)
        for method in methods_of(rule):
            status, _to, text = site.ask("nobody", method, path)
            leaked = [name for name in site.world.names["umea"] if name in text]
            if status not in _GONE or leaked:
                wrong.append((method, rule.rule, status, leaked))

    assert wrong == []


def test_ids_of_two_towns_in_one_address_find_nothing(site):
    wrong = []
    for rule in site.app.url_map.iter_rules():
        outer = next((name for name in _MIXED if name in rule.arguments), "")
        inner = [name for name in _MIXED.get(outer, ()) if name in rule.arguments]
        for name in inner:
            foreign = {name: site.world.values["umea"][name]}
            path = path_of(site.app, site.world, rule, "vaasa", **foreign)
            for method in methods_of(rule):
                status, _to, _text = site.ask("admin", method, path)
                if status not in _GONE:
                    wrong.append((method, rule.rule, name, status))

    assert wrong == []


def test_whoever_has_no_account_sees_no_name_behind_the_staff_gates(site):
    wrong = []
    for rule in site.app.url_map.iter_rules():
        gate = gate_of(site.app, rule.endpoint)
        if gate is None or gate.kind is not GateKind.STAFF:
            continue
        for town in objects_of(rule):
            path = path_of(site.app, site.world, rule, town)
            for method in methods_of(rule):
                status, to, text = site.ask("nobody", method, path)
                is_closed = status == 401 or to.startswith("/staff/sign-in")
                if not is_closed or any(
                    name in text for names in site.world.names.values() for name in names
                ):
                    wrong.append((method, rule.rule, status))

    assert wrong == []
    assert len(ACTORS) == 9
