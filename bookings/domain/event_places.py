"""Where an event is, in words: the house, the street and the town."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bookings.domain.events import choose_text


@dataclass(frozen=True, kw_only=True)
class EventPlace:
    """The place of an event that people come to; all of it is empty where there is none."""

    venue: str = ""
    host: str = ""
    """The host and its site, where the event is at one."""
    address: str = ""
    town: Mapping[str, str] = field(default_factory=dict)
    """By language."""

    @property
    def house(self) -> str:
        """The venue, and the host whose house it is."""
        return join_house(self.venue, self.host)

    def list_lines(self, language: str) -> list[str]:
        """House, street and town; the town once only, however the others are written."""
        lines = [line for line in (self.house, self.address) if line]
        town = choose_text(self.town, language)
        is_told = not town or re.search(rf"\b{re.escape(town)}\b", ", ".join(lines), re.IGNORECASE)
        return lines if is_told else [*lines, town]

    def tell(self, language: str) -> str:
        """The same in one line."""
        return ", ".join(self.list_lines(language))


def join_house(venue: str, host: str) -> str:
    """A room of a host's site with the host; a venue that is called what the host is called is told once."""
    if not (venue and host):
        return venue or host
    return venue if host.casefold() in venue.casefold() else f"{venue}, {host}"
