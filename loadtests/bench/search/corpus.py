"""Generated posts, the same for the same seed: Japanese, English and mixed, with a long-tailed choice of words."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from services.common.clock import to_text

END = datetime(2026, 6, 1, tzinfo=UTC)
_DAYS = 120
_AUTHORS = 2_000


def _words(text: str) -> list[str]:
    return text.split()


PLACES = _words(
    """
    京都 東京 東京都 大阪 札幌 福岡 横浜 名古屋 神戸 奈良 鎌倉 沖縄 広島 仙台 金沢 渋谷 新宿 浅草 銀座 秋葉原
    関西国際空港 富士山 京都駅 東京タワー 図書館 公園 美術館 商店街
    """
)
THINGS = _words(
    """
    ラーメン らーめん 寿司 カレー うどん コーヒー ケーキ パン 紅茶 抹茶 写真 動画 音楽 映画 本 小説 漫画 アニメ
    ゲーム 猫 犬 桜 紅葉 花火 祭り 温泉 電車 自転車 新幹線 サーバー データベース プログラミング 機械学習
    クラウド 会議 資料 勉強会 試験 天気 雨 雪 台風 夕焼け 朝ごはん 昼ごはん 晩ごはん お弁当 ビール 日本酒 ワイン
    カメラ スマホ パソコン イヤホン 靴 服 部屋 庭 野菜 果物 りんご みかん
    """
)
VERBS = _words(
    """
    食べた 食べる 食べました 飲んだ 飲みたい 見た 見ている 撮った 撮りました 読んだ 読んでいる 聴いた 作った
    作りました 買った 買いました 行った 行きたい 走った 走っています 歩いた 登った 泳いだ 書いた 書いている
    始めた 終わった 忘れた 覚えた 遊んだ 寝た 起きた 働いている
    """
)
FEELINGS = _words(
    """
    美味しかった 美味しい 楽しかった 楽しい 嬉しい 悲しい 疲れた 眠い 最高だった 綺麗だった きれいだ 面白かった
    難しい 簡単だった 寒い 暑い 懐かしい
    """
)
TIMES = _words(
    """
    今日 昨日 明日 今朝 今夜 週末 来週 先週 朝 夜 夏休み 年末 久しぶりに 初めて また
    """
)
NOUNS = _words(
    """
    photo photos picture garden coffee tea ramen sushi breakfast dinner train station airport mountain river
    beach sunset morning weekend holiday concert music movie book novel game cat dog server database cloud
    python code meeting project release deployment bug test camera phone bike marathon museum library festival
    fireworks snow
    """
)
ACTIONS = _words(
    """
    running walked watching watched reading cooked cooking eating visited visiting building built deployed
    fixing fixed learning learned writing wrote taking playing played travelling enjoyed enjoying starting
    finished
    """
)
MOODS = _words(
    """
    beautiful amazing tired happy quiet crowded delicious terrible perfect lovely boring funny difficult simple
    """
)
TAGS = _words(
    """
    旅行 京都 ラーメン 写真 猫 朝活 花火 読書 travel food cat photo python aws coffee music 映画 ゲーム 桜 紅葉
    """
)

FAMILY_NAMES = _words("田中 鈴木 佐藤 高橋 渡辺 伊藤 山本 中村 小林 加藤 alice bob carol dave erin frank")
GIVEN_NAMES = _words("太郎 花子 健 葵 翔 さくら smith jones")

_JAPANESE = (
    "{time}、{place}で{thing}を{verb}。",
    "{place}の{thing}が{feeling}。",
    "{thing}と{thing2}を{verb}。{feeling}！",
    "{time}は{feeling}、{thing}について考える。",
    "{place}から{place2}まで{verb}。",
)
_ENGLISH = (
    "{action} the {mood} {noun} today.",
    "a {mood} {noun} and some {noun2}.",
    "{action} with my {noun} at the {noun2}, so {mood}!",
    "I was {action} near the {noun}.",
)

#: The fixed list of queries by which the engines are compared: 25 Japanese, 25 English.
QUERIES = (
    *_words(
        """
        京都 東京都 ラーメン 食べる 美味しい 写真 猫 走る 図書館 温泉 機械学習 勉強会 飲む 綺麗 富士山
        """
    ),
    *(
        "京都 ラーメン",
        "美味しい 寿司",
        "写真 撮る",
        "今日 天気",
        "東京 夜",
        "本 読む",
        "週末 映画",
        "コーヒー 飲みたい",
    ),
    *("夏休み 花火 大阪", "サーバー データベース"),
    *_words(
        """
        photo running garden beautiful coffee sunset deployed server watching delicious museum snow travel bike
        """
    ),
    *("beautiful sunset", "coffee morning", "running marathon", "cat photo", "cloud server", "fixed bug"),
    *("quiet library", "delicious ramen", "weekend concert", "learning python", "train station crowded"),
)


def posts(count: int, seed: int = 42) -> Iterator[dict[str, Any]]:
    """Documents of the posts index, ids in order of time."""
    draw = random.Random(seed)
    step = timedelta(days=_DAYS) / count
    for number in range(count):
        kind = draw.random()
        japanese = _japanese(draw) if kind < 0.55 or kind >= 0.8 else ""
        english = _english(draw) if kind >= 0.55 else ""
        text = f"{japanese} {english}".strip()
        tags = sorted({_pick(draw, TAGS) for _ in range(draw.choice((0, 0, 0, 1, 1, 2)))})
        has = [draw.choice(("photo", "video", "audio")), "media"] if draw.random() < 0.3 else []
        yield {
            "id": f"{number:08d}",
            "authorId": f"u{int(_AUTHORS * draw.random() ** 2)}",
            "text": " ".join([text, *(f"#{tag}" for tag in tags)]),
            "lang": "ja" if kind < 0.55 else "en",
            "createdAt": to_text(END - step * (count - number)),
            "visibility": "public" if draw.random() < 0.9 else "followers",
            "has": has,
            "tags": tags,
        }


def people(seed: int = 7) -> Iterator[dict[str, Any]]:
    draw = random.Random(seed)
    for number in range(_AUTHORS):
        name = draw.choice(FAMILY_NAMES) + draw.choice(GIVEN_NAMES)
        yield {"id": f"u{number}", "handle": f"user_{number}", "displayName": name, "bio": _japanese(draw)}


def _pick(draw: random.Random, words: list[str]) -> str:
    """A few words are everywhere, most are rare."""
    return words[int(len(words) * draw.random() ** 2)]


def _japanese(draw: random.Random) -> str:
    parts = []
    for _ in range(draw.choice((1, 1, 2, 2, 3))):
        pattern = draw.choice(_JAPANESE)
        parts.append(
            pattern.format(
                time=_pick(draw, TIMES), place=_pick(draw, PLACES), place2=_pick(draw, PLACES),
                thing=_pick(draw, THINGS), thing2=_pick(draw, THINGS), verb=_pick(draw, VERBS),
                feeling=_pick(draw, FEELINGS),
            )
        )  # fmt: skip
    return "".join(parts)


def _english(draw: random.Random) -> str:
    parts = []
    for _ in range(draw.choice((1, 1, 2, 3))):
        pattern = draw.choice(_ENGLISH)
        parts.append(
            pattern.format(
                action=_pick(draw, ACTIONS), mood=_pick(draw, MOODS), noun=_pick(draw, NOUNS), noun2=_pick(draw, NOUNS)
            )
        )
    return " ".join(parts)
