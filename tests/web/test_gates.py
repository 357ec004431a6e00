"""Who may use which route: the table routes.csv, the application, and what really happens agree."""

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter
from werkzeug.routing.converters import NumberConverter

from bookings.db import transaction
from bookings.domain.links import LinkPurpose
from bookings.domain.staff import StaffRole
from bookings.services.links import add_link
from bookings.web.security import GateKind, MissingGateError, gate_of, init_security, staff_gate
from tests.support.clock import NOW
from tests.support.staff import a_signed_in_client
from tests.web.routes_table import list_rows, read_rows, write_rows

pytestmark = [
    pytest.mark.sqlite_only,
    pytest.mark.settings(
        app={"demo": True},
        session={"sign_in_links": True},
        oidc={"issuer": "http://127.0.0.1:9", "client_id": "us", "client_secret": "secret", "label": "City"},
    ),
]


def path_of(app, row, **values):
    rule = next(r for r in app.url_map.iter_rules() if (r.rule, r.endpoint) == (row["rule"], row["endpoint"]))
    for name, converter in rule._converters.items():
        values.setdefault(name, a_value_for(converter))
    with app.test_request_context():
        return app.url_map.bind("localhost").build(row["endpoint"], values, method=row["methods"].split()[0])


def a_value_for(converter):
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return 1 if isinstance(converter, NumberConverter) else "x"


def test_no_number_in_an_address_is_larger_than_a_database_holds(app):
    found = [
        rule.rule
        for rule in app.url_map.iter_rules()
        for converter in rule._converters.values()
        if isinstance(converter, NumberConverter) and not (converter.max and converter.max < 2**31)
    ]

    assert found == []


def outcome_of(answer):
    if answer.status_code == 401 or (answer.status_code == 302 and answer.location == "/staff/sign-in"):
        return "sign-in"
    return str(answer.status_code) if answer.status_code in (403, 404) else "yes"


@pytest.fixture
def everybody(app):
    app.config["WTF_CSRF_ENABLED"] = False
    strangers = {party: app.test_client() for party in ("nobody", "visitor", "host")}
    return {**strangers, **{str(role): a_signed_in_client_without_form(app, role) for role in StaffRole}}


def a_signed_in_client_without_form(app, role):
    app.config["WTF_CSRF_ENABLED"] = True
    client = a_signed_in_client(app, role)
    app.config["WTF_CSRF_ENABLED"] = False
    return client


def test_the_table_is_what_the_application_has(app):
    running, written = list_rows(app), read_rows()

    new = [row for row in running if row not in written]
    gone = [row for row in written if row not in running]

    if new or gone:
        pytest.fail(
            "tests/web/routes.csv is not the application. Add:\n"
            + write_rows(new)
            + "Take away:\n"
            + write_rows(gone)
            + "or run: python -m tests.web.routes_table > tests/web/routes.csv",
            pytrace=False,
        )


def test_pages_without_parameters_open_for_those_whom_the_table_names(app, everybody):
    wrong = []
    for row in read_rows():
        if "GET" not in row["methods"] or "<" in row["rule"]:
            continue
        for party, client in everybody.items():
            found = outcome_of(client.get(row["rule"]))
            if found != row[party]:
                wrong.append(f"GET {row['rule']} as {party}: {found}, the table says {row[party]}")

    assert wrong == []


def test_no_gate_answers_with_a_fault(app, everybody):
    wrong = []
    for row in read_rows():
        if "GET" in row["methods"] and "<" not in row["rule"]:
            statuses = {party: client.get(row["rule"]).status_code for party, client in everybody.items()}
            wrong += [
                f"{row['rule']} as {party}: {s}" for party, s in statuses.items() if s in (500, 501, 502)
            ]

    assert wrong == []


def test_whoever_is_refused_by_the_table_is_refused_for_every_method(app, everybody):
    wrong = []
    for row in read_rows():
        if row["gate"].startswith("link"):
            continue
        path = path_of(app, row)
        for party, client in everybody.items():
            for method in row["methods"].split() if row[party] != "yes" else ():
                found = outcome_of(client.open(path, method=method))
                if found != row[party]:
                    wrong.append(f"{method} {path} as {party}: {found}, the table says {row[party]}")

    assert wrong == []


def test_a_link_opens_only_what_it_is_for(app, everybody):
    with app.app_context(), transaction() as session:
        tokens = {purpose: add_link(session, purpose, 1, now=NOW, expires_at=None) for purpose in LinkPurpose}
    wrong = []
    for row in read_rows():
        gate = gate_of(app, row["endpoint"])
        if gate.kind is not GateKind.LINK or "<token>" not in row["rule"]:
            continue
        others = [token for purpose, token in tokens.items() if purpose != gate.detail]
        for token in ("no-such-token", *others):
            path = path_of(app, row, token=token)
            for method in row["methods"].split():
                status = everybody["nobody"].open(path, method=method).status_code
                if status != 404:
                    wrong.append(f"{method} {row['rule']} with a link for something else: {status}")

    assert sorted(set(wrong)) == []


def test_a_route_without_a_gate_does_not_start(app, settings):
    careless = Flask("careless")

    @careless.get("/open")
    def careless_page():
        return ""

    with pytest.raises(MissingGateError, match="careless_page"):
        init_security(careless, settings)


def test_a_gate_says_which_role_it_needs():
    @staff_gate(StaffRole.ADMIN)
    def page():
        return ""

    assert str(page.gate) == "staff:admin"
