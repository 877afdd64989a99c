"""The people of the seeded network."""

from __future__ import annotations

from dataclasses import dataclass

#: Of every seeded account. It protects nothing: the network listens on loopback and holds invented people.
PASSWORD = "Asyncsns-demo-1"  # noqa: S105


@dataclass(frozen=True)
class Person:
    """``hue`` (0 to 1) colours the avatar; ``groups`` are the user pool's."""

    handle: str
    name: str
    bio: str
    locale: str
    hue: float
    groups: tuple[str, ...] = ()

    @property
    def email(self) -> str:
        return f"{self.handle}@example.com"

    @property
    def role(self) -> str:
        return self.groups[0].removesuffix("s") if self.groups else "member"


PEOPLE: tuple[Person, ...] = (
    Person("hana", "花 Hana", "京都で写真を撮っています。朝の光が好き。Kyoto, mornings, film.", "ja", 0.95),
    Person("kenta", "健太", "山と珈琲。週末はだいたい登っています。", "ja", 0.58),
    Person("maya", "Maya Lindqvist", "Sound designer. I collect the noises of quiet places.", "en", 0.75),
    Person("tomas", "Tomás Rivera", "Marine biologist, night swimmer, terrible cook.", "en", 0.50),
    Person("yuki", "雪", "宇治の茶農家の四代目。お茶の話ばかりします🍵", "ja", 0.30),
    Person("amara", "Amara Okafor", "Astronomer by night, sleepy by day. Opinions are the sky's.", "en", 0.68),
    Person("sora", "そら", "型染めと古い布。作ったものを少しずつ載せます。", "ja", 0.62),
    Person("leo", "Leo Fischer", "Barista in Berlin. Ask me about extraction, or don't.", "en", 0.08),
    Person("rin", "凛", "東京の夜を歩くひと。雨の日が本番。", "ja", 0.85),
    Person("priya", "Priya Raman", "Distributed systems, slow mornings, fast bicycles.", "en", 0.16, ("moderators",)),
    Person(
        "daichi", "大地", "この街の開発担当。落ちていたら教えてください。Developer here.", "ja", 0.42, ("developers",)
    ),
    Person("olivia", "Olivia Hart", "Keeps this place kind. Administrator.", "en", 0.02, ("administrators",)),
)

#: Follows, by handle. Everybody knows somebody; nobody is followed by all.
FOLLOWS: dict[str, tuple[str, ...]] = {
    "hana": ("kenta", "yuki", "sora", "rin", "maya", "amara"),
    "kenta": ("hana", "yuki", "amara", "leo", "daichi"),
    "maya": ("hana", "tomas", "leo", "amara", "rin"),
    "tomas": ("maya", "amara", "priya", "hana"),
    "yuki": ("hana", "sora", "kenta", "leo"),
    "amara": ("tomas", "priya", "kenta", "maya"),
    "sora": ("hana", "yuki", "rin"),
    "leo": ("maya", "yuki", "priya", "kenta"),
    "rin": ("hana", "sora", "maya", "daichi"),
    "priya": ("amara", "leo", "daichi", "tomas"),
    "daichi": ("priya", "rin", "hana", "olivia"),
    "olivia": ("daichi", "hana", "maya", "amara"),
}
