"""One request for each feature: cures that go for all of them, and what is wrong, told once for many."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Dict, Iterable, List, Tuple

from ..jobs.group import PART
from ..providers.base import Problem, Provider
from ..providers.operation import Request
from .feature_reading import FeatureReading
from .words import count, translate

Cure = Tuple[str, int]  # the code of a problem, and which of its cures
Member = Tuple[str, Request]


@dataclass(frozen=True)
class Batch:
    """How the features are read, and the cures that a person chose for whichever of them needs it."""

    read: FeatureReading
    cures: Tuple[Cure, ...] = ()


def members_of(provider: Provider, asked: Iterable[Member], cures: Iterable[Cure]) -> List[Member]:
    """The requests after the cures, cut as the service wants them. Several of one feature are numbered."""
    found = list(asked)
    for code, which in cures:
        found = [part for member in found for part in _named(member, _cured(provider, member[1], code, which))]
    return [part for member in found for part in _named(member, provider.split(member[1]))]


def in_words(member: str) -> str:
    """A member's name for people: “7, part 2”."""
    feature, *parts = member.split(PART)
    return ", ".join([feature, *(translate("Groundtrack", "part {}").format(part) for part in parts)])


def told_once(alike: Dict[Tuple[str, ...], List[Tuple[int, Problem]]], members: Tuple[str, ...]) -> List[Tuple[Problem, Tuple[int, ...]]]:
    """One of each lot of problems with the places of all; in a batch it names the first feature that has it, unless all do."""
    told = []
    for found in alike.values():
        first, problem = found[0]
        if len(found) < len(members):
            problem = replace(problem, message=f"{_whose(members[first], len(found))}: {problem.message}")
        told.append((problem, tuple(place for place, _ in found)))
    return told


def _whose(member: str, features: int) -> str:
    alone = translate("Groundtrack", "Feature {}").format(in_words(member))
    one, many = translate("Groundtrack", "{} and 1 more"), translate("Groundtrack", "{} and {{}} more")
    return alone if features == 1 else count(features - 1, one.format(alone), many.format(alone))


def _cured(provider: Provider, request: Request, code: str, which: int) -> Tuple[Request, ...]:
    for problem in provider.problems(request):
        if problem.code == code and which < len(problem.repairs()):
            return problem.repairs()[which].apply(request)
    return (request,)


def _named(member: Member, requests: Tuple[Request, ...]) -> List[Member]:
    if len(requests) == 1:
        return [(member[0], requests[0])]
    return [(f"{member[0]}{PART}{number}", request) for number, request in enumerate(requests, 1)]
