"""Replacements in LocalStack's host mode for what its image contains."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from emulation.localstack import host
from emulation.settings import Settings


def test_java_starts_moto_on_the_given_port(tmp_path: Path) -> None:
    root = host.prepare(Settings({"EMULATION_STATE": str(tmp_path)}))
    java = root / "var/lib/localstack/lib/java/21/bin/java"
    text = java.read_text("utf-8")
    java.write_text(text.replace("exec ", "echo "), "utf-8")
    said = subprocess.run(
        [java, "-Xmx256m", "-jar", "x.jar", "-port", "5001", "-inMemory"], capture_output=True, text=True, check=True
    )
    assert said.stdout.split()[1:] == ["-m", "emulation.localstack.tables", "-H", "127.0.0.1", "-p", "5001"]
    assert os.access(java, os.X_OK)
