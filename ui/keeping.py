"""The commands that keep a library safe: `doctor`, `backup` and `restore`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress
from rich.text import Text

from ui import flags, render
from ui.flags import examples
from ui.settings import Settings
from ui.terminal import echo_lines, err, out

BackupFile = Annotated[Path, typer.Argument(metavar="FILE", help="The backup to write, outside the library.")]
RestoreFile = Annotated[Path, typer.Argument(metavar="FILE", help="A backup of a library.")]
LookOnly = Annotated[bool, typer.Option("--dry-run", help="Only check; repair nothing.")]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there already.")]


def add_commands(app: typer.Typer) -> None:
    """Make them a part of the command line."""
    app.command(epilog=examples("bridgelens doctor", "bridgelens doctor --dry-run --json"))(doctor)
    app.command(
        epilog=examples(
            "bridgelens backup /media/disk/photos.sqlite", "bridgelens backup daily.sqlite --force"
        )
    )(backup)
    app.command(
        epilog=examples(
            "bridgelens restore /media/disk/photos.sqlite",
            "bridgelens restore photos.sqlite --library ~/new-library",
        )
    )(restore)


def doctor(
    library: flags.Library = None, dry_run: LookOnly = False, as_json: flags.JsonLines = False
) -> None:
    """Check that the library is whole and consistent, and repair what can be.

    Exit code 0: all is well, or was repaired; 1: something is left to do,
    and the output says what. Photos are never touched.
    """
    from storage.checkup import check_up
    from ui.checkup import all_well, finding_fields, findings_table, verdict

    settings = Settings.load(library=library)
    with err.status("Checking the library"):
        findings = list(check_up(settings.library, repair=not dry_run))
    if as_json:
        echo_lines(render.as_json(finding_fields(finding)) for finding in findings)
    else:
        out.print(findings_table(findings))
        out.print(verdict(findings))
    if not all_well(findings):
        raise typer.Exit(1)


def backup(
    file: BackupFile, force: Force = False, library: flags.Library = None, as_json: flags.Json = False
) -> None:
    """Write the whole library to one file; it may be in use meanwhile.

    It holds the photos' embeddings and all that is known of them, not the
    photos themselves. `bridgelens restore` brings it back.
    """
    from storage.backup import back_up

    settings = Settings.load(library=library)
    with Progress(console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("Copying", total=None)
        done = back_up(
            settings.library,
            file.expanduser(),
            force=force,
            on_progress=lambda pages, total: bar.update(task, completed=pages, total=total),
        )
    if as_json:
        fields = {"path": str(done.path), "photos": done.photos, "size_bytes": done.size_bytes}
        typer.echo(render.as_json(fields))
        return
    size = render.human_size(done.size_bytes)
    text = Text(f"Backed up {done.photos:,} photos to ").append_text(render.path_text(str(done.path)))
    out.print(text.append(f", {size}, checked and whole."), soft_wrap=True)


def restore(
    file: RestoreFile,
    wait: flags.Wait = False,
    library: flags.Library = None,
    as_json: flags.Json = False,
) -> None:
    """Bring the library back from a backup; what it replaces is kept.

    A --library folder that is new or empty becomes a library. The catalog
    that was there stays beside it as catalog-before-restore-TIME.sqlite.
    """
    from storage.restore import restore as bring_back
    from ui.waiting import when_free

    settings = Settings.load(library=library)
    with err.status("Restoring"):
        done = when_free(lambda: bring_back(settings.library, file.expanduser()), err, wait)
    kept = None if done.kept is None else str(done.kept)
    if as_json:
        typer.echo(render.as_json({"library": str(settings.library), "photos": done.photos, "kept": kept}))
        return
    out.print(Text(f"Restored {done.photos:,} photos."))
    if kept is not None:
        text = Text("What was there before is kept: ").append_text(render.path_text(kept))
        out.print(text.append("\nIt can be restored in the same way, or deleted."), soft_wrap=True)
    out.print(Text(f"What has changed on the disk since: {settings.command('index FOLDER')}"), soft_wrap=True)
