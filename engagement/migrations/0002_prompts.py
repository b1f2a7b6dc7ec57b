"""The two prompts that ship switched on: the welcome, and the invitation to answer a first topic."""

from django.db import migrations

PROMPTS = {
    "welcome": {
        "text_fr": "Bienvenue parmi nous, {name}. Ce qui nous réunit\u00a0: «\u00a0{purpose}\u00a0» "
        "Par où commencer\u00a0: lire, poser une question, se présenter\u202f?",
        "text_fr_tu": "Bienvenue parmi nous, {name}. Ce qui nous réunit\u00a0: «\u00a0{purpose}\u00a0» "
        "Par où veux-tu commencer\u00a0: lire, poser une question, te présenter\u202f?",
        "text_en": "Welcome, {name}. What brings us together: “{purpose}” "
        "Where would you like to start: reading, asking, or saying hello?",
    },
    "first_post_waits": {
        "text_fr": "{name} a écrit son premier message parmi nous et attend une réponse\u00a0: «\u00a0{title}\u00a0». "
        "Avez-vous deux minutes\u202f?",
        "text_fr_tu": "{name} a écrit son premier message parmi nous et attend une réponse\u00a0: "
        "«\u00a0{title}\u00a0». As-tu deux minutes\u202f?",
        "text_en": "{name} has written a first post, “{title}”, and is waiting for one of us to reply. "
        "Do you have two minutes?",
    },
}


def write(apps, schema_editor):
    for situation, texts in PROMPTS.items():
        apps.get_model("engagement", "Prompt").objects.get_or_create(situation=situation, defaults=texts)


class Migration(migrations.Migration):
    dependencies = [("engagement", "0001_engagement")]
    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
