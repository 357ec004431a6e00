"""What is known of hosts, kept by staff and by the hosts themselves: one use case for both doors."""

from bookings.services.hosts.confirming import ask_hosts_to_confirm, confirm_host, send_host_page
from bookings.services.hosts.contacts import add_contact, change_contact, end_contact
from bookings.services.hosts.doors import Door, HostDoor, StaffDoor
from bookings.services.hosts.examples import load_example_offers
from bookings.services.hosts.offers import add_offer, change_offer, set_offer_status
from bookings.services.hosts.organisations import (
    add_exclusion,
    change_organisation,
    change_terms,
    remove_exclusion,
)
from bookings.services.hosts.sites import (
    BlackoutPlan,
    ClosurePlan,
    add_blackout,
    add_closure,
    add_site,
    change_site,
    remove_blackout,
    remove_closure,
)

__all__ = [
    "BlackoutPlan",
    "ClosurePlan",
    "Door",
    "HostDoor",
    "StaffDoor",
    "add_blackout",
    "add_closure",
    "add_contact",
    "add_exclusion",
    "add_offer",
    "add_site",
    "ask_hosts_to_confirm",
    "change_contact",
    "change_offer",
    "change_organisation",
    "change_site",
    "change_terms",
    "confirm_host",
    "end_contact",
    "load_example_offers",
    "remove_blackout",
    "remove_closure",
    "remove_exclusion",
    "send_host_page",
    "set_offer_status",
]
