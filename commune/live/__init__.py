"""New replies announce themselves: a small asynchronous process of its own. See docs/live.md."""
