"""The registration form: one person with those who come along, a ticket, and what is agreed to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bookings.domain.events import choose_text
from bookings.domain.questions import YES
from bookings.domain.registrations import Application, CameBy, Person, is_code_right
from bookings.i18n import current_language, ngettext
from bookings.i18n import gettext as _
from bookings.queries.registrations.form import FormFacts, TicketChoice
from bookings.services.agreement import Clause
from bookings.web.asked import Asked, Typed
from bookings.web.registrations.person_form import (
    NAME_LENGTH,
    PRESENCES,
    PersonForm,
    check_email,
    clean,
    tell_left,
)

_LONGEST_CODE = 40
_LONGEST_KEY = 40


@dataclass
class MemberRow:
    """Somebody who comes along; both fields may stay empty until that person fills them in."""

    number: int
    name: Asked
    email: Asked
    is_new: bool = False


class RegistrationForm(PersonForm):
    """The form as it was sent, or empty."""

    def __init__(
        self,
        facts: FormFacts,
        typed: Typed,
        *,
        clause: Clause | None,
        code_problem: str = "",
        tries_code: bool = True,
    ) -> None:
        """`code_problem`: why no code opens anything just now. A code that nobody sent yet is not tried."""
        super().__init__(facts, typed)
        self.clause, self.code_problem, self.tries_code = clause, code_problem, tries_code
        self.code = self.line("code", _("Access code"), is_optional=True)
        self.code.errors = [code_problem] if code_problem else []
        self.code.description = _("If your invitation names one. It opens more kinds of tickets.")
        self.tickets = self._list_tickets()
        self.ticket = self._build_ticket()
        self.members = self._build_members()
        self.accepts_costs = self._tick("accepts_costs", _("We agree: we pay all our own costs"))
        self.newsletter = self._tick(
            "newsletter", _("Send me the newsletter about visits and events, a few times a year")
        )
        rows = [field for row in self.members for field in (row.name, row.email)]
        self.fields = [*self.fields, self.ticket, self.code, *rows, self.accepts_costs]

    def validate(self, *, keeps: Sequence[int] = ()) -> bool:
        """All at once, as the form of one person."""
        super().validate(keeps=keeps)
        self.check_code()
        if self.ticket.data not in {str(one.id) for one in self.tickets}:
            self.ticket.errors = [_("Choose a kind of ticket.")]
        for row in self.members:
            clean(row.name, NAME_LENGTH)
            check_email(row.email)
        self._check_addresses()
        self._check_size()
        if self.clause and not self.accepts_costs.data:
            self.accepts_costs.errors = [_("Tick the box to say that you pay your own costs.")]
        return not self.errors

    def check_code(self) -> bool:
        """Is the code right, if there is one?"""
        clean(self.code, _LONGEST_CODE)
        if self.facts.has_codes and self.code.data and not (self.code_problem or self._opens):
            self.code.errors = [_("This code is not right. Check it in your invitation.")]
        return not self.code.errors

    def build_application(self, form_key: str, *, network_address: str, joins_queue: bool) -> Application:
        """What is sent on; call after `validate`."""
        leader = self.build_person()
        return Application(
            event_slug=self.facts.slug,
            ticket_id=int(str(self.ticket.data)),
            access_code=str(self.code.data),
            leader=leader,
            members=tuple(self._build_member(row, leader) for row in self.members),
            accepts_costs=bool(self.accepts_costs.data),
            clause_version=(self.typed.get("clause_version") or [""])[0][:_LONGEST_KEY],
            wants_newsletter=bool(self.newsletter.data),
            newsletter_wording=self.newsletter.text,
            consents=self.consents,
            form_key=form_key,
            network_address=network_address,
            came_by=CameBy.FORM,
            joins_waiting_list=joins_queue,
        )

    def _build_member(self, row: MemberRow, leader: Person) -> Person:
        return Person(
            name=str(row.name.data),
            email=str(row.email.data),
            organisation_name=leader.organisation_name,
            country=leader.country,
            language=leader.language,
            time_zone=leader.time_zone,
            part_ids=leader.part_ids,
        )

    def _tick(self, name: str, text: str) -> Asked:
        return Asked(name=name, kind="tick", text=text, data=YES if any(self.typed.get(name, ())) else "")

    def _list_tickets(self) -> list[TicketChoice]:
        """Those that everybody may take, and those that the code opens."""
        return [one for one in self.facts.tickets if one.is_for_everybody or self._fits(one)]

    def _fits(self, ticket: TicketChoice) -> bool:
        return (
            bool(ticket.access_code)
            and self.tries_code
            and not self.code_problem
            and is_code_right(ticket.access_code, str(self.code.data))
        )

    @property
    def _opens(self) -> bool:
        return any(one.access_code and self._fits(one) for one in self.facts.tickets)

    def _build_ticket(self) -> Asked:
        language, known = current_language(), {str(one.id) for one in self.tickets}
        given = (self.typed.get("ticket") or [""])[0]
        only = next(iter(known)) if len(known) == 1 else ""
        return Asked(
            name="ticket",
            kind="choice",
            text=_("How do you take part?"),
            data=given if given in known else only,
            choices=[(str(one.id), choose_text(one.name, language)) for one in self.tickets],
        )

    @property
    def ticket_hints(self) -> dict[str, str]:
        """Beside each kind of ticket: how, and how many places are left."""
        return {
            str(one.id): " · ".join(
                word for word in (PRESENCES[one.presence](), tell_left(one.left, self.facts)) if word
            )
            for one in self.tickets
        }

    @property
    def has_opened(self) -> bool:
        """Does the code open tickets?"""
        return bool(self.code.data) and self._opens

    @property
    def has_new_tickets(self) -> bool:
        """Does it open some that did not stand on the page that was sent?"""
        return self.has_opened and not self.typed.get("shown_code")

    def _build_members(self) -> list[MemberRow]:
        """As many rows as were sent, one more or less by the buttons; never more than a group may have."""
        sent = [number for number in range(self.most_members) if f"member-{number}-name" in self.typed]
        dropped = (self.typed.get("drop") or [""])[0]
        numbers = [number for number in sent if str(number) != dropped]
        rows = [self._build_row(place, number) for place, number in enumerate(numbers)]
        if self.typed.get("add") and len(rows) < self.most_members:
            rows.append(replace(self._build_row(len(rows), None), is_new=True))
        return rows

    @property
    def has_dropped(self) -> bool:
        """Was somebody just taken away?"""
        return "drop" in self.typed

    def _build_row(self, place: int, sent: int | None) -> MemberRow:
        name, email = (
            self.line(f"member-{sent}-name", ""),
            self.line(f"member-{sent}-email", "", kind="email"),
        )
        name.name, email.name = f"member-{place}-name", f"member-{place}-email"
        name.text = _("Full name of person %(number)d", number=place + 2)
        email.text = _("E-mail address of person %(number)d", number=place + 2)
        name.is_optional = email.is_optional = True
        return MemberRow(place, name, email)

    @property
    def most_members(self) -> int:
        return max(0, self.facts.largest_group - 1)

    def _check_size(self) -> None:
        if len(self.members) > self.most_members:
            self.members[-1].name.errors = [
                ngettext(
                    "You can register %(num)d person.",
                    "You can register %(num)d people at once, yourself included.",
                    self.facts.largest_group,
                )
            ]

    def _check_addresses(self) -> None:
        seen = {str(self.email.data).lower()} if self.email else set()
        for row in self.members:
            address = str(row.email.data).lower()
            if address and address in seen and not row.email.errors:
                row.email.errors = [_("Each person needs an address of their own, or leave it empty.")]
            seen.add(address)
