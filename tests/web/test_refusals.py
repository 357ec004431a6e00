"""The sentences of refusals say what is in the way, not what was computed."""

import pytest

from bookings.domain.errors import SlotsOverlapError
from bookings.web.errors import refusal_sentence


@pytest.mark.parametrize(
    ("needed", "available", "sentence"),
    [
        (0, -60, "Two stops overlap by 60 minutes."),
        (240, -1, "Two stops overlap by 1 minute."),
        (240, 120, "The delegation needs 4 h between two stops and has 2 h."),
        (0, 0, "Something has changed in the meantime. Load the page again to see how things stand now."),
    ],
    ids=["they overlap", "they overlap far apart", "the way is too long", "the database alone knew"],
)
@pytest.mark.sqlite_only
def test_two_stops_that_do_not_fit_are_told_why(app_context, needed, available, sentence):
    assert refusal_sentence(SlotsOverlapError(1, 2, needed, available)) == sentence
