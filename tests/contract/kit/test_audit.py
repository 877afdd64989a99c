"""`make audit` checks each package once."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit import audit


def test_packages_in_several_lock_files_are_audited_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """pip-audit refuses a package that is listed twice, so it gets one lock file at a time."""
    tool = tmp_path / "pip-audit"
    tool.write_text(
        "#!/bin/sh\n[ $(echo \"$@\" | tr ' ' '\\n' | grep -c '^-r$') = 1 ] || exit 1\n"
        'echo \'{"dependencies": [{"name": "pyyaml", "version": "6", "vulns": [{"id": "PYSEC-1"}]}]}\'\n'
    )
    tool.chmod(0o700)
    monkeypatch.setattr(audit, "_TOOLS", tmp_path)
    report = audit.python_vulnerabilities([tmp_path / "a.txt", tmp_path / "b.txt"])
    assert (report.checked, report.found, report.unreached) == (1, ["pyyaml 6: PYSEC-1"], [])
