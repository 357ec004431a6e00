"""Every refusal of the domain has a sentence for the reader, in every language."""

from bookings.domain import errors as refusals
from bookings.domain import event_errors
from bookings.domain.errors import BookingError
from bookings.web import errors as answers

# A fault of the programmer: no reader is meant to see it, and no sentence would help.
WITHOUT_SENTENCE = {refusals.NestedTransactionError}


def all_refusals():
    named = {**vars(refusals), **vars(event_errors)}
    found = {value for value in named.values() if isinstance(value, type)}
    return {value for value in found if issubclass(value, BookingError) and value is not BookingError}


def test_every_refusal_has_a_status_and_a_sentence():
    missing = all_refusals() - set(answers.REFUSALS) - WITHOUT_SENTENCE

    assert sorted(refusal.__name__ for refusal in missing) == []


def test_every_refusal_is_named_like_one():
    assert [refusal.__name__ for refusal in all_refusals() if not refusal.__name__.endswith("Error")] == []
