"""config/default.toml describes every setting, and every setting exists."""

import re
import tomllib

import pytest
from pydantic import BaseModel

from bookings.settings import Settings, SettingsError, load_settings
from tests.support.tree import ROOT

DEFAULT = ROOT / "config" / "default.toml"
A_KEY = re.compile(r"^(\w+) *=")


def test_every_setting_has_a_default_and_every_default_is_a_setting():
    defaults = tomllib.loads(DEFAULT.read_text(encoding="utf-8"))

    in_file = {(section, key) for section, table in defaults.items() for key in table}

    assert in_file == {
        (section, key)
        for section, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
        for key in field.annotation.model_fields
    }


def test_every_setting_is_described():
    """A comment stands above each key, or above the keys right before it that it describes too."""
    undescribed = []
    described = False
    for line in DEFAULT.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            described = True
        elif (key := A_KEY.match(line)) and not described:
            undescribed.append(key[1])
        elif not line or line.startswith("["):
            described = False

    assert undescribed == []


def test_the_defaults_are_usable_as_they_are():
    assert load_settings({}).app.environment == "development"


def test_a_variable_overrides_the_default():
    settings = load_settings(
        {"BOOKINGS_WEB_PORT": "8123", "BOOKINGS_WEB_TRUSTED_HOSTS": "a.example, b.example"}
    )

    assert (settings.web.port, settings.web.trusted_hosts) == (8123, ["a.example", "b.example"])


def test_a_file_overrides_the_default_and_a_variable_the_file(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text("[web]\nport = 9000\nthreads = 3\n")

    settings = load_settings({"BOOKINGS_CONFIG": str(file), "BOOKINGS_WEB_PORT": "9001"})

    assert (settings.web.port, settings.web.threads) == (9001, 3)


def test_all_bad_keys_are_listed_at_once():
    with pytest.raises(SettingsError) as refusal:
        load_settings(
            {"BOOKINGS_WEB_PORT": "many", "BOOKINGS_NO_SUCH": "1"}, overrides={"mail": {"hots": "x"}}
        )

    assert [line.split(":")[0] for line in str(refusal.value).splitlines()] == [
        "BOOKINGS_NO_SUCH",
        "web.port",
        "mail.hots",
    ]


def test_production_refuses_to_start_without_secret_address_and_hosts():
    with pytest.raises(SettingsError) as refusal:
        load_settings({"BOOKINGS_APP_ENVIRONMENT": "production"})

    assert [line.split(":")[0] for line in str(refusal.value).splitlines()] == [
        "app.secret_key",
        "web.base_url",
        "web.trusted_hosts",
    ]


def test_a_provider_is_named_wholly_or_not_at_all():
    with pytest.raises(SettingsError) as refusal:
        load_settings({"BOOKINGS_OIDC_ISSUER": "http://login.example?tenant=1"})

    assert [line.split(":")[0] for line in str(refusal.value).splitlines()] == [
        "oidc.client_id",
        "oidc.client_secret",
        "oidc.label",
        "oidc.issuer",
        "oidc.issuer",
    ]


def test_production_asks_a_provider_by_https_only():
    named = {"issuer": "http://127.0.0.1:8080", "client_id": "us", "client_secret": "secret", "label": "City"}
    production = {"app": {"environment": "production", "secret_key": "x" * 32}}

    load_settings({}, overrides={"oidc": named})
    with pytest.raises(SettingsError, match=r"oidc\.issuer: an https address"):
        load_settings({}, overrides={"oidc": named, **production})
