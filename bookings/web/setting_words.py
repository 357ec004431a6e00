"""What the settings pages call rules, mails and texts."""

from bookings.i18n import lazy_gettext as _l

RULES: dict[str, str] = {
    "notice_days": _l("Days before the first day under which a request counts as urgent"),
    "answer_working_days": _l("Working days that a host has to answer"),
    "first_reminder_percent": _l("First reminder to the host, after so many per cent of that time"),
    "second_reminder_percent": _l("Second reminder to the host, after so many per cent of that time"),
    "answer_cut_off_hours": _l("Hours before a stop until which its host can change the answer"),
    "first_answer_working_days": _l("Working days in which a new request is read"),
    "planning_working_days": _l("Working days in which a programme is planned"),
    "programme_answer_days": _l("Days that a visitor has to accept a programme"),
    "needs_info_days": _l("Days that a visitor has to answer a question"),
    "reopen_days": _l("Days after a visit in which it can be reopened"),
    "host_buffer_minutes": _l("Minutes kept free before and after each stop of a host"),
    "working_hours_start": _l("The working day begins, local time"),
    "working_hours_end": _l("The working day ends, local time"),
    "closed_weekdays": _l("Nobody works on these days either"),
}

MAILS: dict[str, str] = {
    "invitation": _l("Invitation: can you receive this visit?"),
    "reminder_host": _l("Reminder: no answer yet"),
    "invitation_changed": _l("The plan has changed: please answer once more"),
    "answer_accepted": _l("Thank you for the yes"),
    "answer_declined": _l("Thank you for telling us (no)"),
    "proposal_taken": _l("The other time is taken"),
    "proposal_refused": _l("None of the other times fits"),
    "invitation_confirmed": _l("The visit will take place"),
    "host_page": _l("Once a year: is this still right?"),
    "host_page_reminder": _l("Reminder: is this still right?"),
    "request_received": _l("We have your request"),
    "still_working": _l("It takes longer than we promised"),
    "question": _l("A question to the visitor"),
    "reminder_question": _l("Reminder of a question"),
    "programme_proposed": _l("The programme, to accept"),
    "reminder_programme": _l("Reminder of a programme"),
    "programme_confirmed": _l("The visit is confirmed"),
    "programme_changed": _l("A stop of the confirmed visit has changed"),
    "visit_declined": _l("We cannot receive the visit"),
    "visit_cancelled": _l("The visit is called off"),
    "visit_expired": _l("The request is closed: no answer"),
}

PAGES: dict[str, str] = {
    "front_lede": _l("Front page: the words under the title"),
    "front_costs": _l("Front page: what it costs"),
    "check_costs": _l("Form, last step: words of your own about the costs"),
    "sent_note": _l("After sending: what to keep in mind"),
    "privacy_more": _l("Privacy: a section of your own"),
    "accessibility_more": _l("Accessibility: a section of your own"),
}

PARTS: dict[str, str] = {
    "subject": _l("Subject"),
    "opening": _l("Words before the facts"),
    "closing": _l("Words after the facts"),
}

SECTIONS: dict[str, str] = {
    "deadlines": _l("Deadlines"),
    "hours": _l("Working days and hours"),
    "closed_days": _l("Closed days"),
    "clauses": _l("Cost clause"),
    "logos": _l("Logos"),
}

WEEKDAYS = (
    ("1", _l("Monday")),
    ("2", _l("Tuesday")),
    ("3", _l("Wednesday")),
    ("4", _l("Thursday")),
    ("5", _l("Friday")),
)
