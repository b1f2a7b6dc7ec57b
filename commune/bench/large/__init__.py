"""Lists, unread state and search on a community of a million topics: their queries, their plans, their time.

Run as `python -m commune.bench.large` (`make bench` does): a PostgreSQL of its own is filled and thrown away.
"""
