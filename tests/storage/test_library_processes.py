"""A library and real second processes: killed, writing beside a reader, without permission to write."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from storage.errors import LibraryLocked
from storage.library import Library
from storage.records import ModelRef, NewPhoto

X, Y = [1, 0, 0, 0], [0, 1, 0, 0]
QUERY = np.array([X], dtype=np.float32)

CHILD = """
import os, signal, sys
from pathlib import Path
import numpy as np
from storage.library import Library
from storage.records import FileState, ModelRef, NewPhoto, PhotoFacts

model = ModelRef("00112233aabbccdd", "mini", 4)
library = Library.open(Path(sys.argv[1]), write=True)

def add(name, *vector):
    facts = PhotoFacts(name, 40, 30, "JPEG")
    library.add(model, [NewPhoto(FileState(f"/photos/{name}", 1, 1), facts, np.array(vector, np.float32))])
    print(name, flush=True)

"""


def test_a_crash_between_commit_and_index_save_is_caught_up(
    library: Library, model: ModelRef, child: Callable[..., "subprocess.Popen[str]"]
) -> None:
    library.close()
    script = "add('h1', 1, 0, 0, 0)\nlibrary.save_index(model)\nadd('h2', 0, 1, 0, 0)\n"
    killed = child(CHILD + script + "os.kill(os.getpid(), signal.SIGKILL)", library.folder)
    assert killed.wait() == -9
    for write in (False, True):
        with Library.open(library.folder, write=write) as after:
            scores, ids = after.index(model).search(QUERY, 5)
            assert (ids.tolist(), scores.tolist()) == ([[1, 2]], [[1, 0]])
            assert after.photos([2])[2].paths == ("/photos/h2",)


def test_one_writer_and_a_reader_beside_it(
    library: Library, model: ModelRef, child: Callable[..., "subprocess.Popen[str]"]
) -> None:
    library.close()
    script = "print('open', flush=True)\nfor line in sys.stdin: add(line.strip(), 1, 0, 0, 0)"
    writer = child(CHILD + script, library.folder)
    assert writer.stdin is not None and writer.stdout is not None
    assert writer.stdout.readline() == "open\n"
    with pytest.raises(LibraryLocked, match=rf"is being written by process {writer.pid} \(-c "):
        Library.open(library.folder, write=True)
    with Library.open(library.folder) as reader:
        assert reader.status().photos == 0
        for number in (1, 2):
            print(f"h{number}", file=writer.stdin, flush=True)
            assert writer.stdout.readline() == f"h{number}\n"
            assert reader.present_photo_ids().tolist() == list(range(1, number + 1))
            assert len(reader.index(model)) == number
    writer.stdin.close()
    assert writer.wait() == 0
    Library.open(library.folder, write=True).close()


READ_ONLY = """
import os, sys
from pathlib import Path
import alembic.command, logging.config, sqlalchemy.dialects.sqlite
import numpy as np
from storage.errors import LibraryUnwritable
from storage.library import Library
from storage.records import ModelRef

model = ModelRef("00112233aabbccdd", "mini", 4)
folder = Path(sys.argv[1])
if os.geteuid() == 0:  # Permissions do not bind root.
    os.setgid(65534)
    os.setuid(65534)
try:
    Library.open(folder, write=True)
except LibraryUnwritable as refused:
    print(refused)
with Library.open(folder) as library:
    print(library.index(model).search(np.eye(1, 4, dtype=np.float32), 5)[1].tolist(), library.status().photos)
    try:
        library.save_index(model)
    except LibraryUnwritable as refused:
        print(refused)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_a_read_only_folder_is_searched_and_left_as_it_is(
    model: ModelRef, photo: Callable[..., NewPhoto], child: Callable[..., "subprocess.Popen[str]"]
) -> None:
    # Not below tmp_path, whose parents are closed to other users.
    with tempfile.TemporaryDirectory() as above:
        folder = Path(above) / "library"
        with Library.open(folder, create=True, write=True) as library:
            library.add_root(Path("/photos"))
            library.add(model, [photo("/photos/a", "h1", Y)])
            library.save_index(model)
            library.add(model, [photo("/photos/b", "h2", X)])  # The index file is behind.
        os.chmod(above, 0o755)
        for path in folder.iterdir():
            path.chmod(0o444)
        folder.chmod(0o555)
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        reader = child(READ_ONLY, folder)
        printed = reader.communicate()[0].splitlines()
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
        folder.chmod(0o755)
    assert printed[0].startswith(f"cannot write to the library {folder}: Permission denied;")
    assert printed[1:] == [
        "[[2, 1]] 2",
        f"{folder} was opened for reading; open the library with write=True",
    ]
