"""How a form is declared, asked and read."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.forms.application_forms import CreateForm, PickForm, UpdateForm
from bot.core.forms.console_forms import ConsoleForm
from bot.core.forms.fields import Field, Kind
from bot.core.forms.subscription_forms import SubscribeForm
from bot.core.forms.validation import NEEDED, Form, Mistakes, asked_of, is_needed, is_shown, read


class Toy(Form):
    """A form of two lines."""

    name: Annotated[str, Field("Name")]
    size: Annotated[int | None, Field("Size", Kind.NUMBER)] = None


def _draft_or_mistakes(model: type[Form], typed: Any) -> tuple[Form | None, dict[str, str]]:
    try:
        return read(model, typed), {}
    except Mistakes as mistakes:
        return None, mistakes.fields


def test_a_field_is_one_line() -> None:
    """The type says what is kept and what is needed, the rest is how it is asked."""
    assert read(Toy, {"name": " Ana ", "size": "#12"}) == Toy(name="Ana", size=12)
    with pytest.raises(Mistakes) as caught:
        read(Toy, {"size": "twelve"})
    assert caught.value.fields == {"name": NEEDED, "size": "Enter a whole number, such as 123."}


anything = st.none() | st.text() | st.lists(st.text()) | st.integers() | st.floats() | st.booleans() | st.binary()


@given(
    st.sampled_from([CreateForm, UpdateForm, PickForm, ConsoleForm]),
    st.dictionaries(st.sampled_from(list(asked_of(UpdateForm))), anything),
)
def test_anything_is_a_draft_or_mistakes(model: type[Form], typed: dict[str, Any]) -> None:
    """And a draft is read from its own values again."""
    draft, mistakes = _draft_or_mistakes(model, typed)
    assert set(mistakes) <= set(model.model_fields)
    assert all(mistakes.values())
    assert draft is None or read(model, draft.model_dump(mode="json")) == draft


def test_a_field_that_depends_on_another_is_asked_and_needed_beside_it() -> None:
    """The time of a daily summary is asked where it is daily, and then it must be filled in, but a limit never must."""
    fields = asked_of(SubscribeForm)
    assert [is_shown(fields["daily_at"], {"schedule": word}) for word in ("daily", "hourly")] == [True, False]
    assert is_shown(fields["limit"], {})
    assert [is_needed(SubscribeForm, name) for name in ("daily_at", "channel", "limit")] == [True, True, False]
