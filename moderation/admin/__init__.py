from moderation.admin import automation, cases

__all__ = ["automation", "cases"]
