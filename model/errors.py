"""What can go wrong with a model; `ui/` turns these into one line and exit code 2."""


class ModelError(Exception):
    """Base of this package's errors."""


class CheckpointNotFound(ModelError):
    """The name is no checkpoint folder, and no hub could be asked for it."""


class CheckpointInvalid(ModelError):
    """The folder is there, but something in it is not a BridgeTower checkpoint."""


class HeadMissing(ModelError):
    """The checkpoint has no trained weights for the head that is asked of it."""

    def __init__(self, checkpoint: str, head: str) -> None:
        with_head = "mini or large" if head == "contrastive" else "mini, base or large"
        super().__init__(f"checkpoint {checkpoint!r} has no trained {head} head; use --model {with_head}")


class DeviceUnavailable(ModelError):
    """The device asked for is not on this machine."""
