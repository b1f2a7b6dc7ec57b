"""Words to begin with: they are edited and signed by whoever decides. An admin changes or removes them."""

from django.db import migrations

TEMPLATES = (
    (
        "Apaiser un échange", "Calm a heated topic", ["word", "slow"],
        "Le ton monte, et ce sujet mérite mieux. Je propose une heure de pause\u202f; ensuite, commençons par redire, en une "
        "phrase, ce que défend l’autre.",
        "Voices are rising, and this topic deserves better. I suggest an hour’s pause; then let’s each start by restating, "
        "in a sentence, the other’s point.",
    ),
    (
        "Ralentir un sujet", "Slow a topic down", ["slow"],
        "Je passe ce sujet à un message par personne et par heure jusqu’au {date}, pour laisser le temps de lire.",
        "I’ve set this topic to one post per person per hour until {date}, to leave time to read.",
    ),
    (
        "Fermer un sujet", "Close a topic", ["close"],
        "Je ferme «\u00a0{title}\u00a0». Motif\u00a0: règle «\u00a0{rule}\u00a0». {facts} Pour demander sa réouverture, écrivez-moi.",
        "I’m closing “{title}”. Reason: rule “{rule}”. {facts} To ask for it to be reopened, write to me.",
    ),
    (
        "Rouvrir un sujet", "Reopen a topic", ["word"],
        "Je rouvre «\u00a0{title}\u00a0», fermé le {date}. Motif\u00a0: {facts}",
        "I’m reopening “{title}”, closed on {date}. Reason: {facts}",
    ),
    (
        "Demander une compétence", "Ask for a skill", ["word"],
        "Je cherche quelqu’un qui connaît ce problème, et vos messages sur «\u00a0{title}\u00a0» m’ont fait penser à vous. "
        "Avez-vous un moment\u202f?",
        "I’m looking for someone who knows this problem, and your posts in “{title}” made me think of you. Do you have a "
        "moment?",
    ),
    (
        "Demander de retirer une donnée personnelle", "Ask to take personal data out", ["ask_edit", "return"],
        "Bonjour {name}, votre message dans «\u00a0{title}\u00a0» contient les coordonnées de quelqu’un. Pouvez-vous les retirer\u202f? "
        "Le reste est bienvenu.",
        "Hello {name}, your post in “{title}” has somebody’s contact details in it. Could you take them out? The rest is "
        "welcome.",
    ),
    (
        "Bienvenue à un premier message", "Welcome a first post", ["approve"],
        "Bienvenue, {name}. Votre message est publié\u202f; merci d’avoir attendu.",
        "Welcome, {name}. Your post is published; thank you for waiting.",
    ),
)  # fmt: skip


def write(apps, schema_editor):
    templates = apps.get_model("moderation", "ReplyTemplate")
    if not templates.objects.exists():
        templates.objects.bulk_create(
            templates(
                name_fr=fr, name_en=en, measures=measures, message_fr=said_fr, message_en=said_en, position=position
            )
            for position, (fr, en, measures, said_fr, said_en) in enumerate(TEMPLATES)
        )


class Migration(migrations.Migration):
    dependencies = [("moderation", "0011_first_automatic_rules")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
