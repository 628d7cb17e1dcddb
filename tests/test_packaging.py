"""The wheel holds the five packages with all their data, and runs from where it is unpacked."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {"model", "storage", "indexer", "search", "ui"}
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
METADATA = f"bridgelens-{VERSION}.dist-info"
MAKE_A_LIBRARY = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import storage.library
assert Path(storage.library.__file__).is_relative_to(sys.argv[1]), storage.library.__file__
with storage.library.Library.open(Path(sys.argv[2]), create=True, write=True) as library:
    sys.stdout.write(f"{library.status().photos} photos")
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def contents(wheel: Path) -> set[str]:
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_five_packages_and_the_metadata_and_nothing_else(contents: set[str]) -> None:
    assert {name.split("/")[0] for name in contents} == {*PACKAGES, METADATA}


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_every_file_of_a_package_is_in_it(contents: set[str], package: str) -> None:
    files = [
        path for path in (ROOT / package).rglob("*") if path.is_file() and "__pycache__" not in path.parts
    ]

    assert {path.relative_to(ROOT).as_posix() for path in files} <= contents


def test_the_migrations_are_in_it(contents: set[str]) -> None:
    assert {"storage/migrations/env.py", "storage/migrations/versions/0001_first_tables.py"} <= contents


@pytest.mark.skipif(not (ROOT / "model" / "mini").is_dir(), reason="model/mini has not been trained yet")
def test_mini_is_in_it_whole(contents: set[str]) -> None:
    needed = ("config.json", "model.safetensors", "tokenizer.json", "MODEL_CARD.md")

    assert {f"model/mini/{name}" for name in needed} <= contents


def test_the_command_and_the_licence_are_in_it(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        commands = archive.read(f"{METADATA}/entry_points.txt").decode()
        licence = archive.read(f"{METADATA}/licenses/LICENSE").decode()

    assert "bridgelens = ui.cli:main" in commands.splitlines()
    assert "Apache License" in licence


def test_a_library_can_be_made_from_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    unpacked = tmp_path / "unpacked"
    with ZipFile(wheel) as archive:
        archive.extractall(unpacked)

    command = [sys.executable, "-c", MAKE_A_LIBRARY, str(unpacked), str(tmp_path / "library")]
    made = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (made.stdout, made.returncode) == ("0 photos", 0), made.stderr
