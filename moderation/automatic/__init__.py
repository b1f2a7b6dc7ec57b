"""Automatic rules: what is said of words before anybody reads them. They hint, ask or hold; they never remove.

`phrases` and `sketches` know texts, `conditions` says whether a rule is met, `facts` asks what a rule wants to know of
an author and of other posts, `judge` is the gatekeeper. docs/automatic-rules.md.
"""
