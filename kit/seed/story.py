"""Posts and messages of the seeded people, in order of time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    """Something to upload: ``scene`` names a painted photo, ``video`` or ``audio`` the only ones of their kind."""

    kind: str
    alt: str
    scene: str = ""
    seed: int = 0


@dataclass(frozen=True)
class Said:
    """A post. ``key`` names it for good (its ``clientPostId``); ``to`` is the key of the post it answers, ``quotes`` of
    the one it shows. ``poll`` are its options, ``votes`` who chose which (from 0)."""

    key: str
    who: str
    text: str
    files: tuple[File, ...] = ()
    likes: tuple[str, ...] = ()
    to: str = ""
    quotes: str = ""
    warning: str = ""
    poll: tuple[str, ...] = ()
    votes: tuple[tuple[str, int], ...] = ()
    reposts: tuple[str, ...] = ()
    reactions: tuple[tuple[str, str], ...] = ()


def _photo(scene: str, seed: int, alt: str) -> tuple[File, ...]:
    return (File("photo", alt, scene, seed),)


POSTS: tuple[Said, ...] = (
    Said(
        "welcome",
        "olivia",
        "Welcome to asyncsns! Say hello, be kind, and tell @daichi when something breaks. #hello",
        likes=("hana", "daichi", "maya", "priya", "kenta"),
    ),
    Said(
        "hello-ja",
        "daichi",
        "はじめまして、開発担当の大地です。DynamoDB の気持ちになって毎日暮らしています。 #hello",
        likes=("hana", "rin", "priya"),
    ),
    Said(
        "dawn",
        "kenta",
        "四時起きで正解だった。北アルプスの夜明け、空気がまだ青い。 #山 #夜明け",
        _photo("dawn", 21, "幾重にも重なる山並みの向こうから日が昇る"),
        likes=("hana", "yuki", "amara", "leo", "maya"),
        reposts=("hana", "amara"),
        reactions=(("priya", "🏔️"), ("sora", "😍"), ("tomas", "😍")),
    ),
    Said(
        "dawn-hana",
        "hana",
        "@kenta この青、フィルムで撮りたい…！次は一緒に行かせてください。",
        to="dawn",
        likes=("kenta",),
    ),
    Said(
        "dawn-amara",
        "amara",
        "You got up when I went to bed. Worth it for this light.",
        to="dawn",
        likes=("kenta", "hana"),
    ),
    Said(
        "tea",
        "yuki",
        "一番茶の摘み取りが始まりました。今年の新芽はやわらかくて香りがいいです🍵 #宇治 #お茶",
        _photo("tea", 5, "丘へと続く茶畑の畝"),
        likes=("hana", "sora", "kenta", "leo"),
    ),
    Said(
        "tea-leo",
        "leo",
        "@yuki As a coffee person: I am jealous. What water temperature do you use for the first flush?",
        to="tea",
    ),
    Said(
        "tea-yuki",
        "yuki",
        "@leo 60℃くらいで二分！ Sixty degrees, two minutes, no hurry.",
        to="tea",
        likes=("leo", "hana"),
    ),
    Said(
        "sea",
        "tomas",
        "Surfaced just in time. Three hours of counting seagrass and then the sea does this. #ocean #sunset",
        _photo("sea", 14, "A low sun over calm water, clouds lit from below"),
        likes=("maya", "amara", "priya", "hana", "olivia"),
    ),
    Said(
        "koto",
        "maya",
        "Recorded an old koto in an empty temple hall this morning. Headphones, please. #fieldrecording",
        (File("audio", "A short melody on plucked strings", seed=3),),
        likes=("hana", "sora", "rin", "leo"),
    ),
    Said("koto-sora", "sora", "残響がすごい…。どこのお寺ですか？", to="koto", likes=("maya",)),
    Said(
        "koto-maya",
        "maya",
        "@sora 大原の小さなお寺です。A very small one in Ohara, I promised not to say more.",
        to="koto",
    ),
    Said(
        "blossoms",
        "hana",
        "京都は今日が満開。哲学の道、朝六時ならまだ静か。 #桜 #京都",
        (*_photo("blossoms", 16, "ぼけの中に浮かぶ桜の花"), *_photo("hills", 12, "春の山")),
        likes=("kenta", "sora", "rin", "yuki", "maya", "olivia", "daichi"),
    ),
    Said("blossoms-rin", "rin", "東京はもう葉桜です。京都、行きたい…", to="blossoms", likes=("hana",)),
    Said(
        "city",
        "rin",
        "雨上がりの新宿。傘をたたむのがもったいない。 #東京 #夜散歩",
        _photo("city", 15, "濡れた路面に映る街の灯り"),
        likes=("hana", "sora", "maya", "daichi"),
    ),
    Said("city-kenta", "kenta", "東京の夜は山より明るいですね", to="city"),
    Said(
        "aurora",
        "amara",
        "Clouds parted for eleven minutes. Thirty hours awake and I would do it again. #aurora #nightsky",
        _photo("night", 14, "Green aurora over dark hills under a field of stars"),
        likes=("tomas", "priya", "kenta", "maya", "hana", "olivia"),
    ),
    Said(
        "aurora-priya",
        "priya",
        "Eleven minutes is a long maintenance window. Congratulations!",
        to="aurora",
        likes=("amara", "daichi"),
    ),
    Said(
        "dusk-video",
        "kenta",
        "下山中の五秒。太陽が沈んで星が出るまで。 #山 #タイムラプス",
        (File("video", "夕焼けの山並みに星が現れる", seed=7),),
        likes=("hana", "amara", "tomas"),
    ),
    Said(
        "seigaiha",
        "sora",
        "青海波の型、ようやく彫り上がりました。藍は三回染め。 #型染め #藍",
        _photo("waves", 18, "藍に白く抜いた青海波の文様"),
        likes=("hana", "yuki", "rin", "leo"),
    ),
    Said(
        "latte",
        "leo",
        "Six hundred and twelve attempts. This one I will remember. #coffee #latteart",
        _photo("latte", 19, "A leaf drawn in milk on a cup of coffee, seen from above"),
        likes=("maya", "kenta", "priya", "yuki"),
    ),
    Said("latte-kenta", "kenta", "@leo 山頂で飲みたいやつだ☕", to="latte", likes=("leo",)),
    Said(
        "streams",
        "priya",
        "A stream is only an outbox if you are honest about retries: bisect, bound, watch it. #dynamodb #serverless",
        likes=("daichi", "amara", "leo"),
    ),
    Said("streams-daichi", "daichi", "@priya 壁に貼ります。", to="streams", likes=("priya",)),
    Said(
        "tokyo-kyoto",
        "sora",
        "来月、東京で小さな展示をします。京都から布を三十枚。詳しくはまた。 #展示 #東京",
        likes=("hana", "rin"),
    ),
    Said(
        "food",
        "tomas",
        "I tried to cook. The fire brigade was very polite. #cooking",
        likes=("maya", "priya", "olivia", "amara"),
    ),
    Said("food-yuki", "yuki", "お茶漬けから始めましょう。", to="food", likes=("tomas", "hana")),
    Said(
        "ride",
        "priya",
        "80 km before breakfast, tailwind both ways. The planet was in a good mood. #cycling",
        likes=("leo", "tomas"),
    ),
    Said("eat", "yuki", "新茶の天ぷらを食べました。塩だけで十分。 #お茶 #ごはん", likes=("hana", "kenta")),
    Said(
        "quiet",
        "maya",
        "Looking for the quietest place you know. Wrong answers welcome. #fieldrecording",
        likes=("rin", "tomas"),
    ),
    Said("quiet-rin", "rin", "始発前の渋谷。ほんとうに静かです。", to="quiet", likes=("maya", "hana")),
    Said("quiet-amara", "amara", "Inside the dome when the motors stop.", to="quiet", likes=("maya",)),
    Said(
        "film",
        "hana",
        "現像から戻ってきた三十六枚、当たりは二枚。それがいい。 #フィルム写真",
        likes=("kenta", "sora", "rin"),
    ),
    Said(
        "dusk",
        "hana",
        "大文字山から。街の灯がつく五分前がいちばん好きな時間。 #京都 #夕焼け",
        _photo("dusk", 11, "紫に染まる山並みの夕暮れ"),
        likes=("yuki", "kenta", "maya", "daichi"),
    ),
    Said(
        "dusk-tomas",
        "tomas",
        "This is the hour when the sea and the mountains agree.",
        quotes="dusk",
        likes=("hana",),
        reactions=(("maya", "🌊"),),
    ),
    Said(
        "spoiler",
        "rin",
        "犯人はやっぱり隣の席の人でした。三話から伏線がありましたね。 #ドラマ",
        warning="最終回のネタバレ",
        likes=("yuki",),
    ),
    Said(
        "walk-poll",
        "hana",
        "次の朝の散歩、どこがいいですか？ Where shall we walk next?",
        poll=("鴨川 Kamo river", "大文字山 Daimonji", "植物園 Botanical garden"),
        votes=(("kenta", 1), ("maya", 0), ("priya", 2), ("yuki", 0), ("sora", 0)),
        reposts=("kenta",),
    ),
    Said(
        "status",
        "daichi",
        "All queues empty, all dashboards green. 今日は定時で帰ります。",
        likes=("olivia", "priya", "rin"),
    ),
)

#: Pinned posts, by person.
PINS: tuple[tuple[str, str], ...] = (("hana", "dusk"), ("kenta", "dawn"), ("maya", "koto"))

#: Reports for moderators: reporter, post, reason and comment.
REPORTS: tuple[tuple[str, str, str, str], ...] = (
    ("rin", "latte", "spam", "Six hundred attempts look like an advertisement to me. Please have a look."),
    ("tomas", "latte", "spam", "Same here."),
)

#: One-to-one chats: the pair, then who says what.
CHATS: tuple[tuple[tuple[str, str], tuple[tuple[str, str], ...]], ...] = (
    (
        ("hana", "kenta"),
        (
            ("hana", "土曜、晴れそうですよ"),
            ("kenta", "じゃあ四時に出町柳で！珈琲は持っていきます"),
            ("hana", "早い…でも行きます📷"),
        ),
    ),
    (
        ("maya", "hana"),
        (
            ("maya", "Could I use your temple photo as the cover of the recording?"),
            ("hana", "もちろん！ Of course, with pleasure."),
            ("maya", "ありがとう🙏 I will send you the first print."),
        ),
    ),
    (
        ("priya", "daichi"),
        (
            ("priya", "Your consumer is 40 ms faster than last week. What did you do?"),
            ("daichi", "I deleted code."),
        ),
    ),
)

#: Groups: their name, who makes them, who is in, who says what, and what each line answers and gets in reaction.
GROUPS: tuple[tuple[str, tuple[str, ...], tuple[tuple[str, str, int | None, str], ...]], ...] = (
    (
        "朝の散歩部 Morning walkers",
        ("hana", "kenta", "maya", "priya"),
        (
            ("hana", "あしたは鴨川、六時半に三条大橋で🌅", None, "👍"),
            ("kenta", "行きます！珈琲係です☕", 2, "🙏"),
            ("maya", "I will bring the microphone for the birds.", None, "👀"),
            ("priya", "Half past six in the morning? I will read about it here.", 2, "😂"),
        ),
    ),
)
