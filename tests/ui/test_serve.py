"""How the page is served: on this machine only, with Streamlit's protections on."""

import socket

import pytest
from streamlit import config

from ui.errors import UiError
from ui.serve import require_free, streamlit_options, url_of


def test_a_taken_port_is_refused_with_another_to_try() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UiError, match=f"port {port} cannot be used.*bridgelens web --port"):
            require_free(port)
    require_free(port)


def test_options_bind_to_this_machine_and_keep_protections() -> None:
    expected = {
        "server.address": "127.0.0.1",
        "server.port": 9000,
        "server.headless": True,
        "server.enableXsrfProtection": True,
        "server.enableCORS": True,
        "server.allowedHosts": ["127.0.0.1", "localhost", "127.0.0.1"],
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": False,
        "client.showErrorDetails": "none",
    }
    assert expected.items() <= streamlit_options(9000).items()


def test_streamlit_knows_every_option() -> None:
    assert streamlit_options(9000).keys() <= config.get_config_options().keys()


def test_a_host_that_is_none_is_refused() -> None:
    with pytest.raises(UiError, match=r"--host 300\.1\.1\.1: .*0\.0\.0\.0"):
        require_free(9000, "300.1.1.1")


def test_others_may_use_any_name_of_this_machine_and_protections_stay() -> None:
    expected = {
        "server.address": "0.0.0.0",
        "server.allowedHosts": [],
        "server.enableXsrfProtection": True,
        "server.enableCORS": True,
        "client.showErrorDetails": "none",
    }
    assert expected.items() <= streamlit_options(9000, "0.0.0.0").items()
    assert url_of("::1", 9000) == "http://[::1]:9000"
