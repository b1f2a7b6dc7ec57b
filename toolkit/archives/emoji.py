"""The pictures that forums make of ":smile:", as characters. Rare ones keep their name."""

from __future__ import annotations

_NAMED = """
slight_smile 🙂 slightly_smiling_face 🙂 smile 😄 smiley 😃 grinning 😀 grin 😁 laughing 😆 joy 😂 rofl 🤣 wink 😉
blush 😊 relaxed ☺️ yum 😋 sunglasses 😎 heart_eyes 😍 star_struck 🤩 stuck_out_tongue 😛
stuck_out_tongue_winking_eye 😜 stuck_out_tongue_closed_eyes 😝 thinking 🤔 neutral_face 😐 expressionless 😑
no_mouth 😶 unamused 😒 confused 😕 frowning 😦 slightly_frowning_face 🙁 frowning_face ☹️ disappointed 😞
disappointed_relieved 😥 worried 😟 cry 😢 sob 😭 persevere 😣 sweat_smile 😅 sweat 😓 grimacing 😬 open_mouth 😮
astonished 😲 scream 😱 angry 😠 rage 😡 sleeping 😴 dizzy_face 😵 woozy_face 🥴 face_with_monocle 🧐 innocent 😇
hugs 🤗 upside_down_face 🙃 roll_eyes 🙄 man_facepalming 🤦 woman_facepalming 🤦 facepalm 🤦 shrug 🤷
man_shrugging 🤷 woman_shrugging 🤷 +1 👍 thumbsup 👍 -1 👎 thumbsdown 👎 clap 👏 pray 🙏 wave 👋 ok_hand 👌
muscle 💪 raised_hands 🙌 point_up ☝️ point_right 👉 point_left 👈 point_down 👇 eyes 👀 heart ❤️
broken_heart 💔 fire 🔥 star ⭐ sparkles ✨ tada 🎉 confetti_ball 🎊 rocket 🚀 trophy 🏆 bulb 💡 warning ⚠️ bug 🐛
question ❓ exclamation ❗ heavy_check_mark ✔️ white_check_mark ✅ x ❌ 100 💯 coffee ☕ beers 🍻 beer 🍺
penguin 🐧 bat 🦇 sunflower 🌻 hocho 🔪 alembic ⚗️ zzz 💤 robot 🤖 ghost 👻 skull 💀 poop 💩 smiling_imp 😈 imp 👿
crossed_fingers 🤞 vulcan_salute 🖖
"""
_WORDS = _NAMED.split()
_CHARACTERS = dict(zip(_WORDS[::2], _WORDS[1::2], strict=True))


def emoji_of(alt: str) -> str:
    """The character of ":smile:", with or without a skin's colour; the name as it is where none is known."""
    return _CHARACTERS.get(alt.strip(":").partition(":")[0], alt)
