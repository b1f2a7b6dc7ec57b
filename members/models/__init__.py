from members.models.community import Community, Joining, Page
from members.models.groups import Group, GroupMembership, Invitation
from members.models.member import Digest, Member, TakenName, Theme, Trust

__all__ = [
    "Community",
    "Digest",
    "Group",
    "GroupMembership",
    "Invitation",
    "Joining",
    "Member",
    "Page",
    "TakenName",
    "Theme",
    "Trust",
]
