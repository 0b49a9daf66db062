"""Compare listed values: status codes, and the events of a webhook."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.core.applications.model import StatusClass
from bot.core.applications.status_rules import StatusRules, status_word
from bot.core.clust_api.beliefs import EVENTS
from bot.core.clust_api.dialect import ApiDialect
from bot.core.language import _, one_of
from bot.doctor.openapi.description import EACH, DescribedField, Fields
from bot.doctor.openapi.difference import Difference
from bot.doctor.openapi.locating import located_field, normalized, roots

_PLAIN_CODE = re.compile(r"[\w .:/-]{1,60}")
"""A code that means the same in a setting, whatever quotes and expands in `.env`."""

_NEGATIONS = frozenset({"not", "un", "non", "pre", "re", "no"})


def compared_statuses(status: DescribedField, rules: StatusRules) -> Iterator[Difference]:
    """Give the status codes that no rule classifies, each with its class if the description says what it means."""
    for code in status.values:
        word = status_word(code)
        if not word or rules.classify(code, None) is not None:
            continue  # a rule can't name a code without a letter or digit, such as the empty one
        bot = _("The bot has no class for the status `{code}`.", code=code)
        meaning = status.meanings.get(code, "")
        status_class = rules.classify(None, meaning)
        clust = (
            _("Clust says it means “{meaning}”.", meaning=meaning) if meaning else _("Clust doesn't say what it means.")
        )
        is_plain = _PLAIN_CODE.fullmatch(code) is not None
        if status_class is not None and is_plain:
            yield Difference("status", bot, clust, "CLUST_STATUS_RULES", ((code, status_class.word),))
        else:
            classes = one_of([each.word for each in StatusClass])
            advice = _(
                "Add `{code}=` and one of these classes to CLUST_STATUS_RULES: {classes}.",
                code=code if is_plain else word,
                classes=classes,
            )
            yield Difference("status", bot, clust, advice=advice)


def compared_events(sent: Fields, webhooks: tuple[str, ...], dialect: ApiDialect) -> Iterator[Difference]:
    """Give the events of a webhook that Clust calls otherwise.

    They are the values of the field that is sent, or else the names of the webhooks that are described.
    """
    values = next(
        (
            fields.values
            for root in roots(sent)
            if (path := located_field(sent, root, "webhook.events"))
            and (fields := sent.get(f"{root}.{path}{EACH}" if root else f"{path}{EACH}"))
        ),
        webhooks,
    )
    words = {value: normalized(value.replace(".", "_").replace(":", "_").replace("/", "_")) for value in values}
    for event, also in EVENTS.items():
        present = dialect.events.get(event, event)
        if not values or present in values:
            continue
        bot = _("The bot calls an event `{name}`.", name=present)
        theirs = next((value for word in also.split() for value, name in words.items() if _ends(name, word)), "")
        if theirs:
            clust = _("Clust calls it `{name}`.", name=theirs)
            yield Difference("events", bot, clust, "CLUST_WEBHOOK_EVENTS", ((event, theirs),))
        else:
            advice = _("Clust can't send a webhook for this event. The bot doesn't need webhooks.")
            yield Difference("events", bot, _("Clust's description has nothing similar."), advice=advice)


def _ends(name: str, word: str) -> bool:
    """Return whether a name is a word, or ends with it as a word of its own that isn't negated."""
    if name == word:
        return True
    before, _sign, _word = name.rpartition(f"_{word}")
    return name.endswith(f"_{word}") and before.rpartition("_")[2] not in _NEGATIONS
