"""Roles and the audit log in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from bot.core.language import speaking
from bot.core.permissions import Role
from bot.slack.views.admin import roles_and_audit as views
from bot.slack.views.admin.roles_and_audit import AuditRowView
from bot.wiring.translation_catalogues import read_languages

Read = Callable[[Any], list[str]]


def test_roles_are_listed_highest_first(read: Read) -> None:
    """Who is admin anyway, what holds for everyone else, and what was given, to groups too (rule W1)."""
    lines = read(views.role_list({"U1": Role.VIEWER, "S1": Role.ADMIN, "U2": Role.ADMIN}, []))
    assert lines == [
        "*Always admins:* the workspace's admins and owners.",
        (
            "*All other members* of this workspace are editors. Guests and people from other organizations can't do "
            "anything unless they're given a role by name."
        ),
        "• <!subteam^S1>: *admin*",
        "• <@U2>: *admin*",
        "• <@U1>: *viewer*",
        (
            "  *Viewers* can look things up. *Editors* can also create, update and subscribe. *Admins* can also "
            "delete, make changes in the API console, manage roles and read the audit log."
        ),
        "[Give a role… role.save None]",
        (
            "  `/clust roles set @someone viewer` gives a person or a group a role. "
            "`/clust roles remove @someone` removes it."
        ),
    ]


def test_roles_are_named_in_the_readers_language(read: Read) -> None:
    """In the list and after a change. Commands keep the English words."""
    with speaking(read_languages().of("fr")):
        listed = read(views.role_list({"U1": Role.VIEWER}, []))
        (changed,) = read(views.role_set("U1", Role.ADMIN, Role.EDITOR))
    assert "• <@U1>\u00a0: *lecteur*" in listed
    assert changed.endswith("Rôle précédent\u00a0: éditeur.")


def test_admins_by_setting_are_named(read: Read) -> None:
    """ADMIN_USERS takes the place of the workspace's own admins, and nothing given is said, too."""
    lines = read(views.role_list({}, ["U9", "U3"]))
    assert lines[0] == "*Always admins:* <@U3>, <@U9> (set in `ADMIN_USERS`)."
    assert lines[2] == "No roles have been given."


def test_many_roles_and_admins_fit(read: Read) -> None:
    """Slack takes the message however many there are. The rest is counted."""
    many = {f"U{number:010}": Role.VIEWER for number in range(103)}
    lines = read(views.role_list(many, list(many)))
    assert lines[0].endswith("<@U0000000049>, 53 more (set in `ADMIN_USERS`).")
    assert lines[-4] == "  … and 3 more roles"


def test_changes_say_what_holds_now(read: Read) -> None:
    """Given, changed, removed, and nothing to remove."""
    assert read(views.role_set("U1", Role.VIEWER, None)) == ["✅ <@U1> is now a viewer (read-only)."]
    assert read(views.role_set("S1", Role.EDITOR, Role.VIEWER)) == [
        (
            "✅ <!subteam^S1> is now an editor (can look things up, create, update and subscribe). "
            "The previous role was viewer."
        )
    ]
    assert read(views.role_removed("U1", Role.ADMIN)) == [
        "✅ <@U1> is no longer an admin. The default role applies.",
        "  Use `/clust roles` to see all roles.",
    ]
    assert read(views.no_role_to_remove("U1")) == ["<@U1> has no role to remove."]
    assert read(views.role_set("workflows", Role.VIEWER, None)) == ["✅ `workflows` is now a viewer (read-only)."]


def test_the_audit_log_reads_as_sentences(read: Read, now: datetime) -> None:
    """Time, person, action, target, detail, and an outcome that is not plain. Then a button for older ones."""
    rows = [
        AuditRowView(9, now, "U1", "update", "ok", "123", "title, email"),
        AuditRowView(8, now - timedelta(days=1), "U2", "role", "refused", "U3", "admin"),
        AuditRowView(7, now, "U1", "api", "unknown", None, "POST /dossiers"),
    ]
    lines = read(views.audit_page(rows, now, "audit by:@U1 before:7"))
    assert [line.partition("> · ")[2] or line for line in lines] == [
        "<@U1> *update* `123` · title, email",
        "<@U2> *role* <@U3> · admin · refused",
        "<@U1> *api* · POST /dossiers · unconfirmed",
        "[Older command.run audit by:@U1 before:7]",
    ]
    assert lines[0].startswith("<!date^")


def test_the_audit_log_has_links_and_moments_of_the_reader(read: Read, now: datetime) -> None:
    """An application, a person and a channel are links, and a moment is in the reader's zone, unless it is none."""
    url = "https://app.clust.example/dossiers/123"
    rows = [
        AuditRowView(9, now, "U1", "take", "ok", "123", "for U22", url),
        AuditRowView(8, now, "U1", "mute", "ok", "C0000001", "late until 2026-11-30 09:00 UTC"),
        AuditRowView(7, now, "U1", "move", "ok", "C0000001", "to C0000002"),
        AuditRowView(6, now, "U1", "api", "ok", None, "GET /2026-02-31 09:00 UTC"),
        AuditRowView(5, now, "U1", "update", "ok", "124", "title", "https://a.example/" + "x" * 200),
    ]
    assigned, muted, moved, called, updated = (
        line.partition("<@U1> ")[2] for line in read(views.audit_page(rows, now)) if line
    )
    assert assigned == f"*take* <{url}|#123> · for <@U22>"
    assert muted.startswith("*mute* <#C0000001> · late until <!date^1796029200^")
    assert moved == "*move* <#C0000001> · to <#C0000002>"
    assert called == "*api* · GET /2026-02-31 09:00 UTC"
    assert updated == "*update* #124 · title"


def test_an_empty_log_says_so(read: Read, now: datetime) -> None:
    """Nothing found is an answer."""
    assert read(views.audit_page([], now)) == ["No matching entries in the audit log."]


def test_nothing_in_the_log_formats_or_calls(read: Read, now: datetime) -> None:
    """A path that a person typed wakes no one, however long it is."""
    path = "GET /<!channel>&*" * 40
    rows = [
        AuditRowView(each, now, "<!here>", "api", "ok", "<!channel>`*" * 9, path)
        for each in range(views.MAX_AUDIT_ROWS)
    ]
    text = "\n".join(read(views.audit_page(rows, now)))
    assert "<!channel>" not in text
    assert "<!here>" not in text
