"""Refuses expressions that DynamoDB refuses before it reads an item; MiniStack evaluates them as far as it can.

Sources: "Comparison operator and function reference" (at most 100 operands of IN; operands of begins_with and
attribute_type), "Using update expressions in DynamoDB" (each clause once, arithmetic on numbers, list_append on lists),
"Expression attribute names (aliases)", https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/; API_Query and
API_TransactWriteItems in the API Reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import combinations
from typing import Any

from emulation.emulator import seams

Token = tuple[str, str]
Values = Mapping[str, Mapping[str, Any]]
Path = tuple[Any, ...]
IN_LIMIT = 100
_TYPES = ("B", "NULL", "SS", "BOOL", "L", "BS", "N", "NS", "S", "M")
_CLAUSES = ("SET", "REMOVE", "ADD", "DELETE")
_CONDITIONS = ("ConditionExpression", "FilterExpression")
_OPENS, _CLOSES = ("LPAREN", "LBRACKET"), ("RPAREN", "RBRACKET")
#: Parameters from before expressions → the expressions that they exclude.
_LEGACY = ("QueryFilter", "ScanFilter", "KeyConditions", "AttributesToGet", "ConditionalOperator", "Expected")
_EXPRESSIONS = ("FilterExpression", "KeyConditionExpression", "ProjectionExpression", "ConditionExpression")


def refuse_wrong_expressions() -> None:
    """Add to the checks that MiniStack makes once for each request, and to what it does with operands of SET."""
    dynamodb = seams.module("services.dynamodb")
    validate, value_of = dynamodb._validate_expression_attrs, dynamodb._eval_set_value
    number_error, members_error = dynamodb._number_error, dynamodb._transact_write_members_error

    def validate_attrs(data: Any, expression_fields: tuple[str, ...], size_wording: Any = "figure") -> Any:
        refused = validate(data, expression_fields, size_wording)
        if refused:
            return refused
        problem = request_problem(dynamodb, data, expression_fields)
        return dynamodb.error_response_json("ValidationException", problem, 400) if problem else None

    def set_value(tokens: list[Token], item: Any, attr_values: Any, attr_names: Any) -> Any:
        _check_operands(dynamodb, tokens, lambda part: set_value(part, item, attr_values, attr_names))
        return value_of(tokens, item, attr_values, attr_names)

    def number_problem(text: Any) -> str | None:
        if isinstance(text, str) and not text.isascii():
            return f"The parameter cannot be converted to a numeric value: {text}"
        found: str | None = number_error(text)
        return found

    def transact_problem(data: Any, items_list: Any) -> Any:
        problem = transaction_problem(items_list)
        if problem:
            return dynamodb.error_response_json("ValidationException", problem, 400)
        return members_error(data, items_list)

    dynamodb._validate_expression_attrs, dynamodb._eval_set_value = validate_attrs, set_value
    dynamodb._number_error, dynamodb._transact_write_members_error = number_problem, transact_problem


def request_problem(dynamodb: Any, data: Mapping[str, Any], fields: tuple[str, ...]) -> str | None:
    """DynamoDB's message about the first error; ``None`` without one."""
    for name in fields:
        if isinstance(data.get(name), str) and not data[name].strip():
            return f"Invalid {name}: The expression can not be empty;"
    legacy, modern = [one for one in _LEGACY if data.get(one)], [one for one in _EXPRESSIONS if data.get(one)]
    if legacy and modern:
        return (
            "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: "
            f"{{{', '.join(legacy)}}} Expression parameters: {{{', '.join(modern)}}}"
        )
    tokens = {name: _tokens(dynamodb, data[name]) for name in fields if data.get(name)}
    return _names_problem(data, tokens) or next(_problems(dynamodb, data, tokens), None)


def _tokens(dynamodb: Any, expression: str) -> list[Token]:
    """Empty when the expression cannot be parsed: MiniStack reports that itself."""
    try:
        return list(dynamodb._tokenize(expression.strip()))
    except ValueError:
        return []


def _names_problem(data: Mapping[str, Any], tokens: Mapping[str, list[Token]]) -> str | None:
    """The message about a placeholder that is misspelled or unused."""
    used = {text for one in tokens.values() for _, text in one}
    for parameter, mark in (("ExpressionAttributeNames", "#"), ("ExpressionAttributeValues", ":")):
        for name in data.get(parameter) or {}:
            if not re.fullmatch(rf"{mark}\w+", name, re.ASCII):
                return f'{parameter} contains invalid key: Syntax error; key: "{name}"'
            if all(tokens.values()) and name not in used:
                return f"Value provided in {parameter} unused in expressions: keys: {{{name}}}"
    return None


def _problems(dynamodb: Any, data: Mapping[str, Any], tokens: Mapping[str, list[Token]]) -> Iterator[str]:
    values, names = data.get("ExpressionAttributeValues") or {}, data.get("ExpressionAttributeNames") or {}
    for field in _CONDITIONS:
        yield from (f"Invalid {field}: {text}" for text in condition_problems(tokens.get(field, []), values))
    if update := data.get("UpdateExpression"):
        yield from _of_update(dynamodb, update, tuple(sorted(names.items())))


@lru_cache(1_024)
def _of_update(dynamodb: Any, update: str, names: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """The same updates come again and again, with other values."""
    found = update_problems(dynamodb, _tokens(dynamodb, update), dict(names))
    return tuple(f"Invalid UpdateExpression: {text}" for text in found)


def condition_problems(tokens: list[Token], values: Values) -> Iterator[str]:
    """The message about invalid operands of a function or an operator."""
    for at, (kind, text) in enumerate(tokens[:-1]):
        if kind != "IDENT" or tokens[at + 1][0] != "LPAREN":
            continue
        arguments = list(_split(tokens, at + 2))
        if text.upper() == "IN" and len(arguments) > IN_LIMIT:
            yield f"Too many operands for operator; operator: IN, number of operands: {len(arguments)}"
        last = values.get(arguments[-1][0][1]) if arguments and len(arguments[-1]) == 1 else None
        if last is None:
            continue
        (type_, value), *_ = last.items()
        if text.lower() == "begins_with" and type_ not in ("S", "B"):
            yield (
                "Incorrect operand type for operator or function; "
                f"operator or function: begins_with, operand type: {type_}"
            )
        if text.lower() == "attribute_type" and (type_ != "S" or value not in _TYPES):
            yield f"Invalid attribute type name found; type: {value}, valid types: {{{','.join(_TYPES)}}}"


def update_problems(dynamodb: Any, tokens: list[Token], names: Mapping[str, str]) -> Iterator[str]:
    """The message about a repeated clause, or about two paths that overlap."""
    clauses = [text.upper() for kind, text in tokens if kind == "IDENT" and text.upper() in _CLAUSES]
    for clause in clauses:
        if clauses.count(clause) > 1:
            yield f'The "{clause}" section can only be used once in an update expression;'
    paths = [tuple(dynamodb._parse_path_from_tokens(part, names)) for part in _targets(tokens)]
    for one, other in combinations([path for path in paths if path], 2):
        if one[: len(other)] == other[: len(one)]:
            yield (
                "Two document paths overlap with each other; must remove or rewrite one of these paths; "
                f"path one: {_shown(one)}, path two: {_shown(other)}"
            )


def _targets(tokens: list[Token]) -> Iterator[list[Token]]:
    """The path of each action: the part before ``=``, or before the value of ADD and DELETE, or the whole action."""
    clause, at = "", 0
    for number, (kind, text) in enumerate([*tokens, ("IDENT", "SET")]):
        if kind != "IDENT" or text.upper() not in _CLAUSES:
            continue
        for action in _split([*tokens[at:number], ("RPAREN", ")")], 0) if clause else ():
            yield list(_until(action, "EQ" if clause == "SET" else "VALUE_REF"))
        clause, at = text.upper(), number + 1


def _until(tokens: list[Token], kind: str) -> Iterator[Token]:
    for token in tokens:
        if token[0] in (kind, "EOF"):
            return
        yield token


def _split(tokens: list[Token], start: int) -> Iterator[list[Token]]:
    """The parts between commas, from ``start`` to the closing bracket."""
    depth = 0
    part: list[Token] = []
    for token in tokens[start:]:
        depth += (token[0] in _OPENS) - (token[0] in _CLOSES)
        if depth < 0:
            break
        if token[0] == "COMMA" and depth == 0:
            yield part
            part = []
        else:
            part.append(token)
    if part:
        yield part


def _shown(path: Path) -> str:
    return f"[{', '.join(f'[{one}]' if isinstance(one, int) else str(one) for one in path)}]"


def _check_operands(dynamodb: Any, tokens: list[Token], value_of: Any) -> None:
    """Raises: ValueError (an operand of ``+``, ``-`` or list_append is of another type)."""
    operation, operands, wanted = _operation(dynamodb, tokens)
    for part in operands:
        value = value_of(part)
        if value is None or wanted in value:
            continue
        if len(part) == 1 and part[0][0] == "VALUE_REF":
            kind = next(iter(value))
            raise ValueError(
                "Invalid UpdateExpression: Incorrect operand type for operator or function; "
                f"operator or function: {operation}, operand type: {kind}"
            )
        raise ValueError("An operand in the update expression has an incorrect data type")


def _operation(dynamodb: Any, tokens: list[Token]) -> tuple[str, list[list[Token]], str]:
    """The outermost operation of a value of SET, its operands, their type; no operands where it is none of these."""
    while len(tokens) > 1 and tokens[0][0] == "LPAREN" and dynamodb._find_matching_paren(tokens, 0) == len(tokens) - 1:
        tokens = tokens[1:-1]
    depth = 0
    for at, (kind, text) in enumerate(tokens):
        depth += (kind in _OPENS) - (kind in _CLOSES)
        if at and depth == 0 and kind in ("PLUS", "MINUS"):
            return text, [tokens[:at], tokens[at + 1 :]], "N"
    if len(tokens) > 1 and tokens[0][1].lower() == "list_append" and tokens[1][0] == "LPAREN":
        return "list_append", list(_split(tokens, 2)), "L"
    return "", [], ""


def transaction_problem(items: Any) -> str | None:
    """Each member of a transaction is one action, and a check has a condition."""
    for number, member in enumerate(items, start=1) if isinstance(items, list) else ():
        if not isinstance(member, dict):
            continue
        if len(member) > 1:
            return "TransactItems can only contain one of Check, Put, Update or Delete"
        check = member.get("ConditionCheck")
        if isinstance(check, dict) and not check.get("ConditionExpression"):
            at = f"transactItems.{number}.member.conditionCheck.conditionExpression"
            return (
                f"1 validation error detected: Value null at '{at}' failed to satisfy constraint: "
                "Member must not be null"
            )
    return None
