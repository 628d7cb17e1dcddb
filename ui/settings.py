"""Which library, which model, which device: flags, then environment, then configuration file, then defaults.

This is the only place that reads `BRIDGELENS_*` variables or the configuration file.
"""

import os
import re
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from model.checkpoint import DEFAULT
from storage.bounds import PIXEL_BYTES
from ui.errors import SettingsError

APPLICATION = "bridgelens"
PASSWORD = "BRIDGELENS_PASSWORD"
KEYS = ("library", "model", "device", "pixel_cache")
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}


@dataclass(frozen=True)
class Settings:
    """The choices every command shares.

    Attributes:
        library: folder of the library, absolute.
        model: what `BridgeTower.load` takes: a short name such as "mini", a hub name or a folder.
        device: "auto", "cpu", "cuda" or "cuda:N", as `BridgeTower.load` takes it.
        model_chosen: whether a flag or a variable names the model; if not, a library that has photos is
            used with its own, and `model` is for a new one.
        pixel_cache: bytes on the disk that photos as a model takes them may occupy; 0 keeps none.
    """

    library: Path
    model: str
    device: str
    model_chosen: bool = True
    pixel_cache: int = PIXEL_BYTES

    @classmethod
    def load(
        cls,
        *,
        library: Path | None = None,
        model: str | None = None,
        device: str | None = None,
        pixel_cache: str | None = None,
        environment: Mapping[str, str] | None = None,
        config_file: Path | None = None,
    ) -> "Settings":
        """Settle each choice by the first source that names it.

        Args:
            library: the `--library` flag, None when it was not given.
            model: the `--model` flag, None when it was not given.
            device: the `--device` flag, None when it was not given.
            pixel_cache: the `--pixel-cache` flag, such as "10GB", None when it was not given.
            environment: variables to read; None reads the real ones.
            config_file: TOML file to read; None reads the user's own, which need not exist.

        Raises:
            SettingsError: the configuration file is not TOML, or has an unknown key or a value not in quotes;
                or a size is none.
        """
        variables = os.environ if environment is None else environment
        file = config_file or default_config_file()
        config = _read_config(file)

        def pick(key: str, flag: str | None, default: str) -> str:
            return flag or variables.get(f"BRIDGELENS_{key.upper()}") or config.get(key) or default

        typed_library = str(library) if library is not None else None
        if "library" in config:
            # A relative folder in a file means one place, wherever the command is run.
            config["library"] = str(file.parent / Path(config["library"]).expanduser())
        folder = Path(pick("library", typed_library, str(default_library()))).expanduser()
        return cls(
            library=Path(os.path.abspath(folder)),
            model=pick("model", model, DEFAULT),
            device=pick("device", device, "auto"),
            model_chosen=bool(model or variables.get("BRIDGELENS_MODEL")),
            pixel_cache=byte_count(pick("pixel_cache", pixel_cache, str(PIXEL_BYTES))),
        )

    def command(self, name: str) -> str:
        """What to type for another command on this library: the flag is named only where it is needed."""
        if self.library == Settings.load(environment={}).library:
            return f"bridgelens {name}"
        return f"bridgelens {name} --library {shlex.quote(str(self.library))}"

    def as_environment(self) -> dict[str, str]:
        """The same choices as variables, to hand to the web page, which has no flags of its own."""
        chosen = [key for key in KEYS if key != "model" or self.model_chosen]
        return {f"BRIDGELENS_{key.upper()}": str(getattr(self, key)) for key in chosen}


def password(environment: Mapping[str, str] | None = None) -> str | None:
    """What visitors of the web page have to know; None where it is not set. It stands in no file of ours."""
    return (os.environ if environment is None else environment).get(PASSWORD) or None


def byte_count(text: str) -> int:
    """A size such as `500MB`, `2.5 GB` or `0` in bytes; a kB has 1,000.

    Raises:
        SettingsError: it is not one.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)b?", text.strip().lower())
    if found is None:
        raise SettingsError(f"the pixel cache's size is {text!r}; write it as 500MB or 10GB, or 0 for none.")
    return int(float(found[1]) * _UNITS[found[2]])


def default_config_file() -> Path:
    """The user's `config.toml`, in the place the operating system keeps such files."""
    return platformdirs.user_config_path(APPLICATION, appauthor=False) / "config.toml"


def default_library() -> Path:
    """The library used when nothing names one, in the place the operating system keeps a user's data."""
    return platformdirs.user_data_path(APPLICATION, appauthor=False) / "library"


def _read_config(file: Path) -> dict[str, str]:
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file} cannot be read as TOML: {error}. Mend it or move it away.") from error
    for key, value in values.items():
        if key not in KEYS:
            raise SettingsError(f"{file} has the unknown key {key!r}; it may set {', '.join(KEYS)}.")
        if not isinstance(value, str):
            raise SettingsError(f'{file} has {key} = {value!r}; write it in quotes: {key} = "...".')
    return values
