"""The one settings row, and honest drafts of the pages that every community needs."""

from django.db import migrations

PAGES = {
    "about": {
        "title_fr": "À propos",
        "title_en": "About",
        "body_fr": """Ce lieu appartient à celles et ceux qui s’y parlent. Il fonctionne avec Commune, un logiciel libre que chaque communauté héberge elle-même.

Aucune publicité, aucun pistage, aucune note attribuée aux personnes. Les messages se lisent dans l’ordre où ils ont été écrits.

*L’équipe complétera cette page\u00a0: qui nous sommes, depuis quand, et pourquoi.*""",
        "body_en": """This place belongs to the people who talk here. It runs on Commune, free software that each community hosts for itself.

No advertising, no tracking, no scores given to people. Posts are read in the order they were written.

*The team will complete this page: who we are, since when, and why.*""",
    },
    "rules": {
        "title_fr": "Règles",
        "title_en": "Rules",
        "body_fr": """Les règles de la maison s’affichent là où l’on écrit, et chaque forum peut ajouter les siennes.

Quand une règle n’est pas respectée, une personne de l’équipe décide, dit pourquoi et signe. Toute décision peut être contestée ici pendant six mois\u00a0; quelqu’un d’autre la relit chaque fois que c’est possible. Aucun message n’est caché en secret ni retiré par un automate.

Un premier message qui consiste surtout en un lien, ou ressemble à une publicité, est lu par une personne avant de paraître\u00a0; son auteur le sait aussitôt.""",
        "body_en": """The house rules are shown where one writes, and each forum may add its own.

When a rule is not kept, a person of the team decides, says why and signs. Every decision can be contested here for six months; somebody else reads it again wherever possible. No post is hidden in secret or removed by a machine.

A first post that is mostly a link, or looks like an advert, is read by a person before it appears; its author knows at once.""",
    },
    "privacy": {
        "title_fr": "Vie privée",
        "title_en": "Privacy",
        "body_fr": """**Ce que nous gardons.** Votre adresse électronique (jamais affichée), votre nom ici, vos messages, vos réglages, jusqu’où vous avez lu chaque sujet, et les décisions qui vous concernent.

**Pourquoi.** Pour que vous puissiez participer (contrat) et pour la sécurité du lieu (intérêt légitime). Les résumés par e-mail ne partent que si vous les demandez (consentement), et s’arrêtent d’un clic.

**Ce que nous ne faisons pas.** Ni publicité, ni revente, ni pixel de suivi, ni mesure des clics. Deux témoins (cookies) seulement\u00a0: votre session et la protection des formulaires\u00a0; un troisième si vous choisissez une langue.

**Les messages nés d’une invitation du logiciel** sont marqués comme tels dans les données et laissés hors des statistiques.

**Vos droits.** Accéder, corriger, effacer, emporter\u00a0: écrivez-nous par la page Contact. Vous pouvez aussi saisir la CNIL.

*Brouillon fourni avec Commune\u00a0: à relire et à compléter (responsable, hébergeur, durées).*""",
        "body_en": """**What we keep.** Your e-mail address (never shown), your name here, your posts, your settings, how far you have read each topic, and the decisions that concern you.

**Why.** So that you can take part (contract) and for the safety of the place (legitimate interest). Digests by e-mail are sent only if you ask for them (consent), and stop with one click.

**What we do not do.** No advertising, no selling, no tracking pixel, no measuring of clicks. Two cookies only: your session and the protection of forms; a third if you choose a language.

**Posts that came from an invitation by the software** are marked as such in the data and left out of statistics.

**Your rights.** To see, correct, erase, take away: write to us from the Contact page. You may also turn to your data protection authority.

*A draft that came with Commune: to be read and completed (controller, host, durations).*""",
    },
    "legal": {
        "title_fr": "Mentions légales",
        "title_en": "Legal notice",
        "body_fr": """*À compléter avant d’ouvrir au public.*

- Éditeur\u00a0: nom, adresse, numéro de téléphone
- Responsable de la publication\u00a0: nom
- Hébergeur\u00a0: nom, adresse, numéro de téléphone
- Point de contact des autorités et langues acceptées (règlement (UE) 2022/2065, articles 11 et 12)""",
        "body_en": """*To be completed before opening to the public.*

- Publisher: name, address, telephone number
- Person responsible for the publication: name
- Host: name, address, telephone number
- Point of contact for authorities and languages accepted (Regulation (EU) 2022/2065, Articles 11 and 12)""",
    },
    "contact": {
        "title_fr": "Contact",
        "title_en": "Contact",
        "body_fr": """Votre message arrive à une personne de l’équipe, qui vous répond par e-mail.""",
        "body_en": """Your message reaches a person of the team, who answers by e-mail.""",
    },
}


def write(apps, schema_editor):
    apps.get_model("members", "Community").objects.get_or_create(
        pk=1, defaults={"name_fr": "Commune", "name_en": "Commune"}
    )
    for slug, texts in PAGES.items():
        apps.get_model("members", "Page").objects.get_or_create(slug=slug, defaults=texts)


class Migration(migrations.Migration):
    dependencies = [("members", "0001_members")]
    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
