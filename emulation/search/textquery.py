"""Full-text leaf queries: the analyzer's terms, combined as OpenSearch does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tantivy

from emulation.search.builder import QueryBuilder, boosted
from emulation.search.compound import minimum_should_match
from emulation.search.errors import ParsingError, Unsupported, require_keys
from emulation.search.mapping import Field
from emulation.search.termquery import exact, prefix_terms
from emulation.search.tokens import Token

_KNOWN = {
    "fuzzy_rewrite", "lenient", "cutoff_frequency", "auto_generate_synonyms_phrase_query",
    "fuzzy_transpositions",
    "_name", "slop", "max_expansions", "prefix_length",
}  # fmt: skip
_MULTI_TYPES = {"best_fields", "most_fields", "phrase", "phrase_prefix", "bool_prefix"}


def _options(body: dict[str, Any], kind: str, allowed: set[str]) -> tuple[str, dict[str, Any]]:
    if len(body) != 1:
        raise ParsingError(f"[{kind}] query doesn't support multiple fields, found {sorted(body)}")
    ((path, options),) = body.items()
    if not isinstance(options, dict):
        options = {"query": options}
    require_keys(options, allowed | {"query", "boost", "analyzer", "zero_terms_query"}, kind, _KNOWN)
    if "query" not in options:
        raise ParsingError(f"No text specified for text query [{kind}]")
    if options.get("zero_terms_query", "none") not in {"none", "all"}:
        raise ParsingError(f"Unsupported zero_terms_query value [{options['zero_terms_query']}]")
    return path, options


def match(builder: QueryBuilder, body: dict[str, Any]) -> tantivy.Query:
    path, options = _options(body, "match", {"operator", "minimum_should_match", "fuzziness", "prefix_length"})
    target = builder.mapping.field(path)
    if target is None:
        return tantivy.Query.empty_query()
    return boosted(_words(builder, target, options), options.get("boost"))


def _words(builder: QueryBuilder, target: Field, options: dict[str, Any]) -> tantivy.Query:
    """The terms of the text, joined by the operator."""
    if target.kind != "text":
        return exact(builder, target, options["query"])
    groups = _groups(_analyze(builder, target, options))
    if not groups:
        return _nothing(options)
    fuzziness = options.get("fuzziness")
    queries = [_group(builder, target, group, fuzziness, int(options.get("prefix_length", 0))) for group in groups]
    return _join(queries, options)


def _join(queries: Sequence[tantivy.Query], options: dict[str, Any]) -> tantivy.Query:
    operator = str(options.get("operator", "or")).lower()
    if operator not in {"and", "or"}:
        raise ParsingError(f"operator needs to be either OR or AND, but not [{options['operator']}]")
    if len(queries) == 1:
        return queries[0]
    occur = tantivy.Occur.Must if operator == "and" else tantivy.Occur.Should
    wanted = minimum_should_match(options.get("minimum_should_match"), len(queries), 1)
    return tantivy.Query.boolean_query([(occur, query) for query in queries], wanted if operator == "or" else None)


def _nothing(options: dict[str, Any]) -> tantivy.Query:
    if options.get("zero_terms_query", "none") == "all":
        return tantivy.Query.const_score_query(tantivy.Query.all_query(), 1.0)
    return tantivy.Query.empty_query()


def _analyze(builder: QueryBuilder, target: Field, options: dict[str, Any]) -> list[Token]:
    if "analyzer" in options:
        raise Unsupported("[analyzer] in a query (set search_analyzer in the mapping)")
    assert target.search_analyzer is not None
    return target.search_analyzer.analyze(str(options["query"]))


def _groups(tokens: list[Token]) -> list[list[Token]]:
    """Tokens that share a position are alternatives."""
    groups: dict[int, list[Token]] = {}
    for token in tokens:
        groups.setdefault(token.position, []).append(token)
    return list(groups.values())


def _group(
    builder: QueryBuilder, target: Field, group: list[Token], fuzziness: Any = None, prefix_length: int = 0
) -> tantivy.Query:
    queries = [_single(builder, target, token.text, fuzziness, prefix_length) for token in group]
    return queries[0] if len(queries) == 1 else tantivy.Query.disjunction_max_query(queries, 0.0)


def _single(builder: QueryBuilder, target: Field, text: str, fuzziness: Any, prefix_length: int) -> tantivy.Query:
    column = builder.column(target)
    distance = _distance(fuzziness, text)
    builder.highlights.term(target.path, text)
    exact = tantivy.Query.term_query(builder.schema, column, text)
    if not distance:
        return exact
    builder.highlights.near(target.path, text, distance, prefix_length)
    fuzzy = tantivy.Query.fuzzy_term_query(builder.schema, column, text, distance, True)
    if prefix_length:
        head = prefix_terms(builder, target, text[:prefix_length])
        fuzzy = tantivy.Query.boolean_query(
            [(tantivy.Occur.Must, fuzzy), (tantivy.Occur.Must, tantivy.Query.const_score_query(head, 0.0))]
        )
    return tantivy.Query.disjunction_max_query([exact, tantivy.Query.const_score_query(fuzzy, 0.5)], 0.0)


def _distance(fuzziness: Any, text: str) -> int:
    if fuzziness is None:
        return 0
    if str(fuzziness).upper() == "AUTO":
        return 0 if len(text) < 3 else 1 if len(text) < 6 else 2
    if str(fuzziness) in {"0", "1", "2"}:
        return int(fuzziness)
    raise Unsupported(f"fuzziness [{fuzziness}]")


def match_phrase(builder: QueryBuilder, body: dict[str, Any]) -> tantivy.Query:
    path, options = _options(body, "match_phrase", {"slop"})
    target = builder.mapping.field(path)
    if target is None:
        return tantivy.Query.empty_query()
    return boosted(_phrase(builder, target, options), options.get("boost"))


def _phrase(builder: QueryBuilder, target: Field, options: dict[str, Any]) -> tantivy.Query:
    if target.kind != "text":
        return exact(builder, target, options["query"])
    groups = _groups(_analyze(builder, target, options))
    if not groups:
        return _nothing(options)
    if len(groups) == 1:
        return _group(builder, target, groups[0])
    if any(len(group) > 1 for group in groups):
        raise Unsupported("a phrase whose analyzer gives several terms at one position")
    words = _words_at(groups)
    builder.highlights.phrase(target.path, words)
    return tantivy.Query.phrase_query(builder.schema, builder.column(target), list(words), int(options.get("slop", 0)))


def _words_at(groups: list[list[Token]]) -> list[tuple[int, str]]:
    first = groups[0][0].position
    return [(group[0].position - first, group[0].text) for group in groups]


def match_phrase_prefix(builder: QueryBuilder, body: dict[str, Any]) -> tantivy.Query:
    path, options = _options(body, "match_phrase_prefix", {"max_expansions"})
    target = builder.mapping.field(path)
    if target is None:
        return tantivy.Query.empty_query()
    return boosted(_phrase_prefix(builder, target, options), options.get("boost"))


def _phrase_prefix(builder: QueryBuilder, target: Field, options: dict[str, Any]) -> tantivy.Query:
    if target.kind != "text":
        raise ParsingError(
            f"Can only use phrase prefix queries on text fields - not on [{target.path}] which is of type "
            f"[{target.kind}]",
            "query_shard_exception",
        )
    groups = _groups(_analyze(builder, target, options))
    if not groups:
        return _nothing(options)
    words = _words_at(groups)
    builder.highlights.prefix(target.path, words[-1][1])
    if len(words) == 1:
        return tantivy.Query.const_score_query(prefix_terms(builder, target, words[0][1]), 1.0)
    for _, word in words[:-1]:
        builder.highlights.term(target.path, word)
    return tantivy.Query.phrase_prefix_query(builder.schema, builder.column(target), list(words))


def match_bool_prefix(builder: QueryBuilder, body: dict[str, Any]) -> tantivy.Query:
    path, options = _options(body, "match_bool_prefix", {"operator", "minimum_should_match"})
    target = builder.mapping.field(path)
    if target is None:
        return tantivy.Query.empty_query()
    return boosted(_bool_prefix(builder, target, options), options.get("boost"))


def _bool_prefix(builder: QueryBuilder, target: Field, options: dict[str, Any]) -> tantivy.Query:
    if target.kind != "text":
        return exact(builder, target, options["query"])
    groups = _groups(_analyze(builder, target, options))
    if not groups:
        return _nothing(options)
    queries = [_group(builder, target, group) for group in groups[:-1]]
    last = groups[-1][0].text
    builder.highlights.prefix(target.path, last)
    queries.append(tantivy.Query.const_score_query(prefix_terms(builder, target, last), 1.0))
    return _join(queries, options)


def multi_match(builder: QueryBuilder, body: dict[str, Any]) -> tantivy.Query:
    allowed = {"query", "fields", "type", "operator", "tie_breaker", "minimum_should_match", "boost",
    "fuzziness",
               "prefix_length"}  # fmt: skip
    require_keys(body, allowed, "multi_match", _KNOWN | {"analyzer", "zero_terms_query"})
    if "query" not in body or not body.get("fields"):
        raise ParsingError("No text or fields specified for multi_match query")
    kind = body.get("type", "best_fields")
    if kind not in _MULTI_TYPES:
        raise Unsupported(f"multi_match type [{kind}]")
    make = {"phrase": _phrase, "phrase_prefix": _phrase_prefix, "bool_prefix": _bool_prefix}.get(kind, _words)
    queries = []
    for name in body["fields"]:
        path, _, boost = str(name).partition("^")
        if "*" in path:
            raise Unsupported("field patterns in multi_match")
        target = builder.mapping.field(path)
        if target is not None:
            queries.append(boosted(make(builder, target, body), boost or None))
    if not queries:
        return tantivy.Query.empty_query()
    if kind in {"most_fields", "bool_prefix"}:
        query = tantivy.Query.boolean_query([(tantivy.Occur.Should, one) for one in queries])
    else:
        query = tantivy.Query.disjunction_max_query(queries, float(body.get("tie_breaker", 0)))
    return boosted(query, body.get("boost"))
