"""Values that only this bot can read: sealed by Fernet with the keys of SECRET_KEY."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.core.errors import UsageError


def check_keys(keys: Sequence[str]) -> None:
    """Raise UsageError where one of `keys` is no Fernet key; it says how to make one, and quotes nothing."""
    try:
        for key in keys:
            Fernet(key)
    except ValueError as error:
        raise UsageError(
            "It must be 32 random bytes in URL-safe base64, or several such keys by commas, newest first; "
            "`openssl rand -base64 32 | tr +/ -_` makes one."
        ) from error


class Encryption:
    """Seals with the newest of `keys` and opens with any; without keys, with one that nobody keeps."""

    def __init__(self, keys: Sequence[str] = ()) -> None:
        self.outlive_the_process = bool(keys)
        self._fernet = MultiFernet([Fernet(key) for key in keys or [Fernet.generate_key().decode()]])

    def seal(self, text: str) -> str:
        """Return `text` as only the holder of the keys can read it."""
        return self._fernet.encrypt(text.encode()).decode()

    def sealed_anew(self, sealed: str) -> str | None:
        """Return the same sealed with the newest key, or None where no key fits."""
        try:
            return self._fernet.rotate(sealed).decode()
        except InvalidToken:
            return None

    def open(self, sealed: str) -> str | None:
        """Return what was sealed, or None where no key fits."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            return None
