"""Groups: parts of a delegation that go separate ways. No number means the whole delegation."""

from bookings.domain.errors import GroupNotUsableError

WHOLE = None
MOST_GROUPS = 6


def meets(one: int | None, other: int | None) -> bool:
    """Are some people in both? The whole delegation meets each of its groups."""
    return one == other or one is None or other is None


def count_people(size: int, groups: int, number: int | None) -> int:
    """The people of a group: as many in each as there can be, and the first ones take who is left over."""
    if number is None:
        return size
    least, over = divmod(size, groups)
    return least + (number <= over)


def list_tracks(numbers: set[int | None]) -> list[int | None]:
    """The groups that go separate ways, up to the last one that has a stop; just the whole where none has."""
    last = max((number for number in numbers if number is not None), default=0)
    return [*range(1, last + 1)] or [WHOLE]


def check_group(number: int | None, groups: int) -> None:
    """Raises GroupNotUsableError."""
    if number is not None and not (groups > 1 and 1 <= number <= groups):
        raise GroupNotUsableError(number, groups)
