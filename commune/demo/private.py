"""What two of the demo's people write to each other in private."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from commune.demo.script import age_of, table
from commune.demo.stage import Act, Stage
from forums.actions.conversations import open_conversation
from forums.actions.posts import reply_to_topic


def private_acts(stage: Stage) -> Iterable[Act]:
    """Each message at its moment; the last one waits to be read."""
    for conversation in table("conversations")["conversation"]:
        for number, message in enumerate(conversation["message"]):
            yield stage.ago(age_of(message["age"])), 900, partial(_write, stage, conversation, number)


def _write(stage: Stage, said: dict[str, Any], number: int) -> None:
    message, name = said["message"][number], f"private/{said['key']}"
    by, key = stage.members[message["by"]], uuid5(NAMESPACE_URL, f"{name}/{number}")
    if number:
        reply_to_topic(stage.topics[name], by=by, body=message["words"].strip(), key=key)
        return
    others = {entry["by"] for entry in said["message"]} - {message["by"]}
    stage.topics[name] = open_conversation(
        by=by,
        with_=[stage.members[other] for other in sorted(others)],
        title=said["title"],
        body=message["words"].strip(),
        key=key,
    )
