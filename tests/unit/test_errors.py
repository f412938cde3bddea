"""What a problem says of itself."""

from __future__ import annotations

import pytest
from groundtrack.providers.errors import AuthError, ServiceProblem, ended


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("API key is revoked", "API key is revoked."),
        ("Is it?", "Is it?"),
        ("Wait… ", "Wait…"),
        ("It said “no.”", "It said “no.”"),
        ("See “Help”", "See “Help”."),
        ("", ""),
    ],
)
def test_a_sentence_gets_the_full_stop_that_it_lacks(text: str, whole: str) -> None:
    assert ended(text) == whole


def test_message_and_advice_are_two_sentences() -> None:
    assert str(AuthError("API key is revoked")) == "API key is revoked. Check the key of this account, then resume."
    assert str(ServiceProblem("No balance")) == "No balance"
