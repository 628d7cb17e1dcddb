"""The stages in order, each kept in the work folder when it is done, so that a stopped run goes on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import AutoModel, BertTokenizer

from training import contrastive, fusion, mini, teacher, vision
from training.alignment import start_matching
from training.dev_blanks import DevBlanks
from training.dev_shortlist import DevShortlist
from training.export import export
from training.heads import recall_at_k, train_heads
from training.joint_inputs import joint_inputs
from training.joint_stage import learn_jointly, weights_between
from training.journal import Journal
from training.loop import StagePlan, run_stage, save_whole
from training.mini import Mini
from training.parts import HEAD_PARTS, LATE_STEM, TEXT_PARTS, TOWER_PARTS, VISION_PARTS, only
from training.photos import load_split
from training.prefetch import Prefetch
from training.typical_captions import typical_captions
from training.views import make_views

VOCABULARY = 16_000


@dataclass(frozen=True)
class Recipe:
    """What to train on, where to keep state, and how long each stage is, in optimiser steps."""

    data: Path
    work: Path
    views: int = 6
    teacher_epochs: int = 10
    vision_steps: int = 120
    contrastive_steps: int = 330
    blank_steps: int = 400
    matching_steps: int = 720
    joint_steps: int = 1400
    joint_share: float = 0.75
    fusion_views: int = 2
    photos_a_step: int = 128
    blanks_a_step: int = 48
    kept_patches: int = 25
    seed: int = 0
    device: str = "cpu"


@dataclass(frozen=True)
class Targets:
    """What the teacher says: embeddings of photos (views, n, 256), captions (m, 256) and dev's."""

    photos: Tensor
    captions: Tensor
    dev_captions: Tensor


class Training:
    """One run of a recipe: data, features, student and the journal they write to."""

    def __init__(self, recipe: Recipe) -> None:
        recipe.work.mkdir(parents=True, exist_ok=True)
        self.recipe, self.journal = recipe, Journal(recipe.work / "journal.jsonl")
        self.train = load_split(recipe.data, "train", recipe.work)
        self.dev = load_split(recipe.data, "dev", recipe.work)
        torch.manual_seed(recipe.seed)
        folder = teacher.caption_teacher_folder()
        vocabulary = mini.choose_vocabulary(self.train.captions, folder, VOCABULARY)
        self.tokenizer: BertTokenizer = mini.make_tokenizer(vocabulary)
        self.mini = Mini(mini.mini_config(len(vocabulary))).eval()
        mini.start_from_caption_teacher(self.mini, vocabulary, AutoModel.from_pretrained(folder))
        mini.start_from_photo_teacher(self.mini, teacher.load_photo_teacher())
        self.mini.stem.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.features, self.dev_features = self.look()
        mini.start_vision_tower(self.mini, *vision.principal_axes(self.mini, self.features[0]))

    def look(self) -> tuple[list[NDArray[np.float16]], NDArray[np.float16]]:
        """What the stem's frozen part makes of every view of train, and of dev as it is."""
        recipe, work, stem = self.recipe, self.recipe.work, self.mini.stem
        views = make_views(len(self.train.names), recipe.views, recipe.seed)
        dev_views = make_views(len(self.dev.names), 1, recipe.seed)
        train = [
            teacher.photo_features(
                stem, self.train, views, view, work / f"train_early_{view}.npy", self.journal
            )
            for view in range(recipe.views)
        ]
        dev = teacher.photo_features(stem, self.dev, dev_views, 0, work / "dev_early_0.npy", self.journal)
        return train, dev

    def teach(self) -> Targets:
        """Stage 0: two small heads make the teachers' features one joint space, which says what to aim at."""
        work, kept = self.recipe.work, self.recipe.work / "targets.pt"
        if not kept.exists():
            sentences, dev_sentences = (
                torch.from_numpy(
                    np.array(teacher.caption_features(split.captions, work / f"{name}_sentences.npy"))
                )
                for name, split in (("train", self.train), ("dev", self.dev))
            )
            pooled = [teacher.pool(self.mini.stem, features) for features in self.features]
            dev = (teacher.pool(self.mini.stem, self.dev_features), dev_sentences, self.dev.photo_of_caption)
            heads = train_heads(
                pooled, sentences, self.train.photo_of_caption, dev, mini.DIM,
                self.recipe.teacher_epochs, self.recipe.seed, self.journal,
            )  # fmt: skip
            with torch.inference_mode():
                photos = torch.stack([heads.embed_photos(each) for each in pooled])
                said = {"photos": photos, "captions": heads.embed_captions(sentences)}
                save_whole({**said, "dev_captions": heads.embed_captions(dev_sentences)}, kept)
        return Targets(**torch.load(kept, weights_only=True))

    def learn_vision(self, targets: Targets) -> None:
        """Stage 1: the vision tower, against the teacher's photos and captions."""
        recipe, student = self.recipe, self.mini
        learning = only(student, VISION_PARTS)
        optimiser = torch.optim.AdamW(learning, lr=5e-4, weight_decay=0.05, betas=(0.9, 0.98), fused=True)
        batches = Prefetch(lambda step: vision.draw_features(self.features, recipe.photos_a_step, step))

        def loss_at(step: int) -> Tensor:
            views, rows, maps = batches(step)
            own = contrastive.draw_captions(self.train.photo_of_caption, rows.numpy(), step)
            taught, captions = targets.photos[views, rows], targets.captions
            described = captions[torch.from_numpy(own)]
            return vision.vision_loss(student, maps, taught, captions, described, recipe.kept_patches)

        def evaluate(module: nn.Module) -> dict[str, float]:
            photos = vision.embed_photos(module, self.dev_features)  # type: ignore[arg-type]
            return recall_at_k(targets.dev_captions, photos, self.dev.photo_of_caption)

        plan = StagePlan("vision", recipe.vision_steps, evaluate_every=50, average=0.98)
        run_stage(plan, student, optimiser, loss_at, evaluate, recipe.work, self.journal)

    def learn_pairs(self, targets: Targets) -> None:
        """Stage 2: both towers on the captions."""
        recipe, student = self.recipe, self.mini
        if not (recipe.work / "contrastive.pt").exists():
            some = slice(0, 6000)
            contrastive.start_caption_head(
                student.eval(), self.tokenizer, self.train.captions[some], targets.captions[some]
            )
        rates = ((HEAD_PARTS, 5e-4), (TEXT_PARTS, 1e-4), (TOWER_PARTS, 3e-4), (LATE_STEM, 1e-4))
        groups = [{"params": only(student, parts), "lr": rate} for parts, rate in rates]
        only(student, tuple(part for parts, _ in rates for part in parts))
        optimiser = torch.optim.AdamW(groups, weight_decay=0.05, betas=(0.9, 0.98), fused=True)
        batches = Prefetch(
            lambda step: vision.draw_features(self.features, recipe.photos_a_step, 7_000_000 + step)
        )
        aims = contrastive.PairTargets(targets.photos, targets.captions)

        def loss_at(step: int) -> Tensor:
            views, rows, maps = batches(step)
            drawn = torch.from_numpy(
                contrastive.draw_captions(self.train.photo_of_caption, rows.numpy(), step)
            )
            tokens = mini.tokenize(self.tokenizer, [self.train.captions[row] for row in drawn.tolist()])
            taught = (targets.photos[views, rows], targets.captions[drawn])
            kept = recipe.kept_patches if step < 0.8 * recipe.contrastive_steps else None
            states = vision.states_of_features(student, maps, kept)
            return contrastive.pair_loss(student, states, tokens, taught, aims)

        plan = StagePlan("contrastive", recipe.contrastive_steps, evaluate_every=50, average=0.985)
        run_stage(plan, student, optimiser, loss_at, self.contrastive_recall, recipe.work, self.journal)

    def contrastive_recall(self, module: nn.Module) -> dict[str, float]:
        """recall@k on dev from the embeddings alone, a fifth of the captions."""
        photos = vision.embed_photos(module, self.dev_features)  # type: ignore[arg-type]
        captions = contrastive.embed_captions(module, self.tokenizer, self.dev.captions[::5])  # type: ignore[arg-type]
        return recall_at_k(captions, photos, self.dev.photo_of_caption[::5])

    def learn_blanks(self) -> None:
        """Stage 3: the cross-modal encoder learns to fill blanks from the photo."""
        recipe, student = self.recipe, self.mini
        layers, _ = self.fusion_inputs
        fusion.start_blanks(student, self.tokenizer, self.train.captions)
        learning = only(student, fusion.LEARNING)
        optimiser = torch.optim.AdamW(learning, lr=4e-4, weight_decay=0.05, betas=(0.9, 0.98), fused=True)
        blanks = DevBlanks(student, self.tokenizer, self.dev, self.dev_features)
        plan = StagePlan("blanks", recipe.blank_steps, evaluate_every=100, average=0.98)
        run_stage(
            plan, student, optimiser, lambda step: blanks_at(self, layers, step, recipe.blanks_a_step),
            blanks.accuracy, recipe.work, self.journal,
        )  # fmt: skip

    def learn_matching(self) -> None:
        """Stage 4: matching begins as the towers' similarity and is then learned on what they confuse."""
        recipe, student = self.recipe, self.mini
        layers, embeddings = self.fusion_inputs
        owner = self.train.photo_of_caption
        right = start_matching(student, self.tokenizer, layers[0], embeddings, self.train.captions, owner)
        self.journal.write(stage="start_matching", right=round(right, 4))
        nearest = fusion.confusing_photos(*embeddings, owner)
        learning = only(student, fusion.LEARNING)
        optimiser = torch.optim.AdamW(learning, lr=2e-4, weight_decay=0.05, betas=(0.9, 0.98), fused=True)
        judge = DevShortlist(student, self.tokenizer, self.dev, self.dev_features)
        plan = StagePlan("matching", recipe.matching_steps, evaluate_every=100, average=0.99)
        run_stage(
            plan, student, optimiser, lambda step: matching_at(self, layers, nearest, embeddings, step),
            judge.recall, recipe.work, self.journal,
        )  # fmt: skip

    def learn_together(self) -> None:
        """Stage 5, on a GPU alone: everything learns at once; the result is between its start and its end."""
        recipe, student = self.recipe, self.mini
        if recipe.device == "cpu":
            self.journal.write(stage="joint", left_out="there is no GPU")
            return
        start = {name: value.clone() for name, value in student.state_dict().items()}
        splits = (self.train, self.dev)
        inputs = joint_inputs(student, self.tokenizer, splits, recipe.device, recipe.work, self.journal)
        plan = StagePlan("joint", recipe.joint_steps, evaluate_every=280, average=0.996)
        learn_jointly(student, self.tokenizer, *inputs, plan, recipe.work, self.journal)
        student.cpu().load_state_dict(weights_between(start, student.state_dict(), recipe.joint_share))

    @cached_property
    def fusion_inputs(self) -> tuple[list[Tensor], tuple[Tensor, Tensor]]:
        """The towers stand still from here: photos' outputs of some views, and the embeddings of both."""
        student = self.mini.eval()
        captions = contrastive.embed_captions(student, self.tokenizer, self.train.captions)
        views = self.features[: self.recipe.fusion_views]
        layers = [fusion.cache_photo_layers(student, features) for features in views]
        return layers, (fusion.embed_layers(student, layers[0]), captions)

    def export(self, folder: Path) -> None:
        """Write the checkpoint folder, with the similarity weight that ranks dev best and what people ask."""
        self.mini.eval()
        shortlist = DevShortlist(self.mini, self.tokenizer, self.dev, self.dev_features)
        weight, found = shortlist.best_weight(self.mini)
        self.journal.write(
            stage="similarity_weight", best=weight, dev={str(each): found[each] for each in found}
        )
        captions = contrastive.embed_captions(self.mini, self.tokenizer, self.train.captions)
        export(self.mini, self.tokenizer, folder, weight, typical_captions(captions.numpy()))


def blanks_at(run: Training, layers: list[Tensor], step: int, size: int) -> Tensor:
    """The masked-LM loss of one step, on true pairs."""
    rng = np.random.default_rng(5_000_000 + step)
    rows = rng.choice(len(run.train.captions), size, replace=False)
    view = layers[int(rng.integers(len(layers)))]
    photos = view[torch.from_numpy(run.train.photo_of_caption[rows])]
    some = fusion.some_patches(photos, run.recipe.kept_patches)
    return fusion.blank_loss(run.mini, run.tokenizer, some, [run.train.captions[row] for row in rows])


def matching_at(
    run: Training, layers: list[Tensor], nearest: NDArray[np.int64], embeddings: tuple[Tensor, Tensor],
    step: int,
) -> Tensor:  # fmt: skip
    """One step of stage 4: two clusters, now and then blanks and the pair's own embedding."""
    rng = np.random.default_rng(9_000_000 + step)
    owner, captions = run.train.photo_of_caption, run.train.captions
    loss = torch.zeros(())
    for asked in rng.choice(len(captions), 2, replace=False):
        photos, texts = fusion.draw_cluster(int(asked), owner, nearest, rng)
        view = layers[int(rng.integers(len(layers)))]
        chosen = fusion.some_patches(view[torch.from_numpy(photos)], run.recipe.kept_patches)
        tokens = mini.tokenize(run.tokenizer, [captions[row] for row in texts])
        loss = loss + fusion.matching_loss(run.mini, chosen, tokens) / 2
    if step % 4 == 0:
        loss = loss + 0.5 * blanks_at(run, layers, step, run.recipe.blanks_a_step)
    if step % 16 == 0:
        loss = loss + 0.1 * fusion.cross_embedding_loss(
            run.mini, chosen, tokens, embeddings[0][torch.from_numpy(photos)],
            embeddings[1][torch.from_numpy(texts)],
        )  # fmt: skip
    return loss
