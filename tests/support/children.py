"""How much the children of this process took."""

import resource

KIBIBYTES = 512 * 1024
"""What a parser's child may take."""


def largest_child() -> int:
    """Peak memory in KiB of the largest child that has ended. Browsers of other tests are children, too: only
    what grew since an earlier look says anything about a test."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


def stayed_small(before: int) -> bool:
    """Did no child since then take more than it may?"""
    return largest_child() in range(max(KIBIBYTES, before) + 1)
