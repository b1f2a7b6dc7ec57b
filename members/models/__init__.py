from members.models.barriers import SignupBlock, tidy_blocked
from members.models.blocks import Block
from members.models.claims import Claim
from members.models.community import Community, Joining, Page
from members.models.groups import Group, GroupMembership, Invitation
from members.models.member import Digest, Mail, Member, OpenTo, Reads, ShownTo, TakenName, Theme, Trust
from members.models.profiles import Hat, HatGrant, ProfileAnswer, ProfileField, ProfilePicture
from members.models.trust import TrustChange

__all__ = [
    "Block",
    "Claim",
    "Community",
    "Digest",
    "Group",
    "GroupMembership",
    "Hat",
    "HatGrant",
    "Invitation",
    "Joining",
    "Mail",
    "Member",
    "OpenTo",
    "Page",
    "ProfileAnswer",
    "ProfileField",
    "ProfilePicture",
    "Reads",
    "ShownTo",
    "SignupBlock",
    "TakenName",
    "Theme",
    "Trust",
    "TrustChange",
    "tidy_blocked",
]
