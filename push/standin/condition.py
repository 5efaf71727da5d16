"""Conditions over topics: `'news' in topics && ('north' in topics || !('south' in topics))`.

Source: https://firebase.google.com/docs/cloud-messaging/send-topic-messages: parentheses first, then from left to
right; at most five topics.
"""

import re
from collections.abc import Callable, Collection

MAX_TOPICS = 5
Holds = Callable[[Collection[str]], bool]
_MAX_LENGTH = 8_000
_MAX_TOKENS = 200
_TOKEN = re.compile(r"\s*(?:'(?P<topic>[a-zA-Z0-9-_.~%]{1,900})'\s+in\s+topics\b|(?P<sign>&&|\|\||!|\(|\)))")


class BadCondition(Exception):
    """Not a condition, or one over too many topics."""


def parse_condition(text: str) -> Holds:
    """What decides whether a phone with these topics is meant.

    Raises:
        BadCondition: FCM would not take it.
    """
    tokens = _tokens(text)
    if sum(not _is_sign(token) for token in tokens) > MAX_TOPICS:
        raise BadCondition(f"at most {MAX_TOPICS} topics")
    tokens.reverse()
    holds = _expression(tokens)
    if tokens:
        raise BadCondition(f"unexpected {tokens[-1]}")
    return holds


def _tokens(text: str) -> list[str]:
    """Signs as they are, topics with a quotation mark before them; the text is taken whole or not at all."""
    tokens: list[str] = []
    position, text = 0, text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or len(text) > _MAX_LENGTH or len(tokens) >= _MAX_TOKENS:
            raise BadCondition(f"cannot be read from character {position}")
        tokens.append(match["sign"] or f"'{match['topic']}")
        position = match.end()
    return tokens


def _is_sign(token: str) -> bool:
    return not token.startswith("'")


def _expression(tokens: list[str]) -> Holds:
    holds = _operand(tokens)
    while tokens and tokens[-1] in ("&&", "||"):
        both = tokens.pop() == "&&"
        holds = _joined(holds, _operand(tokens), both=both)
    return holds


def _joined(left: Holds, right: Holds, *, both: bool) -> Holds:
    if both:
        return lambda topics: left(topics) and right(topics)
    return lambda topics: left(topics) or right(topics)


def _operand(tokens: list[str]) -> Holds:
    if not tokens:
        raise BadCondition("ends too early")
    token = tokens.pop()
    if token == "!":
        inner = _operand(tokens)
        return lambda topics: not inner(topics)
    if token == "(":
        inner = _expression(tokens)
        if not tokens or tokens.pop() != ")":
            raise BadCondition("a parenthesis is not closed")
        return inner
    if _is_sign(token):
        raise BadCondition(f"unexpected {token}")
    topic = token[1:]
    return lambda topics: topic in topics
