"""The query language of the search box.

::

    query   = part { part }                     all parts must match
    part    = clause { "OR" clause }            one of them must
    clause  = ["-"] ( word | phrase | tag | operator ":" value )
    phrase  = '"' text '"'
    tag     = "#" name
    operator = from to has is since until lang

``from:handle`` wrote it; ``to:handle`` is mentioned or answered; ``has:photo|video|audio|media|link``;
``is:reply|post``; ``since:`` and ``until:`` take a day (UTC, both included) or an RFC 3339 time; ``lang:ja``.
Full-width signs (＃ ： － and the ideographic space) count as their ASCII forms. An unknown ``word:word`` is
plain text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import field
from datetime import UTC, date, datetime, time, timedelta

from services.common.errors import BadRequest, FieldError
from services.common.lazy_dataclasses import dataclass

MAX_LENGTH = 512
MAX_CLAUSES = 24
HAS = ("photo", "video", "audio", "media", "link")
IS = ("reply", "post")
_DAY = "a day (2026-01-31) or an RFC 3339 time"
_EXPECTED = {
    "from": "a handle",
    "to": "a handle",
    "has": f"one of {', '.join(HAS)}",
    "is": f"one of {', '.join(IS)}",
    "since": _DAY,
    "until": _DAY,
    "lang": "a language code such as ja or en",
}
_HANDLE = re.compile(r"[A-Za-z0-9_]{1,30}")
# Any script's letters and marks: all but spaces and ASCII punctuation other than _.
_TAG = re.compile(r"[^\s!-/:-@\[-^`{-~]{1,100}")
_LETTER = re.compile(r"[^\W_]")
#: ISO 639-1, and what posts in no known language have. Source: loc.gov, ISO 639-2 code list.
_ISO_639_1 = """
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el
    en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu
    ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na
    nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so
    sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu und
"""
LANGUAGES = frozenset(_ISO_639_1.split())
_TOKEN = re.compile(
    r"""\s*(?P<minus>[-－](?=\S))?
    (?: ["“”](?P<phrase>[^"“”]*)(?P<close>["“”])?
      | [#＃](?P<tag>[^\s"“”]*)
      | (?P<operator>from|to|has|is|since|until|lang)[:：](?P<value>"[^"]*"|\S*)
      | (?P<word>[^\s"“”]+) )""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True)
class Clause:
    """One condition. ``kind`` is ``word``, ``phrase``, ``tag`` or an operator; times are RFC 3339 text.

    ``typed`` is the value of an operator as somebody wrote it.
    """

    kind: str
    value: str
    negated: bool = False
    typed: str = field(default="", compare=False)


@dataclass(frozen=True)
class Query:
    """Every part must match; a part is met by one of its clauses."""

    parts: tuple[tuple[Clause, ...], ...]

    @property
    def words(self) -> list[str]:
        """The plain words that are looked for, in order."""
        return [
            part[0].value for part in self.parts if len(part) == 1 and part[0].kind == "word" and not part[0].negated
        ]


def parse(text: str) -> Query:
    """Read what somebody typed.

    Raises:
        BadRequest: with the field ``q``, what was expected and what came.
    """
    text = text.replace("\u3000", " ").strip()
    if not text:
        raise _fault("empty", "at least one word, phrase, tag or operator", "nothing")
    if len(text) > MAX_LENGTH:
        raise _fault("too-long", f"at most {MAX_LENGTH} characters", f"{len(text)} characters")
    parts: list[list[Clause]] = []
    joining = False
    for match in _tokens(text):
        if match["word"] == "OR" and not match["minus"]:
            if joining or not parts:
                raise _fault("or", "a word or operator on both sides of OR", "OR")
            joining = True
            continue
        clause = _clause(match)
        if joining:
            parts[-1].append(clause)
        else:
            parts.append([clause])
        joining = False
    if joining:
        raise _fault("or", "a word or operator on both sides of OR", "OR at the end")
    if sum(len(part) for part in parts) > MAX_CLAUSES:
        raise _fault("too-many", f"at most {MAX_CLAUSES} words and operators", str(sum(len(part) for part in parts)))
    query = Query(tuple(tuple(part) for part in parts))
    _check_range(query)
    return query


def _check_range(query: Query) -> None:
    """Raises ``BadRequest`` where ``since:`` lies after ``until:``: nothing can be between."""
    alone = [part[0] for part in query.parts if len(part) == 1 and not part[0].negated]
    since = max((one for one in alone if one.kind == "since"), key=lambda one: one.value, default=None)
    until = min((one for one in alone if one.kind == "until"), key=lambda one: one.value, default=None)
    if since and until and since.value >= until.value:
        raise _fault("range", "a since: before until:", f"since:{since.typed} until:{until.typed}")


def _tokens(text: str) -> list[re.Match[str]]:
    found: list[re.Match[str]] = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.end() == place:
            raise _fault("unreadable", "words, phrases, tags and operators", text[place:][:40])
        found.append(match)
        place = match.end()
        while place < len(text) and text[place].isspace():
            place += 1
    return found


def _clause(match: re.Match[str]) -> Clause:
    negated = bool(match["minus"])
    if match["phrase"] is not None:
        if not match["close"]:
            raise _fault("quote", 'a closing quotation mark (")', match.group().strip()[:40])
        if not match["phrase"].strip():
            raise _fault("phrase", "words between the quotation marks", '""')
        return Clause("phrase", match["phrase"].strip(), negated)
    if match["tag"] is not None:
        if not _LETTER.search(match["tag"]):
            return Clause("word", f"#{match['tag']}", negated)
        if not _TAG.fullmatch(match["tag"]):
            raise _fault("tag", "a tag of letters, digits and _ after #", f"#{match['tag'][:40]}")
        return Clause("tag", match["tag"], negated)
    if match["operator"] is not None:
        name = match["operator"].lower()
        typed = match["value"].strip('"')
        if not typed:
            raise _fault("value-missing", f"{_EXPECTED[name]} after {name}:", f"{name}:")
        return Clause(name, _VALUES[name](name, typed), negated, typed)
    return Clause("word", match["word"], negated)


def _handle(name: str, value: str) -> str:
    value = value.removeprefix("@").removeprefix("＠")
    if not _HANDLE.fullmatch(value):
        raise _fault("handle", f"a handle after {name}:", f"{name}:{value}")
    return value.lower()


def _one_of(choices: tuple[str, ...]) -> Callable[[str, str], str]:
    def check(name: str, value: str) -> str:
        if value.lower() not in choices:
            raise _fault(name, f"{name}: one of {', '.join(choices)}", f"{name}:{value}")
        return value.lower()

    return check


def _language(name: str, value: str) -> str:
    if value.lower() not in LANGUAGES:
        raise _fault("lang", "a language code such as ja or en after lang:", f"lang:{value}")
    return value.lower()


def _moment(name: str, value: str) -> str:
    """Start of a day for ``since``, start of the next for ``until`` (which the query excludes)."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            day = date.fromisoformat(value) + timedelta(days=1 if name == "until" else 0)
            moment = datetime.combine(day, time(), UTC)
        else:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None:
                raise ValueError("no offset")
    except (ValueError, OverflowError) as error:
        raise _fault("date", f"{_DAY} after {name}:", f"{name}:{value}") from error
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_VALUES: dict[str, Callable[[str, str], str]] = {
    "from": _handle,
    "to": _handle,
    "has": _one_of(HAS),
    "is": _one_of(IS),
    "since": _moment,
    "until": _moment,
    "lang": _language,
}
assert set(_VALUES) == set(_EXPECTED)


def _fault(reason: str, expected: str, got: str) -> BadRequest:
    return BadRequest("The search query can't be read.", FieldError("q", expected, got, reason))
