"""The demo community, L’Établi · The Workbench: its texts, and how they are played through the real actions."""

PASSWORD = "atelier-demo"  # noqa: S105 - printed on purpose; the demo loads in development only


def logins() -> list[str]:
    """What `make run` prints: four people to be."""
    return [
        f"solene  / {PASSWORD}   admin, in French",
        f"tom     / {PASSWORD}   moderator, in English",
        f"camille / {PASSWORD}   member, in French",
        f"priya   / {PASSWORD}   newcomer, in English",
    ]
