from moderation.admin import automation, cases, settings

__all__ = ["automation", "cases", "settings"]
