from members.models.blocks import Block
from members.models.community import Community, Joining, Page
from members.models.groups import Group, GroupMembership, Invitation
from members.models.member import Digest, Member, Reads, TakenName, Theme, Trust

__all__ = [
    "Block",
    "Community",
    "Digest",
    "Group",
    "GroupMembership",
    "Invitation",
    "Joining",
    "Member",
    "Page",
    "Reads",
    "TakenName",
    "Theme",
    "Trust",
]
