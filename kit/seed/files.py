"""The seed's files: painted on demand, or read from the folder that ``make up`` or the image's build filled.

``leave`` paints all of them into a folder. Reading them from there needs neither numpy nor FFmpeg.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from kit.seed.people import PEOPLE, Person
from kit.seed.story import POSTS, File
from kit.settings import Settings


def folder() -> Path:
    """The folder of files that are already painted; usually it does not exist."""
    return Settings().home / "seed-files"


def of_posts() -> list[File]:
    """Each once, in the order of the posts."""
    return list(dict.fromkeys(file for said in POSTS for file in said.files))


def content(file: File) -> bytes:
    left = folder() / _name(file)
    return left.read_bytes() if left.exists() else _paint(file)


def avatar(person: Person) -> bytes:
    left = folder() / f"avatar-{person.handle}"
    return left.read_bytes() if left.exists() else _portrait(person)


def leave(target: Path) -> int:
    """Paint all of them into ``target``, which is replaced; returns how many."""
    painted = {_name(file): _paint(file) for file in of_posts()}
    painted |= {f"avatar-{person.handle}": _portrait(person) for person in PEOPLE}
    aside = target.with_name(f"{target.name}.new")
    for old in (aside, target):
        shutil.rmtree(old, ignore_errors=True)
    aside.mkdir(parents=True)
    for name, data in painted.items():
        (aside / name).write_bytes(data)
    aside.rename(target)
    return len(painted)


def _name(file: File) -> str:
    return f"{file.kind}-{file.scene}-{file.seed}"


def _paint(file: File) -> bytes:
    from kit.seed import media

    if file.kind == "photo":
        return media.photo(file.scene, file.seed)
    return media.video(file.seed) if file.kind == "video" else media.audio(file.seed)


def _portrait(person: Person) -> bytes:
    from kit.seed import media

    return media.avatar(person.hue, sum(map(ord, person.handle)))
