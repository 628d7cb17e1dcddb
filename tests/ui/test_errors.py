"""ui's own refusals."""

from ui.errors import SettingsError, UiError


def test_one_base_catches_all() -> None:
    assert issubclass(SettingsError, UiError)
