import inspect

from storage import errors


def test_every_error_is_a_storage_error() -> None:
    classes = [one for _, one in inspect.getmembers(errors, inspect.isclass)]
    assert len(classes) == 15
    assert all(issubclass(one, errors.StorageError) for one in classes)
