"""The cost clause."""

import pytest

from bookings.domain.agreement import check_costs_accepted, hash_clause
from bookings.domain.errors import CostsNotAcceptedError


@pytest.mark.parametrize(("is_accepted", "version"), [(False, "2026-1"), (True, "2025-1"), (True, "")])
def test_an_unticked_box_or_an_old_clause_is_no_agreement(is_accepted, version):
    with pytest.raises(CostsNotAcceptedError):
        check_costs_accepted(is_accepted=is_accepted, version=version, current_version="2026-1")


def test_the_hash_tells_two_texts_apart():
    assert hash_clause("We pay.") != hash_clause("We pay!")
    assert len(hash_clause("We pay.")) == 64
