"""Style sheet, scripts and images under names that carry their content's hash, kept by browsers for a year."""

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class AssetStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashed names where `collectstatic` has run (every start of the server does), plain names where it has not."""

    manifest_strict = False

    def hashed_name(self, name: str, content: Any = None, filename: str | None = None) -> str:
        try:
            return str(super().hashed_name(name, content, filename))
        except ValueError:
            return name
