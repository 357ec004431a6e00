"""Forms sent as no browser sends them: nobody meets a fault, and what was typed right stands there again."""

import html
import os
from collections import Counter
from random import Random

import pytest
from werkzeug.test import TestResponse

from tests.support.mangling import Sending, mangle, open_too_long
from tests.support.references import list_wrong_references
from tests.support.site_forms import Senders, SiteForm
from tests.web.access_table import SETTINGS

SUBMISSIONS = int(os.environ.get("BOOKINGS_TEST_SUBMISSIONS", "400"))
"""What the suite can afford; the promise is judged by 10,000."""
_CHANGED = (303, 404, 409)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.settings(app={"demo": True}, mail={"transport": "folder"}, limits=SETTINGS["limits"]),
]


def test_no_submission_of_any_form_meets_a_fault_or_loses_what_was_typed(app):
    senders, chance = Senders(app), Random(SUBMISSIONS)
    forms = senders.list_forms()
    faults, statuses = [], Counter()

    for number in range(SUBMISSIONS):
        form = forms[number % len(forms)]
        sending = mangle(form.form, chance)
        answer = senders.send(form, sending)
        statuses[answer.status_code] += 1
        if answer.status_code in _CHANGED:
            senders.renew(form)
        found = list_faults(form, sending, answer)
        if answer.status_code >= 500 or (found and senders.renew(form)):
            faults += [f"{number} {form.name}: {fault}, {sending}" for fault in found]

    print(f"{SUBMISSIONS} submissions of {len(forms)} forms: {dict(statuses)}")
    assert not faults, "\n".join(faults)


def test_no_form_loses_what_was_typed_by_being_open_too_long(app):
    senders, chance = Senders(app), Random(1)
    forms = senders.list_forms()
    faults = []

    for form in forms:
        for _ in range(3):
            sending = open_too_long(form.form, chance)
            answer = senders.send(form, sending)
            statuses = [] if answer.status_code in (400, 422) else [f"status {answer.status_code}"]
            found = [*statuses, *list_faults(form, sending, answer)]
            faults += [f"{form.name}: {fault}, {sending.list_kept()}" for fault in found]

    assert len(forms) > 100
    assert not faults, "\n".join(faults)


def list_faults(form: SiteForm, sending: Sending, answer: TestResponse) -> list[str]:
    """What is wrong with an answer: no page of ours, no sentence, a text that one has to type again, or a
    link to a field that leads nowhere."""
    if answer.status_code >= 500:
        return [f"status {answer.status_code}"]
    is_stale = answer.status_code == 400
    if not sending.is_read or not (is_stale or answer.status_code == 422):
        return []
    lost = [f"{name} is lost" for name, text in sending.list_kept() if html.escape(text) not in answer.text]
    is_told = is_stale or "error-text" in answer.text or 'role="alert"' in answer.text
    return [*lost, *["no sentence"] * (not is_told), *list_wrong_references(answer.text)]
