"""The settings, read from the environment and from `.env`. Nothing else reads either."""

from bot.settings.declarations import ManifestSettings, Settings

__all__ = ["ManifestSettings", "Settings"]
