"""What can be a secret, and what is said of what can't be."""

import pytest

from bot.core.secret_validation import MIN_SECRET_LENGTH, secret_problem


@pytest.mark.parametrize(
    ("typed", "words"),
    [("two words", "one word"), ("", "one word"), ("clé-secrète", "one word"), ("x" * (MIN_SECRET_LENGTH - 1), "8")],
)
def test_what_can_not_be_a_secret(typed: str, words: str) -> None:
    """It is named in a sentence that doesn't hold it."""
    problem = secret_problem(typed)
    assert problem is not None
    assert words in problem
    assert not typed or typed not in problem


def test_what_can_be_a_secret() -> None:
    """One word of signs that is long enough."""
    assert secret_problem("x" * MIN_SECRET_LENGTH) is None
