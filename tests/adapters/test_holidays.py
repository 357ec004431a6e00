"""Public holidays from the library."""

import subprocess
import sys
from datetime import date

from bookings.adapters.holidays import load_holidays
from tests.support.tree import ROOT

ASK = """
import sys
from bookings.adapters.holidays import load_holidays
load_holidays("FI", [2027])
print(*[name for name in sys.modules if name.startswith("holidays.countries.")])
"""


def test_eves_on_which_nobody_works_are_holidays_in_sweden():
    found = load_holidays("SE", [2027])

    assert {date(2027, 6, 6), date(2027, 6, 25), date(2027, 12, 24)} <= found.keys()


def test_a_country_that_the_library_does_not_know_has_no_holidays():
    assert load_holidays("ZZ", [2027]) == {}


def test_holidays_of_one_country_load_no_other():
    said = subprocess.check_output([sys.executable, "-c", ASK], cwd=ROOT, text=True)

    assert said.split() == ["holidays.countries.finland"]
