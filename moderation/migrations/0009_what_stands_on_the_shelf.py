"""The handbook and the reading list that come with Commune: drafts that each community makes its own."""

from django.db import migrations

HANDBOOK = [
    {
        "slug": 'decide',
        "order": 1,
        "title_fr": 'Comment décider',
        "title_en": 'How to decide',
        "body_fr": """Une décision tient en cinq questions. Si l’une reste sans réponse, demandez un second avis avant de trancher.

1. **Que s’est-il passé\u202f?** Les mots exacts, dans leur sujet, avec les trois messages d’avant et les trois d’après. Pas ce qu’on dit de la personne.
2. **Quelle règle, ou quelle loi\u202f?** S’il n’y en a pas, il n’y a pas de mesure\u00a0: gardez le message, et proposez une règle si elle manque.
3. **Quelle est la plus petite mesure qui suffit\u202f?** Un mot en privé avant un avertissement, un avertissement avant de cacher. Cacher n’est pas punir\u00a0: c’est protéger qui lit.
4. **Comment avons-nous décidé la dernière fois\u202f?** L’historique de la personne et les cas exemplaires sont là pour cela. Deux cas semblables, deux mesures semblables.
5. **Puis-je le défendre devant la personne\u202f?** Si vous n’aimeriez pas lui lire votre motif à voix haute, il n’est pas prêt.

## Quand passer la main

- Le cas parle de vous, d’un proche, ou de quelqu’un avec qui vous venez de vous disputer.
- Vous êtes en colère, ou fatigué au point de vouloir en finir.
- La mesure serait lourde\u00a0: exclure quelqu’un se décide à deux.

## Ce qui n’est pas une raison

Le nombre de signalements, le ton de qui signale, le fait d’être d’accord ou non, l’ancienneté de la personne. Une critique de l’équipe n’est jamais un motif\u00a0: elle a droit à une réponse.""",
        "body_en": """A decision comes down to five questions. If one stays without an answer, ask for a second opinion before you decide.

1. **What happened?** The exact words, in their topic, with the three posts before and the three after. Not what people say about the person.
2. **Which rule, or which law?** If there is none, there is no measure: keep the post, and propose a rule if one is missing.
3. **What is the smallest measure that will do?** A word in private before a warning, a warning before hiding. Hiding isn’t punishing: it protects whoever reads.
4. **How did we decide last time?** The person’s history and the exemplary cases are there for that. Two cases alike, two measures alike.
5. **Could I defend it to the person’s face?** If you wouldn’t read your reason aloud to them, it isn’t ready.

## When to pass it on

- The case is about you, somebody close to you, or somebody you have just argued with.
- You are angry, or so tired that you want it over with.
- The measure would be heavy: excluding somebody takes two people.

## What is not a reason

How many reported it, the tone of whoever did, whether you agree, how long the person has been here. Criticism of the team is never a reason: it is owed an answer.""",
    },
    {
        "slug": 'word',
        "order": 2,
        "title_fr": 'Comment le dire',
        "title_en": 'How to word it',
        "body_fr": """La personne lira votre message seule, souvent blessée. Ce sont les mots d’une personne à une autre, signés\u00a0: dites **je**.

- **Commencez par le fait**, pas par la règle\u00a0: «\u00a0Dans votre message de mardi, vous écrivez que…\u00a0»
- **Parlez du message, jamais du caractère.** «\u00a0Cette phrase attaque Léo\u00a0» se discute\u202f; «\u00a0vous êtes agressif\u00a0» non.
- **Nommez la règle** et dites en une phrase pourquoi le fait la touche.
- **Dites ce qui reste possible**\u00a0: récrire sans la phrase, répondre, contester.
- **Finissez sans morale.** Ni «\u00a0la prochaine fois…\u00a0», ni point d’exclamation, ni ironie.

Évitez «\u00a0nous\u00a0»\u00a0: dans une sanction, il met toute une communauté contre une seule personne.

## À qui a signalé

Remerciez, dites ce qui a été fait ou pourquoi rien ne l’est, et rien de plus\u00a0: la personne signalée a droit à sa vie privée.

## Exemple

> Bonjour Léo, j’ai caché votre réponse à Inès\u00a0: elle y est traitée d’«\u00a0incapable\u00a0», et la règle demande de critiquer l’objet, pas la personne. Le reste de votre message aidait vraiment\u202f; vous pouvez le republier sans cette phrase, ou contester ma décision. — Aïcha""",
        "body_en": """The person will read your message alone, and often hurt. These are one person’s words to another, signed: say **I**.

- **Begin with the fact**, not the rule: “In your post of Tuesday you write that…”
- **Speak of the post, never of the character.** “This sentence attacks Léo” can be discussed; “you are aggressive” can’t.
- **Name the rule**, and say in one sentence why the fact touches it.
- **Say what is still possible**: write it again without the sentence, answer, contest.
- **End without a moral.** No “next time…”, no exclamation mark, no irony.

Avoid “we”: in a sanction it puts a whole community against one person.

## To whoever reported it

Thank them, say what was done or why nothing is, and nothing more: the person reported has a right to their privacy.

## An example

> Hello Léo, I have hidden your answer to Inês: it calls her “useless”, and the rule asks us to criticise the object, not the person. The rest of your post really helped; you can publish it again without that sentence, or contest my decision. — Aïcha""",
    },
    {
        "slug": 'law',
        "order": 3,
        "title_fr": 'Ce que la loi demande',
        "title_en": 'What the law asks',
        "body_fr": """*Ceci n’est pas un conseil juridique. Qui héberge la communauté en répond\u202f; en cas de doute, demandez à l’admin.*

- **Règlement (UE) 2022/2065, article 16**\u00a0: n’importe qui peut notifier un contenu illicite, sans compte. La notification reçoit un accusé, puis une décision, sans délai injustifié. «\u00a0Rien n’est fait\u00a0» se motive aussi.
- **Article 17**\u00a0: qui voit son message caché, modifié ou refusé reçoit un exposé des motifs\u00a0: la mesure et sa durée, les faits, d’où cela vient, la règle ou la loi et pourquoi, les moyens automatiques, les recours. Le formulaire de décision le compose\u202f; ce que vous y écrivez en est la moitié.
- **Article 18**\u00a0: un soupçon d’infraction menaçant la vie ou la sécurité se signale sans tarder aux autorités. Voir «\u00a0Danger\u00a0».
- **Article 20**\u00a0: une décision se conteste six mois, gratuitement\u202f; la réponse n’est jamais automatique, et quelqu’un d’autre relit chaque fois que c’est possible.
- **RGPD**\u00a0: ce que vous notez sur une personne lui appartient aussi. Elle peut demander à le lire\u00a0: des faits, pas d’humeur.

## Règle ou loi\u202f?

Si la règle de la maison suffit, choisissez-la\u00a0: vous n’avez pas à être juge. Ne choisissez un motif de droit que si le contenu est manifestement illicite, ou si une notification le demande.""",
        "body_en": """*This isn’t legal advice. Whoever hosts the community answers for it; when in doubt, ask the admin.*

- **Regulation (EU) 2022/2065, Article 16**: anybody may give notice of illegal content, without an account. A notice gets a receipt, then a decision, without undue delay. “Nothing is done” needs its reason too.
- **Article 17**: whoever has a post hidden, edited or refused gets a statement of reasons: the measure and for how long, the facts, where it came from, the rule or the law and why, automatic means, ways to contest it. The decision form makes it; what you write there is half of it.
- **Article 18**: a suspicion of an offence that threatens life or safety goes to the authorities promptly. See “Danger”.
- **Article 20**: a decision can be contested for six months, free of charge; the answer is never automatic, and somebody else reads it again wherever possible.
- **GDPR**: what you note about a person is theirs as well. They may ask to read it: facts, no moods.

## Rule or law?

If a house rule will do, choose it: you needn’t be a judge. Choose a ground of law only where the content is plainly illegal, or a notice asks for it.""",
    },
    {
        "slug": 'danger',
        "order": 4,
        "title_fr": 'Danger\xa0: qui appeler',
        "title_en": 'Danger: whom to call',
        "body_fr": """**Quelqu’un est en danger maintenant\u00a0: appelez, puis décidez.** Vous n’avez pas à être sûr. Un appel pour rien n’est pas une faute.

| en France | pour |
|---|---|
| **17** | police, gendarmerie\u00a0: danger immédiat, menace précise |
| **112** | toute urgence, partout en Europe\u202f; **114** par SMS |
| **15** | SAMU\u00a0: quelqu’un se blesse ou va mal |
| **3114** | prévention du suicide, jour et nuit |
| **3018** | harcèlement en ligne, violences numériques, mineurs |
| **119** | enfance en danger |
| **PHAROS** — internet-signalement.gouv.fr | contenu illicite sans danger immédiat |

Ailleurs, **112** dans l’Union européenne, **999** au Royaume-Uni\u202f; l’admin complète cette page pour votre pays.

## Dans l’ordre

1. **Appelez**, avec l’adresse du message, l’heure et les mots exacts.
2. **Ne supprimez rien** avant\u00a0: cachez, pour que d’autres ne lisent plus, et que les enquêteurs puissent lire.
3. **Images d’abus d’enfants\u00a0: ne les ouvrez pas, ne les copiez pas, ne les envoyez à personne.** Cachez, signalez à PHAROS, prévenez l’admin.
4. **Écrivez à la personne** si elle parle de se faire du mal\u00a0: une phrase simple, le 3114, et restez là un moment. Vous n’êtes pas son soignant.
5. **Notez dans le cas** qui a été appelé et quand. Puis passez la main et soufflez.""",
        "body_en": """**Somebody is in danger now: call, then decide.** You needn’t be sure. A call for nothing isn’t a mistake.

| in France | for |
|---|---|
| **17** | police: immediate danger, a precise threat |
| **112** | any emergency, anywhere in Europe; **114** by text message |
| **15** | ambulance: somebody is hurting themselves or unwell |
| **3114** | suicide prevention, day and night |
| **3018** | online harassment, digital violence, minors |
| **119** | children in danger |
| **PHAROS** — internet-signalement.gouv.fr | illegal content without immediate danger |

Elsewhere, **112** in the European Union, **999** in the United Kingdom; the admin completes this page for your country.

## In this order

1. **Call**, with the address of the post, the time and the exact words.
2. **Delete nothing** before that: hide it, so that others read it no more and investigators still can.
3. **Images of child abuse: don’t open them, don’t copy them, send them to nobody.** Hide, report to PHAROS, tell the admin.
4. **Write to the person** if they speak of harming themselves: one plain sentence, a helpline (3114; in the UK 116 123), and stay a while. You aren’t their carer.
5. **Note in the case** who was called and when. Then pass it on, and breathe.""",
    },
    {
        "slug": 'care',
        "order": 5,
        "title_fr": 'Prendre soin de soi',
        "title_en": 'Looking after yourself',
        "body_fr": """Modérer use. Ce qui fait partir les modérateurs bénévoles, ce sont d’abord les conflits dans l’équipe, puis le manque de temps, puis ce qu’il faut lire (Schöpke-Gonzalez et al., 2022). Les trois se soignent.

- **Ayez des heures, et une fin.** La tournée de garde dit quand c’est à vous\u202f; le reste du temps, ce ne l’est pas. Réglez vos heures calmes.
- **Laissez les images couvertes.** Vous n’avez à voir que ce sur quoi vous décidez.
- **Passez la main par écrit.** Trois lignes évitent à la suivante de tout relire, et à vous d’y penser la nuit.
- **Faites une pause dès que vous y pensez.** Personne ne demande pourquoi. Vos cas retournent aux autres, rien ne se perd.
- **Ne répondez pas aux insultes.** Un cas, un motif, une signature. Vous n’avez pas à convaincre.
- **Dites du bien aussi.** «\u00a0Merci, c’est l’esprit\u00a0» est une mesure, et elle compte.

## Entre nous

Un désaccord sur un cas se règle sur le cas, dans la note, le jour même. Un désaccord qui revient mérite une conversation à deux, puis à trois avec l’admin. Personne n’annule la décision d’une autre sans lui en parler, sauf danger.

Si ce que vous avez lu ne vous quitte pas, parlez-en à quelqu’un de l’équipe, ou à quelqu’un dont c’est le métier.""",
        "body_en": """Moderating wears people out. What makes volunteer moderators leave is first conflict inside the team, then lack of time, then what they have to read (Schöpke-Gonzalez et al., 2022). All three can be helped.

- **Have hours, and an end.** The rota says when it’s yours; the rest of the time it isn’t. Set your quiet hours.
- **Leave images covered.** You need see only what you decide about.
- **Hand over in writing.** Three lines save the next person from reading it all again, and you from thinking of it at night.
- **Pause as soon as you think of it.** Nobody asks why. Your cases go back to the others; nothing is lost.
- **Don’t answer insults.** One case, one reason, one signature. You needn’t convince anybody.
- **Say good things too.** “Thank you, that’s the spirit” is a measure, and it counts.

## Among ourselves

A disagreement about a case is settled on the case, in the note, on the same day. One that comes back deserves a conversation between two, then three with the admin. Nobody undoes another’s decision without telling them, danger apart.

If what you read won’t leave you, talk to somebody of the team, or to somebody whose job it is.""",
    },
]

READINGS = [
    {
        "order": 1,
        "title": 'Preventing harassment and increasing group participation through social norms',
        "author": 'J. Nathan Matias, 2019, PNAS 116(20)',
        "language": 'en',
        "href": 'https://civilservant.io/moderation_experiment_r_science_rule_posting.html',
        "why_fr": 'Une expérience sur 2 190 discussions\xa0: afficher les règles là où l’on écrit fait qu’on les suit davantage, et que plus de nouveaux participent.',
        "why_en": 'An experiment with 2,190 discussions: showing the rules where people write makes more of them keep to them, and more newcomers take part.',
    },
    {
        "order": 2,
        "title": 'Does Transparency in Moderation Really Matter?',
        "author": 'Shagun Jhaver, Amy Bruckman, Eric Gilbert, 2019, CSCW',
        "language": 'en',
        "href": 'https://doi.org/10.1145/3359252',
        "why_fr": '32 millions de messages\xa0: dire pourquoi un message est retiré va avec moins de retraits ensuite. Une observation, pas une preuve.',
        "why_en": '32 million posts: saying why a post was removed goes with fewer removals later. An observation, not a proof.',
    },
    {
        "order": 3,
        "title": 'Post Guidance for Online Communities',
        "author": 'Manoel Horta Ribeiro et al., 2024',
        "language": 'en',
        "href": 'https://arxiv.org/abs/2411.16814',
        "why_fr": 'Guider pendant qu’on écrit plutôt que retirer après\xa0: moins de travail pour l’équipe, et personne n’écrit moins.',
        "why_en": 'Guiding while people write rather than removing afterwards: less work for the team, and nobody writes less.',
    },
    {
        "order": 4,
        "title": 'AppealMod: Inducing Friction to Reduce Moderator Workload of Handling User Appeals',
        "author": 'Shubham Atreja et al., 2023',
        "language": 'en',
        "href": 'https://arxiv.org/abs/2301.07163',
        "why_fr": 'Trois questions avant un appel\xa0: les modérateurs en lisent bien moins, et en accordent autant.',
        "why_en": 'Three questions before an appeal: moderators read far fewer, and grant about as many.',
    },
    {
        "order": 5,
        "title": 'Slash(dot) and Burn: Distributed Moderation in a Large Online Conversation Space',
        "author": 'Cliff Lampe, Paul Resnick, 2004, CHI',
        "language": 'en',
        "href": 'http://presnick.people.si.umich.edu/papers/chi04/index.html',
        "why_fr": 'Ancien et toujours utile\xa0: le jugement de beaucoup arrive tard, et la moitié seulement des injustices sont réparées.',
        "why_en": 'Old and still useful: the judgement of many comes late, and only about half of the unfair ones are put right.',
    },
    {
        "order": 6,
        "title": 'Why do volunteer content moderators quit? Burnout, conflict, and harmful behaviors',
        "author": 'Angela M. Schöpke-Gonzalez et al., 2022, New Media & Society',
        "language": 'en',
        "href": '',
        "why_fr": '71 bénévoles disent pourquoi on arrête\xa0: les conflits dans l’équipe d’abord, puis le manque de temps, puis ce qu’il faut lire.',
        "why_en": '71 volunteers say why people stop: conflict inside the team first, then lack of time, then what has to be read.',
    },
    {
        "order": 7,
        "title": '18 Rules of Community Engagement',
        "author": 'Angela Connor, 2009',
        "language": 'en',
        "href": '',
        "why_fr": 'Un métier raconté par qui l’a fait\xa0: poser des questions, présenter des gens les uns aux autres, accepter la critique et y répondre.',
        "why_en": 'The trade as told by somebody who did it: ask questions, make connections, accept criticism and respond to it.',
    },
    {
        "order": 8,
        "title": 'Vie et mort des communautés en ligne',
        "author": 'Yann Leroux, Psy et Geek',
        "language": 'fr',
        "href": 'https://psyetgeek.com/mondes-numeriques/vie-et-mort-des-communauts-en-ligne/',
        "why_fr": 'Pourquoi certains groupes tiennent et d’autres s’effondrent au premier changement\xa0: tout groupe a besoin de frontières.',
        "why_en": 'Why some groups hold and others collapse at the first change: every group needs its borders. In French.',
    },
    {
        "order": 9,
        "title": 'The Paradox of Choice',
        "author": 'Barry Schwartz, 2004',
        "language": 'en',
        "href": '',
        "why_fr": 'Et pas seulement sur le métier\xa0: moins de choix, mieux choisis.',
        "why_en": 'And not only about the trade: fewer choices, better chosen.',
    },
]


def write(apps, schema_editor):
    pages, readings = apps.get_model("moderation", "HandbookPage"), apps.get_model("moderation", "Reading")
    for page in HANDBOOK:
        pages.objects.get_or_create(slug=page["slug"], defaults=page)
    for reading in READINGS:
        readings.objects.get_or_create(title=reading["title"], defaults=reading)


def take_back(apps, schema_editor):
    """What was made one's own stays."""
    pages, readings = apps.get_model("moderation", "HandbookPage"), apps.get_model("moderation", "Reading")
    for page in HANDBOOK:
        pages.objects.filter(slug=page["slug"], body_fr=page["body_fr"], body_en=page["body_en"]).delete()
    for reading in READINGS:
        readings.objects.filter(title=reading["title"], why_fr=reading["why_fr"], why_en=reading["why_en"]).delete()


class Migration(migrations.Migration):
    dependencies = [("moderation", "0008_people_and_figures")]

    operations = [migrations.RunPython(write, take_back)]
