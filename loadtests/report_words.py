"""Texts of the report, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kit.words import Words
from loadtests.thresholds import LEAST_REQUESTS

WORDS: Final[Mapping[str, Words]] = {
    "title": Words("Load test", "負荷試験"),
    "people": Words("people", "ユーザー"),
    "seconds": Words("seconds", "秒"),
    "requests": Words("requests", "リクエスト"),
    "request": Words("Request", "リクエスト"),
    "failed": Words("failed", "失敗"),
    "target": Words("target", "対象"),
    "against": Words("compared with the run of", "比較対象の実行:"),
    "unlike": Words(
        "another scenario, shape or number of people: not comparable",
        "シナリオ・形状・人数が異なるため、単純比較はできません",
    ),
    "holds": Words("All thresholds hold", "すべてのしきい値を満たしています"),
    "unsure": Words(
        "No threshold missed, but not all could be judged", "未達はありませんが、判定できない項目があります"
    ),
    "unjudged": Words(
        f"with fewer than {LEAST_REQUESTS} requests were not judged; run longer or with more people",
        f"件はリクエストが{LEAST_REQUESTS}回未満のため判定していません。時間か人数を増やしてください",
    ),
    "misses": Words("Thresholds missed", "しきい値を超えた項目があります"),
    "judged": Words("of the judged requests", "件(判定したリクエストのうち)が未達"),
    "failures": Words("Failed requests", "失敗したリクエスト"),
    "none": Words("No request was made", "リクエストがありませんでした"),
    "count": Words("Count", "件数"),
    "thresholds": Words("Thresholds", "しきい値"),
    "limit": Words("Threshold", "しきい値"),
    "verdict": Words("Verdict", "判定"),
    "held": Words("held", "達成"),
    "missed": Words("missed", "未達"),
    "few": Words("too few requests to judge", "件数不足のため判定不可"),
    "absent": Words("did not occur", "発生なし"),
    "earlier": Words("p95 earlier", "前回のp95"),
    "change": Words("Change", "変化"),
    "ways": Words("End to end", "エンドツーエンド"),
    "ways_note": Words(
        "From what one person does until the other has it. What is looked for by polling (timeline, search) is measured"
        " to a tenth of a second.",
        "ある人の操作から、相手に届くまでの時間です。ポーリングで確認する項目(タイムライン、検索)の精度は0.1秒です。",
    ),
    "all": Words("All requests", "全リクエスト"),
    "course": Words("Over time", "時間推移"),
    "load_chart": Words("People and requests a second", "ユーザー数と毎秒リクエスト数"),
    "time_chart": Words("Response times", "応答時間"),
    "rate": Words("requests/s", "リクエスト/秒"),
}
