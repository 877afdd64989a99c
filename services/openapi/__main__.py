"""``python -m services.openapi`` writes ``openapi.json``, ``api.md`` and the matrix of ``security.md`` into docs, and
each function's table of the others' routes into services."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from services.access.page import written_into
from services.openapi import others
from services.openapi.document import build
from services.openapi.page import page_of

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def files() -> dict[str, str]:
    """Path in the repository → content."""
    document = build()
    return {
        "docs/openapi.json": json.dumps(document, ensure_ascii=False, indent=1) + "\n",
        "docs/api.md": page_of(document),
        "docs/security.md": written_into((DOCS / "security.md").read_text("utf-8")),
        **{f"services/{name}": content for name, content in others.files().items()},
    }


def main() -> int:
    for name, content in files().items():
        (ROOT / name).write_text(content, encoding="utf-8")
        sys.stdout.write(f"wrote {name}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
