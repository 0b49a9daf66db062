"""Rules that classify Clust's opaque status codes (rule C1). An operator can add some (`CLUST_STATUS_RULES`).

Only `0_not_started` and a few labels are documented (docs/clust-api.md). The table holds codes and labels whose meaning
is plain, in English and French. Doubtful ones are left out: an unknown status keeps the last known class and is
reported to the operator, while a wrong class would announce something that never happened. *Paused* and *pre-approved*,
which exist as rights in Clust, are left out too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from bot.core.applications.model import Application, StatusClass
from bot.core.errors import UsageError
from bot.core.language import _
from bot.core.suggestions import suggest
from bot.core.typed_text import fold

_SEPARATORS = re.compile(r"[\W_]+")
_NUMBER_PREFIX = re.compile(r"[0-9]+_(?=.)")

# Whole words, as `status_word` writes them, with English first, then French.
_WORDS: Mapping[StatusClass, str] = {
    # With the client, or not begun. `not_approved` and what was sent back are here: the client has work again, and a
    # second submission is then announced as a new one.
    StatusClass.OPEN: """
        open opened new draft created started not_started unstarted to_do todo invited
        ongoing on_going in_progress incomplete uncompleted not_complete not_completed
        missing missing_documents missing_items missing_information documents_missing items_missing
        pending_documents pending_information waiting_for_client awaiting_client
        waiting_for_documents awaiting_documents waiting_for_information awaiting_information
        not_submitted unsubmitted not_approved unapproved not_validated
        reopened re_opened returned sent_back changes_requested to_correct to_be_corrected needs_correction

        ouvert ouverte nouveau nouvelle brouillon cree creee demarre demarree commence commencee
        non_demarre non_demarree pas_demarre pas_demarree non_commence non_commencee pas_commence pas_commencee
        a_faire a_commencer a_demarrer en_cours incomplet incomplete a_completer
        manquant manquante manquants manquantes documents_manquants pieces_manquantes elements_manquants
        en_attente_du_client en_attente_de_documents en_attente_de_pieces
        non_soumis non_soumise non_approuve non_approuvee non_valide non_validee
        rouvert rouverte reouvert reouverte renvoye_au_client a_corriger modifications_demandees
    """,
    # All is there, and the client has yet to send it.
    StatusClass.PENDING: """
        pending pending_submission pending_submit awaiting_submission waiting_for_submission
        ready_to_submit ready_for_submission ready_to_be_submitted to_submit to_be_submitted

        en_attente_de_soumission en_attente_d_envoi pret_a_soumettre prete_a_soumettre
        pret_a_etre_soumis prete_a_etre_soumise pret_a_envoyer prete_a_envoyer a_soumettre
    """,
    # With the team. `completed` is here: the client has finished, and in Clust's checklists it stands before Approved.
    StatusClass.SUBMITTED: """
        submitted resubmitted re_submitted received complete completed finished done
        pending_approval pending_review pending_validation pending_verification
        awaiting_approval awaiting_review awaiting_validation awaiting_verification
        waiting_for_approval waiting_for_review waiting_for_validation waiting_for_verification
        in_review under_review in_validation in_verification reviewing
        to_review to_approve to_validate to_verify to_be_reviewed to_be_approved to_be_validated to_be_verified
        ready_for_review ready_for_approval ready_for_validation ready_to_review ready_to_approve

        soumis soumise depose deposee dossier_depose transmis transmise recu recue complet complete completee
        termine terminee fini finie
        en_attente_d_approbation en_attente_de_validation en_attente_de_verification en_attente_de_revue
        en_attente_de_revision en_attente_d_examen
        en_cours_de_validation en_cours_de_verification en_cours_de_revue en_cours_de_revision en_cours_d_examen
        en_cours_d_approbation en_revue en_revision en_validation en_verification
        a_valider a_verifier a_approuver a_examiner
    """,
    StatusClass.APPROVED: """
        approved validated accepted

        approuve approuvee valide validee accepte acceptee
    """,
    # Over, well or badly. A refusal is here: the word says a decision, and no one waits for the client.
    StatusClass.CLOSED: """
        closed archived cancelled canceled rejected refused declined denied
        withdrawn abandoned expired terminated deleted

        clos close cloture cloturee ferme fermee archive archivee annule annulee rejete rejetee refuse refusee
        abandonne abandonnee expire expiree supprime supprimee
    """,
}
_BUILT_IN: Mapping[str, StatusClass] = {word: of for of, words in _WORDS.items() for word in words.split()}
_CLASSES: Mapping[str, StatusClass] = {each.word: each for each in StatusClass}

FULL_PROGRESS = 100
"""Percent."""


def status_word(text: str) -> str:
    """Return a code or label normalized for look-up: without case and accents, with `_` between words."""
    return _SEPARATORS.sub("_", fold(text)).strip("_")


def code_words(code: str | None) -> tuple[str, ...]:
    """Return the forms in which a status code is looked up: as given, and without its number prefix."""
    if not (given := status_word(code or "")):
        return ()
    return (given, _NUMBER_PREFIX.sub("", given, count=1))


@dataclass(frozen=True)
class StatusRules:
    """The rules that classify status codes. `StatusRules()` has the built-in table only.

    `own` are the operator's rules, by `status_word`. They take precedence over the table. A rule with a number prefix
    matches only that code. One without matches every code that ends so.
    """

    own: Mapping[str, StatusClass] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse rules such as `7_signed=submitted,9_archived=closed`. Empty text gives none.

        Raises UsageError with a sentence that names the wrong word and what is allowed.
        """
        own: dict[str, StatusClass] = {}
        for pair in filter(None, map(str.strip, text.split(","))):
            code, _equals, name = map(str.strip, pair.partition("="))
            word = status_word(code)
            if not word or not name:
                raise UsageError(
                    _("`{pair}` isn't a status rule. Write code=class, such as 7_signed=submitted.", pair=pair)
                )
            status_class = _CLASSES.get(fold(name))
            if status_class is None:
                near = suggest(name, _CLASSES)
                classes = ", ".join(_CLASSES)
                if near:
                    raise UsageError(
                        _(
                            "`{name}` in `{pair}` isn't a status class. Did you mean `{near}`? Classes: {classes}.",
                            name=name,
                            pair=pair,
                            near=near,
                            classes=classes,
                        )
                    )
                raise UsageError(
                    _(
                        "`{name}` in `{pair}` isn't a status class. Classes: {classes}.",
                        name=name,
                        pair=pair,
                        classes=classes,
                    )
                )
            if own.setdefault(word, status_class) is not status_class:
                raise UsageError(
                    _(
                        "`{code}` has two classes, {first} and {second}. Keep one.",
                        code=code,
                        first=own[word].word,
                        second=status_class.word,
                    )
                )
        return cls(own)

    def with_chosen(self, chosen: Mapping[str, str] | None) -> Self:
        """Return the rules plus those that admins chose (class by code). The operator's rules take precedence."""
        chosen_classes = {
            status_word(code): _CLASSES[word] for code, word in (chosen or {}).items() if word in _CLASSES
        }
        return type(self)({**chosen_classes, **self.own})

    def classify(self, code: str | None, label: str | None) -> StatusClass | None:
        """Return the class of a status, from its code and its label, or None if no rule matches (rule C1).

        Words are compared whole. If a status has no code, a rule can name its label.
        """
        codes = code_words(code)
        labels = (status_word(label),) if label else ()
        for table, words in ((self.own, codes or labels), (_BUILT_IN, codes[-1:]), (_BUILT_IN, labels)):
            for word in words:
                if (status_class := table.get(word)) is not None:
                    return status_class
        return None


def classify(application: Application, rules: StatusRules, last: StatusClass | None) -> StatusClass | None:
    """Return the class of an application's status. `last` is kept if the status is unknown (rules C1 to C3)."""
    status_class = rules.classify(application.status, application.status_string) or last
    complete = (application.progress or 0) >= FULL_PROGRESS or (application.missing == 0 and application.eligible != 0)
    return StatusClass.PENDING if status_class is StatusClass.OPEN and complete else status_class
