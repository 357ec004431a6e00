"""What most use cases of visits begin with."""

import pytest

from tests.support.builders import a_directory, a_visit


@pytest.fixture
def reference(app_context) -> str:
    """The reference of a proved request, in a directory with hosts."""
    a_directory()
    return a_visit().reference
