"""Words for the codes of hosts and their offers."""

from bookings.domain.directory import HostsVisits
from bookings.domain.hosts import AskingWay, ExclusionKind
from bookings.domain.offers import PhotoPolicy, StepAccess
from bookings.i18n import lazy_gettext as _l

ASKING_WAYS = {
    AskingWay.MAIL.value: _l("By mail, after a coordinator has looked at it"),
    AskingWay.PHONE.value: _l("Call first, then the mail"),
    AskingWay.AUTOMATIC.value: _l("By mail at once, without a coordinator looking first"),
}
EXCLUSIONS = {
    ExclusionKind.COUNTRY.value: _l("Visitors from a country"),
    ExclusionKind.SECTOR.value: _l("A kind of visitors"),
    ExclusionKind.ORGANISATION.value: _l("One organisation"),
}
HOSTS_VISITS: dict[str, str] = {
    HostsVisits.YES: _l("Yes"),
    HostsVisits.NO: _l("No"),
    HostsVisits.UNKNOWN: _l("Nobody has asked yet"),
}
ORGANISATION_STATUSES: dict[str, str] = {
    "published": _l("Public"),
    "draft": _l("Draft"),
    "in_review": _l("In review"),
    "hidden": _l("Hidden"),
    "ended": _l("Ended"),
}
PHOTO_POLICIES = {
    PhotoPolicy.UNKNOWN.value: _l("Not known"),
    PhotoPolicy.FREE.value: _l("Photos are allowed"),
    PhotoPolicy.SOME.value: _l("Photos in some places only"),
    PhotoPolicy.NONE.value: _l("No photos"),
}
STEP_ACCESS = {
    StepAccess.UNKNOWN.value: _l("Not known"),
    StepAccess.STEP_FREE.value: _l("Without steps"),
    StepAccess.FEW_STEPS.value: _l("A few steps"),
    StepAccess.STAIRS.value: _l("Stairs"),
}
WEEKDAYS = {
    "1": _l("Mon"),
    "2": _l("Tue"),
    "3": _l("Wed"),
    "4": _l("Thu"),
    "5": _l("Fri"),
    "6": _l("Sat"),
    "7": _l("Sun"),
}
CHANGES = {
    "host.confirmed": _l("Said that all is still right"),
    "host.site_added": _l("Added a site"),
    "host.site_changed": _l("Changed a site"),
    "host.offer_added": _l("Added an offer"),
    "host.offer_changed": _l("Changed an offer"),
    "host.offer_hidden": _l("Hid an offer"),
    "host.offer_offered": _l("Showed an offer again"),
    "host.contact_added": _l("Added a contact"),
    "host.contact_changed": _l("Changed a contact"),
    "host.contact_ended": _l("Took a contact off"),
    "host.terms_changed": _l("Changed how it is asked"),
    "host.blackout_added": _l("Added closed days"),
    "host.blackout_removed": _l("Took closed days off"),
    "host.exclusion_added": _l("Added visitors who are not received"),
    "host.exclusion_removed": _l("Receives visitors again who were not received"),
}
