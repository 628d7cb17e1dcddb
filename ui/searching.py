"""The command `search`: from what was typed to a `Query`, and its results to the terminal or to a pipe."""

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from storage.filters import Filter
from ui import asking, compose, flags, render
from ui.errors import UiError
from ui.filtering import chosen_first, refuse_unknown_folders, with_filter
from ui.flags import examples
from ui.settings import Settings
from ui.terminal import echo_lines, err, load_model, out, warn

if TYPE_CHECKING:
    from search.query import Match, Results

NOT_PRINTED = "No path is printed; to see the nearest photos, leave --paths and -0 out."


def add_commands(app: typer.Typer) -> None:
    """Make it a part of the command line."""
    app.command(
        epilog=examples(
            'bridgelens search "a child on a swing" -k 20',
            'bridgelens search "a dog" --and "a red ball" --and "0.5*grass" --not "snow"',
            'bridgelens search --like cat.jpg "on a sofa" --budget 500ms',
            'bridgelens search "sunset over the sea" --after 2023-06 --place italy',
            'bridgelens search "sunset over the sea" --json | jq .path',
            'bridgelens search "our cat asleep" --paths -0 | xargs -0 -I{} cp {} ~/cats',
        )
    )(with_filter(search))


def search(
    caption: flags.Caption = "",
    also: flags.And = None,
    unwanted: flags.Not = None,
    like: flags.Like = None,
    top: flags.Top = 10,
    shortlist: flags.Shortlist = 100,
    budget: flags.Budget = None,
    no_rerank: flags.NoRerank = False,
    fast: flags.Fast = False,
    unfold: flags.Unfold = False,
    open_best: flags.Open = False,
    library: flags.Library = None,
    model: flags.Model = None,
    device: flags.Device = None,
    pixel_cache: flags.PixelCache = None,
    as_json: flags.JsonLines = False,
    paths: flags.MatchPaths = False,
    null: flags.Null = False,
    wanted: Filter | None = None,
) -> None:
    """Find the photos that a caption describes, best first.

    "match" is how likely the photo is what the caption means; headed "ITM", it
    is the model's own figure, where its checkpoint has no calibration.
    "similarity" is the cosine of their embeddings, which draws the shortlist.
    "id" in --json is the photo's own: bridgelens serve and web know it by that.
    """
    from search.query import Query, check

    if as_json and (paths or null):
        raise UiError("--json and --paths exclude each other; give one of them.")
    query = Query(
        caption, k=top, shortlist=shortlist, rerank=not no_rerank, also=asking.weighted(also or []),
        unwanted=tuple(unwanted or []), like=asking.photo_path(like), budget=asking.seconds(budget),
        fold=not unfold, fast=fast, filter=wanted,
    )  # fmt: skip
    check(query)  # before the model is loaded
    settings = Settings.load(library=library, model=model, device=device, pixel_cache=pixel_cache)
    with compose.open_library(settings) as opened:
        refuse_unknown_folders(wanted, opened.roots(), settings.command("index FOLDER"))
        if query.like is not None and opened.photo_at(str(query.like)) is None:
            compose.load_photo(str(query.like))  # refused, if it is none, before the model is loaded
        model_loaded = load_model(compose.with_its_model(settings, opened))
        results = in_its_folders(compose.open_engine(opened, model_loaded).search(query))
    if results.truncated_caption:
        warn("the caption is longer than the model reads; its end was left out.")
    only_paths = paths or null
    for note in render.notes(results, NOT_PRINTED if only_paths else render.NEAREST):
        err.print(note, soft_wrap=True)
    if as_json:
        echo_lines(render.as_json(render.match_fields(match, results)) for match in results.matches)
    elif only_paths:
        end = b"\0" if null else b"\n"
        typer.echo(b"".join(os.fsencode(path) + end for path in matching(results)), nl=False)
    else:
        out.print(render.matches_table(results))
    if open_best:
        show_best(results)
    if only_paths and not matching(results):
        raise typer.Exit(1)  # as grep


def matching(results: "Results") -> list[str]:
    """The paths to hand to another program, which could not be told that the nearest photos do not match."""
    return [] if results.nothing_matches else [match.path for match in results.matches]


def in_its_folders(results: "Results") -> "Results":
    """Results that show each photo where the filter asks for it, and its copies elsewhere after that."""

    def moved(match: "Match") -> "Match":
        path, *copies = chosen_first((match.path, *match.copies), results.query.filter)
        return replace(match, path=path, copies=tuple(copies))

    return replace(results, matches=tuple(map(moved, results.matches)))


def show_best(results: "Results") -> None:
    """Open the best photo with the viewer of this system; say so where none matches or can be opened."""
    if not results.matches:
        warn("there is no photo to open.")
    elif results.nothing_matches:
        warn("nothing here matches, so no photo was opened; to see the nearest, open those listed by hand.")
    elif typer.launch(results.matches[0].path) != 0:
        warn(f"no viewer opened {results.matches[0].path}; open it by hand.")
