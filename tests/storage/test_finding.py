from storage.finding import REPAIR, Finding, mended


def test_a_fault_is_repaired_or_says_which_command_repairs_it() -> None:
    assert mended("runs", "2 stale", repaired=True) == Finding("runs", "repaired", "2 stale", "")
    assert mended("runs", "2 stale", repaired=False) == Finding("runs", "to do", "2 stale", REPAIR)
