"""Finds links, mentions and tags in text. Offsets count Unicode code points, the end is exclusive.

The web UI has the same tokenizer (``frontend-static/src/lib/tokenizer.ts``). Both are held to
``frontend-static/tests/vectors/tokens.json``, and a test gives both the same random texts. Both take time proportional
to the length of a text, whatever it holds.

Sources: RFC 3986 (links), UTS #46 (international host names), UAX #31 section 6.1 (hashtag identifiers).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import regex

from services.common.lazy_dataclasses import dataclass

Kind = Literal["link", "mention", "tag"]

TAG_LIMIT = 50
LINK_LIMIT = 2_000

# Scripts that are written without spaces: a link or a mention may follow their letters directly.
_WORD_BEFORE = r"\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{N}"
_LABEL = r"[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}_\u200C\u200D-]*[\p{L}\p{M}\p{N}])?"
_LINK_START = regex.compile(
    rf"(?<![{_WORD_BEFORE}])[Hh][Tt][Tt][Pp][Ss]?://({_LABEL}(?:\.{_LABEL})*|\[[0-9A-Fa-f:.]+\])"
)
#: ``user@`` or ``:password@`` after what looked like a host: such a link shows another host than it leads to.
_USER_INFO = regex.compile(r"[A-Za-z0-9_.~%+:-]*@[\p{L}\p{N}\[]")
_PORT = regex.compile(r":([0-9]+)(?![A-Za-z0-9])")
#: Characters that a path, query or fragment cannot hold unescaped, and that people put around links: spaces, invisible
#: characters but the joiners, quotation marks, brackets other than () and [], punctuation of Japanese and Chinese,
#: signs, emoji.
_ENDS_LINK = regex.compile(
    r"[\s\p{Z}\p{Cc}<>\"`|\\^{}\u2014\u2015\u301C\uFF5E\p{Pi}\p{Pf}]"
    r"|(?![()\[\]])[\p{Ps}\p{Pe}]"
    r"|(?![\x00-\x7F\u00B7\u30FB\uFF65])\p{Po}"
    r"|(?![\u200C\u200D])\p{Cf}"
    r"|(?![\x00-\x7F])[\p{S}\p{Extended_Pictographic}]"
)
#: ASCII that neither ends a link nor is a bracket: most of a link, passed over at once.
_PLAIN = regex.compile(r"[!#-'*-;=?-Z_a-z~]+")
_HIRAGANA = regex.compile(r"\p{Script=Hiragana}")
#: Hiragana after a Latin letter or digit is the sentence that goes on.
_PARTICLE = regex.compile(r"(?<=[A-Za-z0-9])\p{Script=Hiragana}")
_BRACKET_OR_END = regex.compile(rf"[()\[\]]|{_ENDS_LINK.pattern}|{_PARTICLE.pattern}")
_CLOSES = {")": "(", "]": "["}
_SENTENCE_END = frozenset(".,:;!?'*\u2013\u2026\u00b7\u30fb\uff65")
_MENTION = regex.compile(
    rf"(?<![{_WORD_BEFORE}_@＠/]|[{_WORD_BEFORE}_][.+-])[@＠]([A-Za-z0-9_]{{3,20}})(?![A-Za-z0-9_@＠\p{{Script=Latin}}\p{{M}}])"
)
#: A domain after a mention that follows a letter: an e-mail address with an international local part.
_DOMAIN = regex.compile(r"\.[\p{L}\p{N}]")
#: Between the letters of a tag: joiners, middle dots, maqaf, geresh, tsheg, wave dashes, the double hyphen of katakana.
_MEDIAL = r"\u200C\u200D\u00B7\u05BE\u05F3\u05F4\u0F0B\u0F0C\u30A0\u30FB\uFF65\u301C\uFF5E"
#: Also letters of a tag: the ditto mark, and voicing marks that stand alone (あ゛).
_LETTERS = rf"(?:(?![{_MEDIAL}])[\p{{XID_Continue}}\u3003\u309B\u309C])+"
_TAG = regex.compile(rf"(?<![\p{{L}}\p{{M}}\p{{N}}_&/#＃﹟])[#＃﹟]({_LETTERS}(?:[{_MEDIAL}]+{_LETTERS})*)")
_LETTER = regex.compile(r"\p{L}")
#: Characters of which a tag needs at least one: letters, and numbers that are written like them (〇, Ⅷ).
_TAG_LETTER = regex.compile(r"[\p{L}\p{Nl}]")
#: Joiners, variation selectors, fillers: nobody sees them.
_IGNORABLE = regex.compile(r"\p{Default_Ignorable_Code_Point}+")


@dataclass(frozen=True)
class Token:
    """``value``: the address of a link, the lower-case handle of a mention, the folded tag."""

    start: int
    end: int
    kind: Kind
    value: str


def tokens_of(text: str) -> list[Token]:
    """All tokens of a text, in order, never overlapping. Links win: ``https://a.example/#x`` holds no tag."""
    links = list(_links(text))
    others = sorted((*_mentions(text), *_tags(text)), key=_start)
    return sorted((*links, *_apart(others, links)), key=_start)


def values(tokens: Sequence[Token], kind: Kind) -> list[str]:
    """Each value once, in the order of first use."""
    return list(dict.fromkeys(token.value for token in tokens if token.kind == kind))


def folded_tag(tag: str) -> str:
    """The form by which tags are the same: NFKC, case folded, without what is not seen; ``Ｔｏｋｙｏ`` is ``tokyo``."""
    text = _IGNORABLE.sub("", tag).replace("\u309b", "\u3099").replace("\u309c", "\u309a")
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return text.replace("~", "\u301c")


def _start(token: Token) -> int:
    return token.start


def _apart(others: Sequence[Token], links: Sequence[Token]) -> Iterator[Token]:
    """Those of ``others`` that overlap no link; both are in order."""
    passed = 0
    for one in others:
        while passed < len(links) and links[passed].end <= one.start:
            passed += 1
        if passed == len(links) or one.end <= links[passed].start:
            yield one


def _links(text: str) -> Iterator[Token]:
    """Links inside a link are part of it, also of one that is too long."""
    pairs, past = _pairs(text), 0
    for match in _LINK_START.finditer(text):
        if match.start() < past:
            continue
        end = _link_end(text, match, pairs)
        if end is None:
            continue
        past = end
        if end - match.start() <= LINK_LIMIT:
            yield Token(match.start(), end, "link", text[match.start() : end])


def _pairs(text: str) -> dict[int, int]:
    """Where each bracket closes: those that close before a character that ends links, and before a wrong bracket."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    for match in _BRACKET_OR_END.finditer(text):
        one, at = match.group(), match.start()
        if one in "([":
            opened.append(at)
        elif opened and _CLOSES.get(one) == text[opened[-1]]:
            pairs[opened.pop()] = at
        else:
            opened.clear()
    return pairs


def _link_end(text: str, match: regex.Match[str], pairs: Mapping[int, int]) -> int | None:
    """Where the link ends; ``None`` when it names a user or a port that cannot be."""
    host_end: int = match.start(1) + len(_host(match.group(1)))
    if host_end < match.end():
        return host_end
    if _USER_INFO.match(text, host_end):
        return None
    end: int = host_end
    if port := _PORT.match(text, end):
        if len(port.group(1)) > 5 or not 0 < int(port.group(1)) <= 65_535:
            return None
        end = port.end()
    if text[end : end + 1] in ("/", "?", "#"):
        end = _trimmed(text, match.start(), end, _rest_end(text, end, pairs))
    return end


def _host(host: str) -> str:
    """Without words that follow an ASCII top-level domain: ``example.comを見て`` is ``example.com``."""
    head, dot, last = host.rpartition(".")
    if last.isascii() or not last[0].isascii():
        return host
    return f"{head}{dot}{regex.match('[ -~]+', last).group().rstrip('-_')}"


def _rest_end(text: str, start: int, pairs: Mapping[int, int]) -> int:
    """Where path, query and fragment end, that begin at ``start``: also before a bracket that does not close."""
    at = start
    while at < len(text):
        if plain := _PLAIN.match(text, at):
            at = plain.end()
        elif at in pairs:
            at = pairs[at] + 1
        elif text[at] in "()[]" or _ENDS_LINK.match(text, at) or _particle_follows(text, start, at):
            break
        else:
            at += 1
    return at


def _particle_follows(text: str, start: int, at: int) -> bool:
    """Hiragana after a Latin letter or digit, or after a bare ``/``."""
    if _PARTICLE.match(text, at):
        return True
    return at == start + 1 and text[start] == "/" and _HIRAGANA.match(text, at) is not None


def _trimmed(text: str, start: int, least: int, end: int) -> int:
    """Without the punctuation that ends a sentence, an English genitive, and the marks of emphasis around the link."""
    emphasis = text[start - 1] if start and text[start - 1] in "_~" else ""
    while end > least:
        if text[end - 1] in _SENTENCE_END or text[end - 1] == emphasis:
            end -= 1
        elif text.endswith("'s", least, end):
            end -= 2
        else:
            break
    return end


def _mentions(text: str) -> Iterator[Token]:
    for match in _MENTION.finditer(text):
        after_letter = match.start() > 0 and _LETTER.match(text[match.start() - 1])
        if not (after_letter and _DOMAIN.match(text, match.end())):
            yield Token(match.start(), match.end(), "mention", match.group(1).lower())


def _tags(text: str) -> Iterator[Token]:
    for match in _TAG.finditer(text):
        value = folded_tag(match.group(1))
        if len(value) <= TAG_LIMIT and _TAG_LETTER.search(value):
            yield Token(match.start(), match.end(), "tag", value)
