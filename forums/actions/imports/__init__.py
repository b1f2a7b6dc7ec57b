"""Bringing in what was discussed elsewhere, without anybody being told. The only public door of the package."""

from forums.actions.imports.mail import Report, import_archive

__all__ = ["Report", "import_archive"]
