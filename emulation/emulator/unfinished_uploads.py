"""Keeps incomplete multipart uploads on disk: S3 keeps an acknowledged part until the upload is completed or aborted.

A folder for each upload, a file for each part: a line of JSON (with the CRC-32 of what follows), then the part itself.
"""

from __future__ import annotations

import json
import logging
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from emulation import mended, power_cut
from emulation.emulator import seams

log = logging.getLogger("emulation.emulator")

FOLDER = "uploads"
_UPLOAD = "upload.json"
#: The operations that change an upload.
_OPERATIONS = (
    "_create_multipart_upload", "_upload_part", "_upload_part_copy", "_complete_multipart_upload",
    "_abort_multipart_upload",
)  # fmt: skip


class UnfinishedUploads:
    """``home``: the emulator's state."""

    def __init__(self, home: Path, fsync: bool) -> None:
        self._home, self._folder, self._fsync = home, home / FOLDER, fsync
        persistence = seams.module("core.persistence")
        self._default, self._hook = persistence._json_default, persistence._json_object_hook
        self._s3 = seams.module("services.s3")
        #: Parts on disk: upload → number of a part → its ETag.
        self._kept: dict[tuple[str, str], dict[int, str]] = {}

    def keep(self) -> None:
        """Load uploads of an earlier run, and from now on write changes before the response."""
        for folder in sorted(self._folder.glob("*/")):
            self._load(folder)
        for name in _OPERATIONS:
            setattr(self._s3, name, self._writing(getattr(self._s3, name)))

    def _writing(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def act_and_write(*arguments: Any, **options: Any) -> Any:
            answer = act(*arguments, **options)
            self._write()
            return answer

        return act_and_write

    def _write(self) -> None:
        uploads = self._s3._multipart_uploads._data
        for scope in [one for one in self._kept if one not in uploads]:
            shutil.rmtree(self._folder / scope[1], ignore_errors=True)
            del self._kept[scope]
        for scope, upload in list(uploads.items()):
            folder = self._folder / scope[1]
            if scope not in self._kept:
                folder.mkdir(parents=True, exist_ok=True)
                self._put(folder / _UPLOAD, {"account": scope[0], **upload, "parts": {}})
                self._kept[scope] = {}
            for number, part in upload["parts"].items():
                if self._kept[scope].get(number) != part["etag"]:
                    described = {name: value for name, value in part.items() if name != "body"}
                    self._put(folder / f"{number}.part", described, part["body"])
                    self._kept[scope][number] = part["etag"]

    def _put(self, file: Path, described: dict[str, Any], body: bytes = b"") -> None:
        head = json.dumps({**described, "crc32": zlib.crc32(body)}, default=self._default).encode()
        content = head + b"\n" + body
        if self._fsync:
            power_cut.replace(file, content)
            power_cut.sync_folder(file.parent.parent)
            return
        unfinished = file.with_name(f"{file.name}.tmp")
        unfinished.write_bytes(content)
        unfinished.replace(file)

    def _load(self, folder: Path) -> None:
        upload = self._read(folder / _UPLOAD)
        if upload is None:
            return
        account = upload.pop("account")
        upload["parts"] = {}
        for file in folder.glob("*.part"):
            if (part := self._read(file)) is not None:
                upload["parts"][int(file.stem)] = part
        scope = (account, folder.name)
        self._s3._multipart_uploads._data[scope] = upload
        self._kept[scope] = {number: part["etag"] for number, part in upload["parts"].items()}

    def _read(self, file: Path) -> dict[str, Any] | None:
        """None when it is damaged: S3 then does not know the part, and says so when the upload is completed."""
        try:
            head, _, body = file.read_bytes().partition(b"\n")
            described: dict[str, Any] = json.loads(head, object_hook=self._hook)
            if described.pop("crc32") != zlib.crc32(body):
                raise ValueError("its checksum is wrong")
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, AttributeError) as error:
            kept = mended.set_aside(file, self._home)
            lost = f"A part of an unfinished upload is lost; it is kept as {kept}"
            log.error("%s", mended.note(self._home, f"{file} was damaged: {error}. {lost}."))
            return None
        return {**described, "body": body} if file.suffix == ".part" else described
