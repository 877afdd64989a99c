"""The questions, with the column that names a row and the one that a chart draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Question:
    """``name`` is that of its file in ``sql/``; ``en`` and ``ja`` are its title."""

    name: str
    en: str
    ja: str
    label: str
    value: str
    unit: str = ""


QUESTIONS: Final = (
    Question("traffic", "How many requests come in an hour?", "1時間あたりのリクエスト数", "hour", "requests"),
    Question(
        "hit-ratio", "What does CloudFront answer from its cache?", "CloudFrontのキャッシュヒット率",
        "area", "hit_percent", "%",
    ),
    Question("slow-paths", "Which paths are slow for viewers?", "閲覧者から見て遅いパス", "path", "p95_ms", "ms"),
    Question(
        "slow-routes", "Which calls are slow at API Gateway?", "API Gatewayで時間のかかる呼び出し",
        "route", "p95_ms", "ms",
    ),
    Question("failing-paths", "Which paths fail?", "失敗の多いパス", "failure", "failed"),
    Question(
        "failing-routes", "What does API Gateway refuse or fail to answer?",
        "API Gatewayが拒否または失敗した呼び出し", "failure", "failed",
    ),
    Question("bytes", "Where do the bytes go?", "転送量の内訳", "area", "megabytes", "MB"),
    Question("bots", "Which programs call?", "ボットとプログラムからのアクセス", "agent", "requests"),
    Question(
        "callers", "Who comes near the rate rule, or is over it?", "レート制限に近い、または超えた呼び出し元",
        "caller", "most_in_five_minutes",
    ),
)  # fmt: skip
