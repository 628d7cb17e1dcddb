"""How the examples in `--help` are laid out."""

from ui.flags import examples


def test_examples_one_a_line() -> None:
    assert (
        examples("bridgelens web", "bridgelens status")
        == "[bold]Examples[/]\nbridgelens web\nbridgelens status"
    )
