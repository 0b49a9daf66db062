"""An application of which everything is known, and the moment at which views show it."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.core.applications.model import Application, Recipient, Template

NOW = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)

ACME = Application(
    id="123",
    title="Acme & Sons",
    status="3_ongoing",
    status_string="Ongoing",
    is_late=True,
    progress=45.9,
    missing=3,
    eligible=7,
    recipient=Recipient(firstname="Ana", lastname="Silva", email="ana@acme.example", phone="+351 555 0100"),
    template=Template(id="9", title="KYC company"),
    external_id="CRM-77",
    public_url="https://client.example/p/secret",
    secured_list_url="https://clust.example/dossiers/123?a=1&b=2",
    created_at=datetime(2026, 2, 1, 9, 0, tzinfo=UTC),
    updated_at=datetime(2026, 3, 5, 14, 26, tzinfo=UTC),
)
