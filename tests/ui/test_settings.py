"""Each choice comes from the first source that names it: flag, environment, file, default."""

from pathlib import Path

import pytest

from ui.errors import SettingsError
from ui.settings import Settings, access_token, default_library


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    file = tmp_path / "config.toml"
    file.write_text('library = "photos-library"\nmodel = "from-file"\ndevice = "cpu"\n', encoding="utf-8")
    return file


def test_defaults_when_nothing_is_said(tmp_path: Path) -> None:
    settings = Settings.load(environment={}, config_file=tmp_path / "absent.toml")
    assert settings == Settings(default_library(), model="mini", device="auto", model_chosen=False)


def test_file_beats_default_and_is_relative_to_itself(config_file: Path) -> None:
    settings = Settings.load(environment={}, config_file=config_file)
    assert settings == Settings(
        config_file.parent / "photos-library", model="from-file", device="cpu", model_chosen=False
    )


def test_environment_beats_file(config_file: Path, tmp_path: Path) -> None:
    environment = {"BRIDGELENS_LIBRARY": str(tmp_path / "env"), "BRIDGELENS_MODEL": "from-env"}
    settings = Settings.load(environment=environment, config_file=config_file)
    assert settings == Settings(library=tmp_path / "env", model="from-env", device="cpu")


def test_flag_beats_environment(config_file: Path, tmp_path: Path) -> None:
    settings = Settings.load(
        library=tmp_path / "flag",
        model="from-flag",
        device="cuda:1",
        environment={"BRIDGELENS_LIBRARY": "/env", "BRIDGELENS_MODEL": "env", "BRIDGELENS_DEVICE": "env"},
        config_file=config_file,
    )
    assert settings == Settings(library=tmp_path / "flag", model="from-flag", device="cuda:1")


def test_empty_variable_counts_as_unset(tmp_path: Path) -> None:
    settings = Settings.load(environment={"BRIDGELENS_MODEL": ""}, config_file=tmp_path / "absent.toml")
    assert settings.model == "mini"


def test_relative_flag_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings.load(library=Path("lib"), environment={}, config_file=tmp_path / "absent.toml")
    assert settings.library == tmp_path / "lib"


@pytest.mark.parametrize(
    ("text", "bytes_"), [("0", 0), ("500MB", 500_000_000), ("2.5 gb", 2_500_000_000), ("1024", 1024)]
)
def test_a_size_is_read_with_its_unit(text: str, bytes_: int, tmp_path: Path) -> None:
    settings = Settings.load(pixel_cache=text, environment={}, config_file=tmp_path / "absent.toml")
    assert settings.pixel_cache == bytes_


def test_what_is_no_size_is_refused(tmp_path: Path) -> None:
    variables = {"BRIDGELENS_PIXEL_CACHE": "much"}
    with pytest.raises(SettingsError, match="'much'; write it as 500MB or 10GB, or 0 for none"):
        Settings.load(environment=variables, config_file=tmp_path / "absent.toml")


def test_environment_round_trip(tmp_path: Path) -> None:
    settings = Settings(
        library=tmp_path / "lib", model="m", device="cpu", pixel_cache=10**9, precision="bfloat16"
    )
    again = Settings.load(environment=settings.as_environment(), config_file=tmp_path / "absent.toml")
    assert again == settings


def test_a_model_that_nobody_chose_is_not_handed_on_as_chosen(tmp_path: Path) -> None:
    settings = Settings(library=tmp_path / "lib", model="mini", device="cpu", model_chosen=False)
    assert settings.as_environment() == {
        "BRIDGELENS_LIBRARY": str(tmp_path / "lib"),
        "BRIDGELENS_DEVICE": "cpu",
        "BRIDGELENS_PIXEL_CACHE": "4000000000",
        "BRIDGELENS_PRECISION": "auto",
    }


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("library = ", "cannot be read as TOML"),
        ('colour = "red"', "unknown key 'colour'; it may set library, model, device"),
        ("model = 3", 'has model = 3; write it in quotes: model = "..."'),
    ],
)
def test_bad_file_is_named_with_its_fault(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        Settings.load(environment={}, config_file=file)
    assert str(file) in str(caught.value)
    assert complaint in str(caught.value)


def test_next_command_names_the_library_only_where_it_must(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    usual = Settings(library=default_library(), model="mini", device="auto")
    assert usual.command("failures") == "bridgelens failures"
    other = Settings(library=tmp_path / "my library", model="mini", device="auto")
    assert other.command("failures") == f"bridgelens failures --library '{tmp_path / 'my library'}'"


@pytest.mark.parametrize(
    ("flag", "environment", "token"),
    [("a", {"BRIDGELENS_TOKEN": "b"}, "a"), (None, {"BRIDGELENS_TOKEN": "b"}, "b"), (None, {}, None)],
)
def test_the_flag_wins_over_the_variable(
    flag: str | None, environment: dict[str, str], token: str | None
) -> None:
    assert access_token(flag, environment) == token
