"""Clust for Slack.

Read first: `core/applications/triggers.py` (what an event is), `poller/` (how one is seen), `delivery/dispatcher.py`
(how it reaches a channel once), `slack/entry/commands.py` (what people can ask), `wiring/` (what joins it all).

Layers, each knows only those to its right::

    cli → demo → wiring → manifest → doctor | observability → slack | poller | delivery | http → accounts
        → clust | store → core

`sandbox` stands for Clust and Slack in the demo and in the tests; nothing else knows it.

Words: an *application* is one client's run through a *template* (Clust's API says dossier); its *recipient* fills it
in. A *trigger* is a kind of event; an *event* is one trigger of one application, once; a *delivery* is one event for
one channel, once. A *sweep* reads every page of a *connection* (a Clust account); a *snapshot* is what was last seen.
"""

__version__ = "0.1.0"
