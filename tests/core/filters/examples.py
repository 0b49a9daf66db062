"""An application for the tests of filters, and what a filter keeps at noon in Paris."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.applications.model import Application, StatusClass
from bot.core.filters.language import Facts, parse

PARIS = ZoneInfo("Europe/Paris")


NOW = datetime(2026, 2, 10, 12, 0, tzinfo=UTC)


ACME = Facts(
    Application.model_validate(
        {
            "id": 123,
            "title": "Acme Holding “Europe”",
            "status": "2_ongoing",
            "status_string": "En cours",
            "is_late": True,
            "progress_percentage": 49.5,
            "count_missing_items": 0,
            "contact": {"firstname": "Ana", "lastname": "Müller-O\u2019Brien", "email": "ana@acme.com"},
            "template": {"id": 7, "title": "KYC company"},
            "external_id": "A-17",
            "created_at": "2026-02-04T23:30:00Z",  # the 5th in Paris
            "updated_at": NOW - timedelta(hours=1),
        }
    ),
    StatusClass.OPEN,
    "emea",
)


NOTHING = Facts(Application(id="9"), None, "")


def wants(text: str, facts: Facts = ACME) -> bool:
    """Return whether a filter keeps an application at noon in Paris."""
    return parse(text).matches(facts, NOW, PARIS)
