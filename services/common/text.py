"""Text as people count and type it: grapheme clusters (UAX #29), without control characters.

Each rule takes time proportional to the length of a text: ``clean`` reads texts before their length is refused.
"""

from __future__ import annotations

import unicodedata

import regex

from services.common.errors import BadRequest, FieldError

#: A grapheme cluster. ``\\X`` alone counts all regional indicators before each one: quadratic for a row of flags.
GRAPHEME = regex.compile(
    r"\p{Regional_Indicator}{1,2}"
    r"[\p{Grapheme_Cluster_Break=Extend}\p{Grapheme_Cluster_Break=ZWJ}\p{Grapheme_Cluster_Break=SpacingMark}]*|\X"
)
#: Something that a reader sees. Not among it: fillers that are letters or symbols by category (Hangul, Braille, music),
#: and the place of an object that was not copied along.
_VISIBLE = regex.compile(
    r"(?![\p{Default_Ignorable_Code_Point}\u2800\uFFFC\U0001D159])[\p{L}\p{N}\p{P}\p{S}\p{Co}\p{Extended_Pictographic}]"
)
#: Taken away at both ends: white space and invisible characters. Variation selectors stay: they belong to the emoji
#: before them. A pattern that ends with ``$`` would try each row of spaces inside the text from each of its spaces.
_ENDS = (
    "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f"
    "\u205f\u3000\u00ad\u115f\u1160\u180e\u200b\u2060\u2800\u3164\ufeff\uffa0"
)
#: No language writes so many; Unicode's own limit for streams is 30 (UAX #15, section 13). Normalization sorts them by
#: insertion, which is quadratic.
_MARKS_LIMIT = 32
_TOO_MANY_MARKS = regex.compile(rf"\p{{M}}{{{_MARKS_LIMIT + 1}}}")
#: Kept: line feed, tab; and the joiners and variation selectors, which are not of category Cc.
_KEPT_CONTROLS = frozenset("\n\t")
_DIRECTION = regex.compile(r"[\p{Bidi_Class=R}\p{Bidi_Class=AL}\u200E\u200F\u061C\u202A-\u202E\u2066-\u2069]")
_ISOLATES = regex.compile(r"[\u2066-\u2069]")


def graphemes(text: str) -> int:
    """How many characters a person sees: 👨‍👩‍👧 is one."""
    return sum(1 for _ in GRAPHEME.finditer(text))


def is_blank(text: str) -> bool:
    """Whether the text is invisible: spaces, invisible characters, fillers, marks without a letter."""
    return not _VISIBLE.search(text)


def isolated(text: str) -> str:
    """Foreign text inside a sentence: its direction and its control characters end with it (UAX #9, isolates)."""
    if not _DIRECTION.search(text):
        return text
    return f"\u2068{_ISOLATES.sub('', text)}\u2069"


def clean(field: str, text: str, *, limit: int, least: int = 0) -> str:
    """NFC text with LF line ends and no surrounding white space; empty when nothing of it can be seen.

    Raises:
        BadRequest: it holds control characters, unpaired surrogates or more than 32 combining marks in a row, or has
            fewer than ``least`` or more than ``limit`` grapheme clusters.
    """
    # A grapheme cluster may be long; this bound keeps hostile input from being counted at all.
    if len(text) > limit * 32:
        raise _fault(field, f"at most {limit} characters", f"{len(text)} code points")
    if _TOO_MANY_MARKS.search(text):
        raise _fault(field, f"at most {_MARKS_LIMIT} combining marks in a row", "more")
    result = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    if any(unicodedata.category(one) in ("Cc", "Cs") and one not in _KEPT_CONTROLS for one in result):
        raise _fault(field, "text without control characters", repr(result[:32]))
    result = "" if is_blank(result) else result.strip(_ENDS)
    length = graphemes(result)
    if not least <= length <= limit:
        wanted = f"{least} to {limit} characters" if least else f"at most {limit} characters"
        raise _fault(field, wanted, f"{length} characters")
    return result


def folded(text: str) -> str:
    """For comparing what people write: without differences of case, width and compatibility forms (Ｃａｔ is cat)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _fault(field: str, expected: str, got: str) -> BadRequest:
    return BadRequest(f"{field}: expected {expected}.", FieldError(field, expected, got))
