import dataclasses
import inspect

import pytest

from storage import records
from storage.records import FileState


def test_records_are_frozen_and_slotted() -> None:
    classes = [one for _, one in inspect.getmembers(records, dataclasses.is_dataclass)]
    assert len(classes) == 12
    assert all(hasattr(one, "__slots__") for one in classes)


def test_a_record_cannot_be_changed() -> None:
    state = FileState("/photos/a.jpg", 3, 5)
    with pytest.raises(dataclasses.FrozenInstanceError):
        state.size = 4  # type: ignore[misc]
