"""``python -m services.openapi`` writes ``openapi.json``, ``api.md`` and the matrix of ``security.md`` into docs."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from services.access.page import written_into
from services.openapi.document import build
from services.openapi.page import page_of

DOCS = Path(__file__).resolve().parents[2] / "docs"


def files() -> dict[str, str]:
    """Name below ``docs/`` → content."""
    document = build()
    return {
        "openapi.json": json.dumps(document, ensure_ascii=False, indent=1) + "\n",
        "api.md": page_of(document),
        "security.md": written_into((DOCS / "security.md").read_text("utf-8")),
    }


def main() -> int:
    for name, content in files().items():
        (DOCS / name).write_text(content, encoding="utf-8")
        sys.stdout.write(f"wrote docs/{name}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
