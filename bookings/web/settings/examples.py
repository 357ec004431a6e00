"""An invented visit, to show mails with: nothing of it is anybody's."""

from bookings.services.agreement import build_clause
from bookings.services.outbox import Mail, RenderedMail, render_mail
from bookings.settings import current_settings
from bookings.web.clock import utc_now


def preview_mail(template: str, language: str, own: dict[str, str]) -> RenderedMail:
    """The mail with these words as somebody would get it; nothing is stored or sent."""
    address = f"{current_settings().web.base_url}/example"
    mail = Mail(
        kind=template,
        cause="example",
        recipient="maria@example.org",
        recipient_name="Maria Example",
        language=language,
        template=template,
        context={
            "host_name": "Maria Example",
            "organisation": "Example Biogas",
            "visitors": "Example Delegation",
            "country": "Norge",
            "people": "12",
            "title": "Biogas",
            "when": "2027-03-16, 10:00–11:30 EET",
            "where": "Vaasa",
            "reference": "KV-2027-0001",
            "languages": "English",
            "purpose": "…",
            "respond_by": "2027-03-01 16:30 EET",
            "answer_by": "2027-03-01 16:30 EET",
            "question": "…?",
            "reason": "…",
            "offers": ["Biogas"],
            "until": "2027-06-01",
            "days": [],
            "changes": [],
            "working_days": current_settings().visits.first_answer_working_days,
            "clause": build_clause(now=utc_now()).text,
            "clause_version": build_clause(now=utc_now()).version,
            "agreed_on": "2027-01-15",
            "answer_url": address,
            "page_url": address,
            "visit_url": address,
            "calendar_url": address,
            "feed_url": address,
            "contact_address": current_settings().mail.contact_address,
        },
    )
    return render_mail(mail, own=own)
