"""What people read about pasted links."""

from __future__ import annotations

from bot.core.permissions import Role
from bot.slack.views.links import client_page_pasted, links_switch, not_found_pane, not_here_pane, restricted_pane


def test_a_pane_that_is_not_for_someone_says_whom_to_ask() -> None:
    """Up to three admins, if the operator named any."""
    asking = restricted_pane(Role.VIEWER, Role.NOBODY, ["U1", "U2", "U3", "U4"])
    assert asking["status"] == "restricted"
    assert asking["custom_message"].endswith("You can ask <@U1>, <@U2> or <@U3>.")
    assert "You can ask" not in restricted_pane(Role.VIEWER, Role.NOBODY, [])["custom_message"]


def test_each_pane_without_an_application_says_why() -> None:
    """By Slack's status, and in words."""
    assert [pane["status"] for pane in (not_found_pane(), not_here_pane())] == ["not_found", "custom"]
    assert "/clust show" in not_here_pane()["custom_message"]


def test_the_answers_about_links() -> None:
    """The client's page itself isn't repeated. The switch says how to change it."""
    assert "<#C1>" in client_page_pasted("C1").text
    assert ("links off" in links_switch(on=True).text, "links on" in links_switch(on=False).text) == (True, True)
