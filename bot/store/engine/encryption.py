"""Encrypts values with the keys of SECRET_KEY (Fernet)."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.core.errors import UsageError
from bot.core.language import _


def check_keys(keys: Sequence[str]) -> None:
    """Raise UsageError if one of `keys` is not a Fernet key. The message says how to create one and contains no key."""
    try:
        for key in keys:
            Fernet(key)
    except ValueError as error:
        raise UsageError(
            _(
                "Use 32 random bytes in URL-safe base64, or several such keys separated by commas, newest first. "
                "Create one with `openssl rand -base64 32 | tr +/ -_`."
            )
        ) from error


class Encryption:
    """Encrypts with the newest of `keys` and decrypts with any. Without keys it uses a temporary one."""

    def __init__(self, keys: Sequence[str] = ()) -> None:
        self.outlive_the_process = bool(keys)
        self._fernet = MultiFernet([Fernet(key) for key in keys or [Fernet.generate_key().decode()]])

    def seal(self, text: str) -> str:
        """Return `text` encrypted."""
        return self._fernet.encrypt(text.encode()).decode()

    def resealed(self, sealed: str) -> str | None:
        """Return the value encrypted with the newest key, or None if no key decrypts it."""
        try:
            return self._fernet.rotate(sealed).decode()
        except InvalidToken:
            return None

    def open(self, sealed: str) -> str | None:
        """Return the decrypted text, or None if no key decrypts it."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            return None
