"""The commands `serve` and `mcp`: the library for other programs, over HTTP and for assistants."""

import threading
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from storage.errors import LibraryNotFound
from ui import flags
from ui.flags import examples
from ui.settings import Settings, access_token
from ui.terminal import err, warn

if TYPE_CHECKING:
    from ui.api.access import Access
    from ui.service import Service

Host = Annotated[
    str,
    typer.Option(
        "--host", metavar="ADDRESS", help="Address to listen on; one that others can reach needs --token."
    ),
]
Port = Annotated[int, typer.Option("--port", min=1, max=65535, metavar="N", help="Port to listen on.")]
Token = Annotated[
    str | None,
    typer.Option(
        "--token",
        metavar="TEXT",
        help="What clients must send; better in BRIDGELENS_TOKEN, as others see flags.",
    ),
]
AllowOrigin = Annotated[
    list[str] | None,
    typer.Option("--allow-origin", metavar="URL", help="A web site whose pages may ask. Repeatable."),
]


def add_commands(app: typer.Typer) -> None:
    """Make them a part of the command line."""
    app.command(
        epilog=examples(
            "bridgelens serve",
            'curl "http://127.0.0.1:8502/search?caption=two+dogs+on+a+beach&k=3"',
            "BRIDGELENS_TOKEN=$(openssl rand -hex 32) bridgelens serve --host 0.0.0.0",
        )
    )(serve)
    app.command(epilog=examples("claude mcp add bridgelens -- bridgelens mcp"))(mcp)


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8502,
    token: Token = None,
    allow_origin: AllowOrigin = None,
    library: flags.Library = None,
    model: flags.Model = None,
    device: flags.Device = None,
) -> None:
    """Answer searches of other programs over HTTP; its page /docs says how to ask.

    Only this machine can reach it, unless --host says otherwise. Ctrl-C ends it.
    """
    from ui.api.access import Access
    from ui.serve import require_free
    from ui.service import Service

    access = Access.checked(host, access_token(token), allow_origin or [])
    require_free(port, host, "serve")
    with Service(Settings.load(library=library, model=model, device=device)) as service:
        try:
            service.engine()
        except LibraryNotFound as missing:
            warn(str(missing))  # it may be made while the server runs; until then every request says so
        listen(service, access, port)


def mcp(library: flags.Library = None, model: flags.Model = None, device: flags.Device = None) -> None:
    """Let an assistant search: a server of the Model Context Protocol on stdin and stdout.

    The assistant starts this command itself; see docs/api.md. Photos that it
    looks at go to whoever runs its model.
    """
    from ui.mcp_server import create_server
    from ui.service import Service

    with Service(Settings.load(library=library, model=model, device=device)) as service:
        # Assistants wait only some seconds for a server to come up, and a model may take longer.
        threading.Thread(target=service.load, daemon=True).start()
        create_server(service).run("stdio")


def listen(service: "Service", access: "Access", port: int) -> None:
    """Serve the API until Ctrl-C."""
    import uvicorn

    from ui.api.app import create_app

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            service.end()  # a search or a stream under way would hold it up
            super().handle_exit(sig, frame)

    shown = f"[{access.host}]" if ":" in access.host else access.host
    whom = "for this machine only" if access.token is None else "for whoever has the token"
    line = f"bridgelens answers at http://{shown}:{port}, {whom}; /docs describes how to ask. Ctrl-C ends it."
    config = uvicorn.Config(
        create_app(service, access), host=access.host, port=port, log_level="warning", access_log=False,
        server_header=False, timeout_graceful_shutdown=10,
    )  # fmt: skip
    err.print(Text(line), soft_wrap=True)
    try:
        Server(config).run()
    except KeyboardInterrupt:
        pass  # uvicorn has ended cleanly, and raises the signal again for others
