"""What the school said, as the apps know it: which facts were committed, and whom each must have told."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

# `refused`: the API answered that it did not happen.
State = Literal["committed", "uncertain", "refused"]
Says = dict[str, object]


@dataclass
class Fact:
    """One request that changes something. `mark`: finds it in its table where its id never came back."""

    kind: str
    state: State = "uncertain"
    mark: str | None = None


@dataclass
class Step:
    """What a fact says to the people of a story: part of the alert's body, or None where it takes back."""

    fact: Fact
    says: Says | None


@dataclass
class Story:
    """All that is said of one entity, in order, to the same people.

    Attributes:
        entity: as in the table `alert`; None while nobody has told us its id.
        busy: a request about it is under way: one at a time.
        over: nobody knows how it stands, so nothing more is said of it.
    """

    entity: str | None
    people: frozenset[UUID]
    steps: list[Step] = field(default_factory=list)
    busy: bool = False
    over: bool = False


@dataclass
class Book:
    """Everything that was asked for.

    Attributes:
        read, received: (account, alert) that a request noted, and was answered.
    """

    stories: list[Story] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    read: set[tuple[UUID, UUID]] = field(default_factory=set)
    received: set[tuple[UUID, UUID]] = field(default_factory=set)

    def fact(self, kind: str, mark: str | None = None) -> Fact:
        made = Fact(kind, mark=mark)
        self.facts.append(made)
        return made

    def story(self, entity: str | None, people: Iterable[UUID]) -> Story:
        made = Story(entity, frozenset(people))
        self.stories.append(made)
        return made
