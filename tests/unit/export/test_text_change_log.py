"""The changed texts of a file are kept on the disk, and read back as they were."""

from hypothesis import given
from hypothesis import strategies as st

from primanota.core.model import TextChange
from primanota.export.text_change_log import TextChangeLog
from tests.support.factories import quick

_TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)


@quick
@given(st.lists(st.builds(TextChange, _TEXTS, _TEXTS, _TEXTS, _TEXTS)), st.lists(st.integers(0, 5), max_size=3))
def test_a_log_has_the_changes_of_a_list(changes: list[TextChange], read_at: list[int]) -> None:
    """For any texts, with line breaks as well, and read at any moments: the same changes in the same order."""
    log = TextChangeLog()
    for number, change in enumerate(changes):
        if number in read_at:
            assert list(log) == changes[:number]
        log.append(change)
    assert len(log) == len(changes)
    assert [list(log), list(log)] == [changes, changes]
