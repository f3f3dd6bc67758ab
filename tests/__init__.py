"""The tests of Primanota."""

import pytest

# A failed assertion of a helper is to show its values, as one of a test does. Before any helper is imported.
pytest.register_assert_rewrite("tests.support")
