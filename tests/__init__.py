"""The tests of Primanota."""

import pytest

# A failed assertion of these helpers is to show its values, as one of a test does. Before they are imported.
pytest.register_assert_rewrite("tests.support.books.book_world", "tests.support.screens.command_line")
