"""The terminal: results to stdout, everything said about them to stderr."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import typer
from rich.console import Console
from rich.text import Text

from indexer.errors import IndexerError
from model.errors import ModelError
from search.errors import SearchError
from storage.errors import StorageError
from ui import compose
from ui.errors import UiError
from ui.render import printable
from ui.settings import Settings

if TYPE_CHECKING:
    from model.bridgetower import BridgeTower

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


@contextmanager
def refusals_on_one_line() -> Iterator[None]:
    """Inside, what the layers below refuse becomes one line on stderr and exit code 2, no stack trace."""
    try:
        yield
    except (UiError, ModelError, StorageError, IndexerError, SearchError) as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))


def fail(message: str) -> NoReturn:
    """Print an error as one line and exit with code 2."""
    _say("error", "bold red", message)
    sys.exit(2)


def warn(message: str) -> None:
    """Print a warning as one line."""
    _say("warning", "yellow", message)


def echo_lines(lines: Iterable[str]) -> None:
    """Print plain lines to stdout, neither wrapped nor coloured: they are for programs."""
    for line in lines:
        typer.echo(line)


def load_model(settings: Settings) -> "BridgeTower":
    """Load the model behind a spinner, and print what it has to say about itself."""
    with err.status(Text(f"Loading {printable(settings.model)}")):
        model = compose.load_model(settings)
    if model.notice:
        err.print(Text(model.notice, style="dim"), soft_wrap=True)
    return model


def _say(kind: str, style: str, message: str) -> None:
    line = printable(" ".join(message.split()))
    err.print(Text.assemble((f"{kind}: ", style), line), soft_wrap=True)
