"""Which heading of `bridgelens --help` each command stands under, in the order a newcomer needs them."""

import typer

PANELS = {
    "Start here": ("index", "search", "web"),
    "Look closer": ("list", "info", "explain", "score", "fill", "export"),
    "Tags": ("tag", "tags"),
    "Keep the library current": ("status", "watch", "failures", "duplicates", "prune"),
    "Keep the library safe": ("doctor", "backup", "restore"),
    "Models": ("reindex", "rollback", "evaluate", "calibrate"),
    "For other programs": ("serve", "mcp"),
}


def arrange(app: typer.Typer) -> None:
    """Put every command that was added to `app` under its heading.

    Raises:
        ValueError: A command is under no heading.
    """
    heading_of = {name: heading for heading, names in PANELS.items() for name in names}
    order = list(heading_of)
    for command in app.registered_commands:
        command.rich_help_panel = heading_of.get(name_of(command))
        if command.rich_help_panel is None:
            raise ValueError(f"ui/help_panels.py: expected a heading for {name_of(command)}, found none")
    app.registered_commands.sort(key=lambda command: order.index(name_of(command)))


def name_of(command: typer.models.CommandInfo) -> str:
    """What is typed to run it."""
    return str(command.name or getattr(command.callback, "__name__", ""))
