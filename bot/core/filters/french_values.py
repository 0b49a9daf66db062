"""Values of the filter language in French: `retard:oui statut:déposé` is `late:yes status:submitted` (rule S1).

Anyone may type either, whatever their language is. What is kept is the normal form, in English. Words are
folded: without accents. The names of keys stand in their rows.
"""

from __future__ import annotations

from collections.abc import Mapping

STATUSES: Mapping[str, str] = {
    "ouvert": "open",
    "attente": "pending",
    "en_attente": "pending",
    "en_attente_de_depot": "pending",
    "depose": "submitted",
    "approuve": "approved",
    "cloture": "closed",
}
"""Classes of a status."""

DAYS: Mapping[str, str] = {"aujourd'hui": "today", "hier": "yesterday"}

AGES: Mapping[str, str] = {"j": "d", "sem": "w"}
"""Units of an age. Minutes and hours are written as in English."""
