"""Plausible people, companies and templates from many countries, so that names in every script are seen early."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from bot.core.language import N_, _

STEP_TYPES: Mapping[str, str] = {
    "Application form": "form",
    "Beneficial owners": "form",
    "Guarantor": "form",
    "Identity document": "identity_verification",
    "Identity of the director": "identity_verification",
    "Signed contract": "e_contract",
    "Balance sheets": "spreadsheet",
    "Collateral": "payment",
    "Emergency contact": "task",
}
"""The type of each step. Any other step is a file upload (Clust's help center: step types)."""


@dataclass(frozen=True, slots=True)
class FakeTemplate:
    """A template of applications. With `about_company`, they are named after the company, else after the person."""

    id: int
    title: str
    short: str
    steps: tuple[str, ...]
    about_company: bool = False
    is_live: bool = True
    types: Mapping[str, str] = field(default_factory=lambda: STEP_TYPES, compare=False)

    def translated(self) -> FakeTemplate:
        """Return the template with its names in the current language."""
        types = {_(step): step_type for step, step_type in STEP_TYPES.items()}
        steps = tuple(_(step) for step in self.steps)
        return replace(self, title=_(self.title), short=_(self.short), steps=steps, types=types)

    def to_dict(self) -> dict[str, Any]:
        """Return the template as in the list of templates."""
        return {"id": self.id, "title": self.title, "is_live": self.is_live}


TEMPLATES = (
    FakeTemplate(
        1,
        N_("KYC company"),
        N_("KYC"),
        (
            N_("Company register extract"),
            N_("Articles of association"),
            N_("Beneficial owners"),
            N_("Identity of the director"),
        ),
        about_company=True,
    ),
    FakeTemplate(
        2,
        N_("Employee onboarding"),
        N_("Onboarding"),
        (
            N_("Identity document"),
            N_("Bank details"),
            N_("Signed contract"),
            N_("Emergency contact"),
            N_("Social security number"),
        ),
    ),
    FakeTemplate(
        3,
        N_("Tenant file"),
        N_("Tenant file"),
        (
            N_("Identity document"),
            N_("Last three payslips"),
            N_("Tax notice"),
            N_("Guarantor"),
        ),
    ),
    FakeTemplate(
        4,
        N_("Loan application"),
        N_("Loan"),
        (
            N_("Application form"),
            N_("Balance sheets"),
            N_("Business plan"),
            N_("Bank statements"),
            N_("Collateral"),
        ),
        about_company=True,
    ),
)

TEAM = {"id": 1, "name": "Client onboarding"}

COLLEAGUES: tuple[dict[str, Any], ...] = (
    {"id": 1, "firstname": "Camille", "lastname": "Moreau", "email": "camille@example.com", "role": "admin"},
    {"id": 2, "firstname": "Tunde", "lastname": "Bakare", "email": "tunde@example.com", "role": "member"},
    {"id": 3, "firstname": "Hanna", "lastname": "Schäfer", "email": "hanna@example.com", "role": "member"},
)

TAGS: tuple[dict[str, Any], ...] = ({"id": 1, "name": "Priority"}, {"id": 2, "name": "Renewal"})


@dataclass(frozen=True, slots=True)
class Country:
    """First names, last names and companies that go together, and the country's telephone prefix."""

    dial: str
    firstnames: tuple[str, ...]
    lastnames: tuple[str, ...]
    companies: tuple[str, ...]


COUNTRIES = (
    Country("+33", ("Éloïse", "Jérôme", "Zoé"), ("Lefèvre", "D'Aubigné", "Noël"), ("Lefèvre & Fils", "Café Noël")),
    Country(
        "+49", ("Jürgen", "Anke", "Björn"), ("Müller", "Weiß", "von der Heide"), ("Müller & Söhne GmbH", "Weißbau")
    ),
    Country(
        "+91", ("Priya", "Arjun", "लक्ष्मी"), ("Sharma", "Venkataraman", "Iyer"), ("Sharma Textiles", "Iyer Exports")
    ),
    Country("+81", ("陽子", "健太", "Haruka"), ("佐藤", "田中", "渡辺"), ("田中商事", "渡辺工業株式会社")),
    Country(
        "+971", ("محمد", "ليلى", "Yasmin"), ("العلي", "بن سعيد", "الحسيني"), ("شركة النور للتجارة", "الحسيني وأولاده")
    ),
    Country(
        "+234", ("Chidiebere", "Ngozi", "Olúwaṣeun"), ("Okonkwo", "Adéyẹmí", "Eze"), ("Okonkwo Farms", "Eze & Sons")
    ),
    Country(
        "+48", ("Michał", "Żaneta", "Łucja"), ("Wójcik", "Błaszczykowski", "Dąbek"), ("Wójcik Sp. z o.o.", "Dąbek S.A.")
    ),
    Country(
        "+55",
        ("João", "Conceição", "Thaís"),
        ("da Conceição", "Gonçalves", "Araújo"),
        ("Padaria São João", "Araújo Ltda"),
    ),
    Country("+972", ("נועה", "יוסף", "Eitan"), ("כהן", "לוי", "Mizrahi"), ("כהן ובניו", "Mizrahi Tech")),
    Country(
        "+1", ("Ana-María", "DeShawn", "Xóchitl"), ("O'Neill", "Nguyễn", "St. James"), ("O'Neill <Partners>", "A&B Co.")
    ),
)

COMPANIES: tuple[dict[str, Any], ...] = tuple(
    {"id": number, "name": name}
    for number, name in enumerate((name for country in COUNTRIES for name in country.companies), start=1)
)


@dataclass(frozen=True, slots=True)
class Client:
    """One client: the person who fills in an application, and their company."""

    contact: dict[str, str | None]
    company: str

    def title(self, template: FakeTemplate) -> str:
        """Return a plausible title for this client's application of a template, as in *KYC · Lefèvre & Fils*."""
        person = f"{self.contact['firstname']} {self.contact['lastname']}"
        return f"{template.short} · {self.company if template.about_company else person}"


def someone(random: Random, number: int) -> Client:
    """Return a plausible client. `number` makes the email address unique. Its domain receives no mail."""
    country = random.choice(COUNTRIES)
    firstname, lastname = random.choice(country.firstnames), random.choice(country.lastnames)
    contact: dict[str, str | None] = {
        "firstname": firstname,
        "lastname": lastname,
        "email": f"{_ascii(firstname) or 'client'}.{number}@example.com",
        "phone": f"{country.dial} 55 {random.randrange(10**7):07}",
    }
    return Client(contact, random.choice(country.companies))


def _ascii(name: str) -> str:
    """Return the letters of a name that an email address can have, without accents. Empty for most scripts."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ł", "l")).encode("ascii", "ignore").decode()
    return "".join(letter for letter in plain if letter.isalnum())
