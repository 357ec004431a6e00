"""What tests of pages share."""

import pytest

from tests.support.clock import NOW


@pytest.fixture
def site(app, client):
    """The application with its clock at the moment of the tests."""
    app.extensions["clock"] = lambda: NOW
    return client
