"""What a page points to within itself: labels, hints, errors, links to a place of the page."""

from collections import Counter
from html.parser import HTMLParser

_POINTERS = ("for", "aria-describedby", "aria-labelledby", "aria-controls", "list", "form", "headers")


def list_wrong_references(page: str) -> list[str]:
    """Ids that stand twice, and what leads to one that is not there. No fault in a page: an empty list."""
    found = _References()
    found.feed(page)
    twice = [f"{count} times id={name}" for name, count in found.ids.items() if count > 1]
    # What is wrong with a hidden field reads only who changes a page by hand: there is no place to lead to.
    return twice + [what for name, what in found.wanted.items() if name not in {*found.ids, *found.hidden}]


class _References(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.hidden: set[str] = set()
        self.wanted: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if "id" in found:
            self.ids[found["id"]] += 1
        if found.get("type") == "hidden":
            self.hidden.add(found.get("name", ""))
        for pointer in _POINTERS:
            for target in found.get(pointer, "").split():
                self.wanted[target] = f"{tag} {pointer}={target}"
        if tag == "a" and found.get("href", "").startswith("#") and len(found["href"]) > 1:
            self.wanted[found["href"][1:]] = f"a href={found['href']}"
