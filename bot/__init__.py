"""Clust for Slack.

Start with `core/applications/triggers.py` (what an event is), `poller/` (how it is detected), `delivery/dispatcher.py`
(how it is posted once), `slack/entry/commands.py` (what people can do) and `wiring/` (how it is joined).

Each layer imports only those to its right::

    cli → demo → wiring → manifest → doctor | observability → slack | poller | delivery | http → accounts
        → clust | store → core

`sandbox` plays Clust and Slack in the demo and in the tests. Nothing else imports it.

Terms (docs/glossary.md): an *application* is one client's run through a *template* (Clust's API: dossier), and its
*recipient* is the client. A *trigger* is a kind of event, an *event* is one trigger of one application, once, and a
*delivery* is one event for one channel, once. A *sweep* reads every page of a *connection* (a Clust account). A
*snapshot* is the last known state of an application.
"""

__version__ = "0.1.0"
