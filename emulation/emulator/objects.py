"""Syncs objects of S3 and code of functions to disk before the response, if ``EMULATION_FSYNC`` is set."""

from __future__ import annotations

from pathlib import Path

from emulation import power_cut
from emulation.emulator import seams


def sync_before_the_answer() -> None:
    """Replace how MiniStack writes these files: it does not sync them."""
    s3, functions = seams.module("services.s3"), seams.module("services.lambda_svc")
    write_code, root = functions._write_code_blob, Path(s3.DATA_DIR)
    known: set[Path] = set()

    def write_synced(fpath: str, data: bytes | str, *, text: bool = False) -> None:
        file = Path(fpath)
        for folder in file.parents:
            if folder in known or not folder.is_relative_to(root):
                break
            power_cut.sync_folder(folder.parent)  # MiniStack made it just now, or an earlier run did
            known.add(folder)
        power_cut.replace(file, data.encode() if isinstance(data, str) else data)

    def write_code_synced(code_zip: bytes) -> str:
        digest: str = write_code(code_zip)
        folder = Path(functions.CODE_BLOB_DIR)
        power_cut.sync_file(folder / f"{digest}.zip")
        power_cut.sync_folder(folder)
        return digest

    delete = s3._delete_persisted_object

    def delete_synced(bucket_name: str, key: str) -> None:
        delete(bucket_name, key)
        path = s3._object_disk_path(bucket_name, key)
        folder = Path(path).parent if path else root
        power_cut.sync_folder(next(one for one in (folder, *folder.parents) if one.is_dir()))

    s3._delete_persisted_object = delete_synced
    s3._atomic_write, functions._write_code_blob = write_synced, write_code_synced
