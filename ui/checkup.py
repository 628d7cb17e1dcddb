"""What `bridgelens doctor` shows: each check, what was found, and what is left to do."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from ui.render import printable

if TYPE_CHECKING:
    from storage.finding import Finding

STYLES = {"ok": "green", "repaired": "yellow", "to do": "bold red"}


def findings_table(findings: "Iterable[Finding]") -> Table:
    """One row a finding; the advice under what was found."""
    table = Table.grid(padding=(0, 2))
    for _ in range(2):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        found = Text(printable(finding.found))
        if finding.advice:
            found.append(f"\n{printable(finding.advice)}", style="bold")
        table.add_row(Text(finding.state, style=STYLES[finding.state]), finding.check, found)
    return table


def verdict(findings: "Iterable[Finding]") -> Text:
    """One line: whether all is well, was repaired, or something is left to do."""
    states = [finding.state for finding in findings]
    if left := states.count("to do"):
        return Text(f"{left} left to do.", style="bold red")
    if repaired := states.count("repaired"):
        return Text(f"{repaired} repaired; all is well now.", style="yellow")
    return Text("All is well.", style="green")


def all_well(findings: "Iterable[Finding]") -> bool:
    """Whether nothing is left to do."""
    return all(finding.state != "to do" for finding in findings)


def finding_fields(finding: "Finding") -> dict[str, Any]:
    """One finding as JSON fields."""
    return asdict(finding)
