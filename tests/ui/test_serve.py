"""How the page is served: on this machine only, with Streamlit's protections on."""

import socket

import pytest
from streamlit import config

from ui.errors import UiError
from ui.serve import require_free, streamlit_flags, url_of


def test_a_taken_port_is_refused_with_another_to_try() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UiError, match=f"port {port} cannot be used.*bridgelens web --port"):
            require_free(port)
    require_free(port)


def test_flags_bind_to_this_machine_and_keep_protections() -> None:
    flags = streamlit_flags(9000, browser=False)
    for expected in (
        "--server.address=127.0.0.1",
        "--server.port=9000",
        "--server.headless=true",
        "--server.enableXsrfProtection=true",
        "--server.enableCORS=true",
        "--server.allowedHosts=127.0.0.1",
        "--server.fileWatcherType=none",
        "--browser.gatherUsageStats=false",
        "--client.showErrorDetails=none",
    ):
        assert expected in flags
    assert "--server.headless=false" in streamlit_flags(9000, browser=True)


def test_streamlit_knows_every_flag() -> None:
    known = set(config.get_config_options())
    assert {flag.removeprefix("--").split("=")[0] for flag in streamlit_flags(9000, browser=True)} <= known


def test_a_host_that_is_none_is_refused() -> None:
    with pytest.raises(UiError, match=r"--host 300\.1\.1\.1: .*0\.0\.0\.0"):
        require_free(9000, "300.1.1.1")


def test_others_may_use_any_name_of_this_machine_and_protections_stay() -> None:
    flags = streamlit_flags(9000, browser=False, host="0.0.0.0")
    assert "--server.address=0.0.0.0" in flags
    assert not any(flag.startswith("--server.allowedHosts") for flag in flags)
    for expected in (
        "--server.enableXsrfProtection=true",
        "--server.enableCORS=true",
        "--client.showErrorDetails=none",
    ):
        assert expected in flags
    assert url_of("::1", 9000) == "http://[::1]:9000"
