"""One file with all data of one person: a ZIP of JSON documents and media, written as a stream."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping
from typing import IO, Any, Protocol, cast

from services.common.personal_data import File, Records, Source

#: Attributes of the table, not of the person.
_INTERNAL = frozenset({"pk", "sk", "gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk", "ttl", "type"})
_README = """\
This archive holds what asyncsns keeps about you.
Each .json file is a list of records; media/ holds the files you uploaded, media.json describes them.
このアーカイブには、asyncsns が保存しているあなたのデータが入っています。
"""


class Sink(Protocol):
    """The target of the archive: bytes in order, without seeking."""

    def write(self, data: bytes) -> int: ...
    def flush(self) -> None: ...


def write_archive(sink: Sink, user_id: str, sources: Iterable[Source], files: Iterable[File]) -> None:
    """Write all sources and files; JSON is compressed, media are as they are."""
    with zipfile.ZipFile(cast(IO[bytes], sink), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _README)
        for source in sources:
            with archive.open(f"{source.name}.json", "w") as document:
                _write_list(document, (_public(one) for one in source.records(user_id)))
        for file in files:
            info = zipfile.ZipInfo(file.name)
            with archive.open(info, "w", force_zip64=True) as entry:
                for chunk in file.chunks():
                    entry.write(chunk)


def _write_list(document: IO[bytes], records: Records) -> None:
    document.write(b"[")
    for number, record in enumerate(records):
        text = json.dumps(record, ensure_ascii=False, sort_keys=True, default=str)
        document.write((",\n" if number else "\n").encode() + text.encode())
    document.write(b"\n]\n")


def _public(item: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key not in _INTERNAL}
