"""Names, email addresses and phone numbers in a message: signatures, lists, forwarded emails, in any script."""

# ruff: noqa: RUF001  names in other scripts are what is read

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.forms.fields import MAX_LINE_LENGTH, Field, Kind, checked
from bot.core.forms.message_contacts import MAX_CONTACTS, MessageContact, read_contacts

ANA = MessageContact("Ana", "Silva", "ana@acme.com")


@pytest.mark.parametrize(
    ("text", "contact"),
    [
        ("Ana Silva <ana@acme.com>", ANA),
        ('"Silva, Ana" <ana@acme.com>', ANA),
        ("Ana Silva (ana@acme.com)", ANA),
        ("Ana Silva: ana@acme.com", ANA),
        ("*Ana Silva* - ana@acme.com.", ANA),
        ("> From: Ana Silva <ana@acme.com>", ANA),
        ("De : Ana Silva <ana@acme.com>", ANA),
        ("Email: ana@acme.com\nName: Ana Silva", ANA),
        ("First name: Ana\nLast name: Silva\nE-mail: ana@acme.com", ANA),
        ("Prénom : Ana\nNom : Silva\nana@acme.com", ANA),
        ("Nom : Ana Silva\nana@acme.com", ANA),
        ("Please open one for her.\n\nBest regards,\nAna Silva\nHead of Legal at Acme\nana@acme.com", ANA),
        ("Maria João da Silva <mj@acme.com>", MessageContact("Maria", "João da Silva", "mj@acme.com")),
        ("Ludwig van Beethoven\nlvb@acme.com", MessageContact("Ludwig", "van Beethoven", "lvb@acme.com")),
        ("Seán O’Brien-Walsh <s@acme.com>", MessageContact("Seán", "O’Brien-Walsh", "s@acme.com")),
        ("山田 太郎 <taro@acme.jp>", MessageContact("山田", "太郎", "taro@acme.jp")),
        ("山田太郎\ntaro@acme.jp", MessageContact("山田太郎", "", "taro@acme.jp")),
        ("محمد الأحمد <m@acme.ae>", MessageContact("محمد", "الأحمد", "m@acme.ae")),
        ("Анна Иванова, anna@acme.ru", MessageContact("Анна", "Иванова", "anna@acme.ru")),
        ("प्रिया शर्मा <priya@acme.in>", MessageContact("प्रिया", "शर्मा", "priya@acme.in")),
        ("Prince <prince@acme.com>", MessageContact("Prince", "", "prince@acme.com")),
        ("Please onboard Ana Silva <ana@acme.com>", ANA),
        ("thanks for de Silva <x1@acme.com>", MessageContact("", "", "x1@acme.com")),
        ("please write to 山田 太郎 <x1@acme.jp>", MessageContact("", "", "x1@acme.jp")),
        ("ask ana.silva@acme.com", MessageContact("Ana", "Silva", "ana.silva@acme.com")),
        ("ask info@acme.com", MessageContact("", "", "info@acme.com")),
        ("Thanks!\nBest regards\nx1@acme.com", MessageContact("", "", "x1@acme.com")),
        ("de la <x1@acme.com>", MessageContact("", "", "x1@acme.com")),
        ("Ana Silva\n+351 210 555 010", MessageContact("", "", "", "+351 210 555 010")),
        ("Name: Ana Silva", MessageContact("Ana", "Silva")),
        ("Name: 12345", None),
        ("Contact: the team at Acme\nana@acme.com", MessageContact("", "", "ana@acme.com")),
        ("ana@acme.com\nTel. (021) 555-0102 ext", MessageContact("", "", "ana@acme.com", "(021) 555-0102")),
        ("ana@acme.com 2026-11-28, invoice 123456789012, 0 12 34", MessageContact("", "", "ana@acme.com")),
        ("ana@acme.com +000000000000000000000000000000", MessageContact("", "", "ana@acme.com")),
        ("ana@acme.com https://acme.com/0201234567", MessageContact("", "", "ana@acme.com")),
        ("a@b..c", None),
        ("Good morning, where is the document?", None),
        ("", None),
    ],
)
def test_the_name_of_one_person_is_found(text: str, contact: MessageContact | None) -> None:
    """What stands beside the address counts first, then labels, a signature, and the address itself."""
    assert read_contacts(text) == ((contact,) if contact else ())


def test_a_forwarded_email_names_everyone_once() -> None:
    """Each address with its own name and number, in order, and the person chooses."""
    text = (
        "Forwarded message\n"
        "From: Ana Silva <ana@acme.com>\n"
        "To: Bo Li <bo@birch.com>, Carla Reyes <carla@birch.com>\n"
        "Subject: Onboarding\n\n"
        "Hi Bo, please open it.\n\nAna Silva\nana@acme.com | +351 210 555 010\n"
    )
    assert read_contacts(text) == (
        replace(ANA, phone="+351 210 555 010"),
        MessageContact("Bo", "Li", "bo@birch.com"),
        MessageContact("Carla", "Reyes", "carla@birch.com"),
    )


def test_a_list_of_people_keeps_each_with_their_number() -> None:
    """One on each line, or in blocks of lines."""
    text = (
        "Ana Silva <ana@acme.com> +351 210 555 010\nBo Li <bo@birch.com>\n020 7946 0999" + "\n" * 9 + "+44 1632 960000"
    )
    assert [one.phone for one in read_contacts(text)] == ["+351 210 555 010", "020 7946 0999"]
    text = "Ana Silva <ana@acme.com>\nBo Li <bo@birch.com>" + "\n" * 9 + "+44 1632 960000"
    assert [one.phone for one in read_contacts(text)] == ["", ""]


def test_a_long_list_is_cut() -> None:
    """More addresses than one can choose from aren't offered."""
    assert len(read_contacts("\n".join(f"p{number}@acme.com" for number in range(30)))) == MAX_CONTACTS


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    """Whatever a message says, what is read of it passes the form's own checks and stands on one line."""
    for one in read_contacts(text):
        assert one != MessageContact()
        assert checked(Field("", Kind.EMAIL), one.email) == (one.email or None)
        assert checked(Field("", Kind.PHONE), one.phone) == (one.phone or None)
        assert all(
            len(name) <= MAX_LINE_LENGTH and len(name.splitlines()) <= 1 for name in (one.first_name, one.last_name)
        )


_WORDS = st.one_of(
    st.from_regex(r"[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ]{1,9}", fullmatch=True),
    st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=4),
    st.text(st.characters(min_codepoint=0x0627, max_codepoint=0x063A), min_size=2, max_size=6),
    st.text(st.characters(min_codepoint=0x0905, max_codepoint=0x0939), min_size=2, max_size=6),
)
_COURTEOUS = {
    "hi",
    "hello",
    "hey",
    "dear",
    "thanks",
    "best",
    "kind",
    "warm",
    "salut",
    "merci",
    "hola",
    "date",
    "sent",
    "re",
}
_NAMES = st.lists(_WORDS, min_size=2, max_size=4).filter(
    lambda words: not {word.casefold() for word in words} & _COURTEOUS and words[0].casefold() not in {"de", "el", "al"}
)


@given(_NAMES, st.sampled_from(["{name} <{email}>", "{name}\n{email}", "Name: {name}\n{email}", "{name} ({email})"]))
def test_a_name_in_any_script_is_found(words: list[str], way: str) -> None:
    """The first word is the first name, the others are the last name."""
    name = " ".join(words)
    (contact,) = read_contacts(way.format(name=name, email="x1@acme.com"))
    assert (contact.first_name, contact.last_name) == (words[0], " ".join(words[1:]))
