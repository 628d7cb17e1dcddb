"""ITM over the photos of a library, with log-odds that can be read off their colours."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from model.bridgetower import BridgeTower
from search.pair_judge import CHUNK, PairJudge
from storage.records import PhotoRecord


def read(path: str) -> Image.Image:
    return Image.open(path).convert("RGB")


def put(shelf: Any, odds: list[int]) -> list[Any]:
    """Records of photos that have these log-odds, in order."""
    ids = [shelf.put(f"{place}.png", odds=value) for place, value in enumerate(odds)]
    records = shelf.library.photos(ids)
    return [records[photo_id] for photo_id in ids]


def test_each_photo_has_its_own_log_odds_with_each_caption(
    shelf: Any, make_encoder: Callable[..., Any]
) -> None:
    found = PairJudge(make_encoder(), read).log_odds(put(shelf, [3, -2, 7]), ["a dog", "a cat"])
    assert found.tolist() == [[3, 3], [-2, -2], [7, 7]]
    assert found.dtype == np.float32


def test_a_file_that_cannot_be_read_has_none_and_the_others_keep_theirs(
    shelf: Any, make_encoder: Callable[..., Any]
) -> None:
    photos = put(shelf, [3, 0, -2, 1])
    (shelf.photos / "1.png").unlink()
    (shelf.photos / "3.png").write_bytes(b"not a photo")
    found = PairJudge(make_encoder(), read).log_odds(photos, ["a dog"])[:, 0]
    np.testing.assert_array_equal(found, [3, np.nan, -2, np.nan])


def test_a_long_shortlist_is_judged_in_chunks_and_in_order(
    shelf: Any, make_encoder: Callable[..., Any]
) -> None:
    encoder = make_encoder()
    odds = [row - 35 for row in range(2 * CHUNK + 6)]
    found = PairJudge(encoder, read).log_odds(put(shelf, odds), ["a dog"])
    assert found[:, 0].tolist() == odds
    assert encoder.judged == [CHUNK, CHUNK, 6]


def test_nothing_readable_is_nothing_judged(shelf: Any, make_encoder: Callable[..., Any]) -> None:
    encoder = make_encoder()
    photos = put(shelf, [3])
    (shelf.photos / "0.png").unlink()
    judge = PairJudge(encoder, read)
    assert np.isnan(judge.log_odds(photos * 2, ["a dog"])).all()
    assert judge.log_odds([], ["a dog"]).shape == (0, 1)
    assert encoder.judged == []


@dataclass
class HandStates:
    """Log-odds of n photos, a float32 each."""

    odds: NDArray[np.float32]

    @property
    def nbytes(self) -> int:
        return self.odds.nbytes

    def __len__(self) -> int:
        return len(self.odds)

    def select(self, rows: NDArray[np.int64]) -> HandStates:
        return HandStates(self.odds[rows])

    def join(self, others: Sequence[HandStates]) -> HandStates:
        return HandStates(np.concatenate([self.odds, *(other.odds for other in others)]))

    def half(self) -> HandStates:
        return HandStates(self.odds.astype(np.float16).astype(np.float32))


@dataclass
class WithStates:
    """A `StatesEncoder`: a photo's red value, times the caption's length; it counts what its towers saw."""

    photos_seen: list[int] = field(default_factory=list)
    captions_seen: list[str] = field(default_factory=list)
    pairs_at_once: list[int] = field(default_factory=list)

    def photo_states(self, pixels: NDArray[np.uint8]) -> HandStates:
        odds = pixels[:, 0, 0, 0].astype(np.float32)
        self.photos_seen += odds.astype(int).tolist()
        return HandStates(odds)

    def caption_states(self, caption: str) -> int:
        self.captions_seen.append(caption)
        return Length(len(caption))

    def merged(self, photos: HandStates) -> HandStates:
        return HandStates(photos.odds + 1000)

    def match_states(self, photos: HandStates, caption: int) -> NDArray[np.float32]:
        self.pairs_at_once.append(len(photos))
        return photos.odds * int(caption)


class Length(int):
    """A caption's states: its length."""

    nbytes = 4


def photo(red: int, content: str | None = None) -> PhotoRecord:
    return PhotoRecord(red, (f"{red}.png",), content or str(red), 1, 1, "PNG", None, None, None, None)


def crop(photo: PhotoRecord) -> NDArray[np.uint8]:
    """A photo whose red is its id; 13 cannot be read."""
    if photo.photo_id == 13:
        raise OSError("gone")
    return np.full((2, 2, 3), photo.photo_id, np.uint8)


def never(path: str) -> Image.Image:
    raise AssertionError(f"{path} was opened")


def judge_of(encoder: WithStates, **options: Any) -> PairJudge:
    return PairJudge(encoder, never, load_pixels=crop, **options)  # type: ignore[arg-type]


def test_towers_run_once_whatever_is_asked_of_the_photos_later() -> None:
    encoder = WithStates()
    judge = judge_of(encoder)
    assert judge.log_odds([photo(1), photo(2)], ["a", "abc"]).tolist() == [[1, 3], [2, 6]]
    assert judge.log_odds([photo(3), photo(2), photo(1)], ["ab"]).tolist() == [[6], [4], [2]]
    assert judge.log_odds([photo(1)], ["ab"]).tolist() == [[2]]
    assert encoder.photos_seen == [1, 2, 3]
    assert encoder.captions_seen == ["a", "abc", "ab"]


def test_a_changed_file_is_another_content() -> None:
    judge = judge_of(WithStates())
    assert judge.log_odds([photo(1, "before")], ["a"]).tolist() == [[1]]
    assert judge.log_odds([photo(2, "after")], ["a"]).tolist() == [[2]]


def test_what_could_not_be_read_is_tried_again_and_what_could_is_kept() -> None:
    encoder = WithStates()
    judge = judge_of(encoder)
    for _ in range(2):
        np.testing.assert_array_equal(judge.log_odds([photo(13), photo(4)], ["a"]), [[np.nan], [4]])
    assert np.isnan(judge.log_odds([photo(13)], ["a"])).all()
    assert encoder.photos_seen == [4]


def test_states_beyond_the_bound_are_made_again() -> None:
    encoder = WithStates()
    judge = judge_of(encoder, photo_bytes=8)  # two photos
    for red in (1, 2, 3, 1, 3):
        assert judge.log_odds([photo(red)], ["a"]).tolist() == [[red]]
    assert encoder.photos_seen == [1, 2, 3, 1]


def test_fusion_gets_as_many_photos_at_once_as_the_encoder_wants() -> None:
    class Small(WithStates):
        fusion_bytes = 8  # two photos

    photos = [photo(red) for red in range(1, 6)]
    for encoder, pairs in ((Small(), [2, 2, 1]), (WithStates(), [5])):
        assert judge_of(encoder).log_odds(photos, ["a"]).tolist() == [[1], [2], [3], [4], [5]]
        assert encoder.pairs_at_once == pairs


def test_fast_and_exact_are_kept_apart() -> None:
    encoder = WithStates()
    judge = judge_of(encoder)
    assert judge.log_odds([photo(1)], ["a"], "fast").tolist() == [[1001]]
    assert judge.log_odds([photo(1)], ["a"]).tolist() == [[1]]
    assert judge.log_odds([photo(1)], ["a"], "fast").tolist() == [[1001]]
    assert encoder.photos_seen == [1, 1]


def test_sixteen_threads_get_the_same_and_a_photo_is_embedded_once() -> None:
    encoder, together = WithStates(), threading.Barrier(16)
    judge = judge_of(encoder)
    reds = [red for red in range(100) if red != 13]

    def ask(turn: int) -> list[float]:
        order = reds[turn * 5 :] + reds[: turn * 5]
        together.wait()
        found = judge.log_odds([photo(red) for red in order], ["a"])[:, 0]
        return [float(found[order.index(red)]) for red in reds]

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, range(16)))
    assert answers == [[float(red) for red in reds]] * 16
    assert sorted(encoder.photos_seen) == reds


def test_a_tower_that_fails_leaves_no_one_waiting() -> None:
    class Failing(WithStates):
        def photo_states(self, pixels: NDArray[np.uint8]) -> HandStates:
            if not self.photos_seen:
                self.photos_seen.append(-1)
                raise RuntimeError("out of memory")
            return super().photo_states(pixels)

    judge = judge_of(Failing())
    with pytest.raises(RuntimeError, match="out of memory"):
        judge.log_odds([photo(1)], ["a"])
    assert judge.log_odds([photo(1)], ["a"]).tolist() == [[1]]


@pytest.fixture(scope="module")
def mini() -> BridgeTower:
    return BridgeTower.load("mini", device="cpu")


def test_kept_states_give_what_the_model_gives_at_once(mini: BridgeTower) -> None:
    data = pytest.importorskip("skimage.data")
    taken = [data.astronaut(), data.chelsea(), data.coffee()]
    crops = [mini.preprocessor.crop_of(Image.fromarray(pixels)) for pixels in taken]
    captions = ["a woman in a space suit", "a cat", "a cup of coffee on a table"]
    seen = mini.look_again(np.stack(crops))  # mini says that judging is worth a view of its own
    expected = np.stack(
        [mini.match_states(seen, mini.caption_states(caption)) for caption in captions], axis=1
    )
    photos = [photo(number) for number in range(3)]
    load = {"load_pixels": lambda photo: crops[photo.photo_id]}
    judge = PairJudge(mini, never, **load)  # type: ignore[arg-type]
    for _ in range(2):
        found = judge.judge(photos, captions)
        np.testing.assert_allclose(found.log_odds, expected, atol=4e-5)
        np.testing.assert_allclose(found.looks, mini.look_embeddings(seen), atol=1e-5)
    halved = PairJudge(mini, never, half_states=True, **load)  # type: ignore[arg-type]
    np.testing.assert_allclose(halved.log_odds(photos, captions), expected, atol=0.05)
