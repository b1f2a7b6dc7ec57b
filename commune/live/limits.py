"""How many may listen. Settings: LIMIT_<NAME> in the environment (docs/limits.md)."""

from toolkit.limits import limit

CONNECTIONS = limit("LIVE_CONNECTIONS", 2_000, "open pages in all", most=100_000)
CONNECTIONS_PER_ADDRESS = limit("LIVE_CONNECTIONS_PER_ADDRESS", 60, "open pages of one address", most=100_000)
HEARTBEAT_SECONDS = limit("LIVE_HEARTBEAT", 20, "seconds", most=300)
