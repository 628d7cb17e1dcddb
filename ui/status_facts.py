"""What a library holds, as facts for people and as fields for programs."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from ui.render import human_size, local_time, path_text

if TYPE_CHECKING:
    from storage.records import LibraryStatus, ModelRef


def status_facts(status: "LibraryStatus", folder: Path) -> list[tuple[str, str | Text]]:
    """What a library holds, for `facts_table`."""
    facts: list[tuple[str, str | Text]] = [
        ("library", path_text(str(folder))),
        ("photos", f"{status.photos:,} in {status.files:,} files, {human_size(status.size_bytes)} on disk"),
    ]
    if kept := status.thumbnail_bytes + status.pixel_bytes:
        sizes = f"{human_size(status.thumbnail_bytes)} thumbnails, {human_size(status.pixel_bytes)} pixels"
        facts.append(("of these", f"{human_size(kept)} that can be made again: {sizes}"))
    if status.missing_files:
        facts.append(("missing", f"{status.missing_files:,} files, left out of searches until they are back"))
    facts.append(
        ("failures", f"{status.failures:,}" + (", listed by bridgelens failures" if status.failures else ""))
    )
    facts += [("folder", path_text(root)) for root in status.roots]
    facts += [("model", _model_fact(status, ref, count)) for ref, count in status.models]
    if status.active_model is not None and status.active_model.fingerprint in status.index_kinds:
        facts.append(("index", status.index_kinds[status.active_model.fingerprint]))
    if status.last_run is not None:
        facts.append(
            ("last run", f"{status.last_run.status}, begun {local_time(status.last_run.started_at)}")
        )
    return facts


def _model_fact(status: "LibraryStatus", model: "ModelRef", count: int) -> str:
    """One model of a library: how much it has embedded, and whether searches use it."""
    fact = f"{model.name}: {count:,} photos embedded"
    if status.active_model is None:
        return fact
    same_name = sum(ref.name == model.name for ref, _ in status.models) > 1
    if same_name:
        fact += f" ({model.fingerprint})"
    return fact + (", active" if model.fingerprint == status.active_model.fingerprint else "")


def status_fields(status: "LibraryStatus", folder: Path) -> dict[str, Any]:
    """What a library holds, as JSON fields."""
    fields = asdict(status)
    kinds = fields.pop("index_kinds")
    fields["models"] = [
        {**asdict(ref), "embedded": count, "index": kinds.get(ref.fingerprint)}
        for ref, count in status.models
    ]
    return {"library": str(folder), **fields}
