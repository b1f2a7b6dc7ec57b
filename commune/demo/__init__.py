"""The demo community, L’Établi · The Workbench: its texts, and how they are played through the real actions."""

PASSWORD = "atelier-demo"  # noqa: S105 - printed on purpose; the demo loads in development only


def logins() -> list[str]:
    """What `make run` prints: four people to be; nothing once the demo is gone."""
    from members.models import Community  # noqa: PLC0415 - importable before Django is set up

    if Community.current().demo_loaded_at is None:
        return []
    return [
        f"solene  / {PASSWORD}   admin, in French",
        f"tom     / {PASSWORD}   moderator, in English",
        f"camille / {PASSWORD}   member, in French",
        f"priya   / {PASSWORD}   newcomer, in English",
    ]
