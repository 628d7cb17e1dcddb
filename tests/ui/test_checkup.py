from rich.console import Console

from storage.finding import Finding
from ui.checkup import all_well, finding_fields, findings_table, verdict

OK = Finding("paths", "ok", "every file has one place")
REPAIRED = Finding("runs", "repaired", "1 noted as running")
LEFT = Finding("coverage", "to do", "2 photos in /a\x1b are not embedded", "run `bridgelens index FOLDER`")


def test_the_verdict_names_the_worst() -> None:
    assert (verdict([OK]).plain, all_well([OK])) == ("All is well.", True)
    assert (verdict([OK, REPAIRED]).plain, all_well([OK, REPAIRED])) == ("1 repaired; all is well now.", True)
    assert (verdict([LEFT, OK, REPAIRED]).plain, all_well([LEFT, OK])) == ("1 left to do.", False)


def test_advice_stands_under_what_was_found() -> None:
    console = Console(width=80, record=True, quiet=False, file=None)
    with console.capture() as captured:
        console.print(findings_table([OK, LEFT]))
    lines = [" ".join(line.split()) for line in captured.get().splitlines()]
    assert lines == [
        "ok paths every file has one place",
        r"to do coverage 2 photos in /a\x1b are not embedded",
        "run `bridgelens index FOLDER`",
    ]


def test_fields() -> None:
    assert finding_fields(OK) == {
        "check": "paths", "state": "ok", "found": "every file has one place", "advice": "",
    }  # fmt: skip
