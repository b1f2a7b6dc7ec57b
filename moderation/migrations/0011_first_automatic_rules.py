"""The rules that Commune comes with. They were tried on two public archives before they were shipped, which stands in
docs/automatic-rules.md with the figures: see docs/decisions/0022."""

from django.db import migrations
from django.db.models import F

# One of these says it all: nobody who is new writes so without having something to sell.
SURE = """
*casino* bonus
casino en ligne
casinos en ligne
online casino*
meilleur casino
best casino*
free spins
tours gratuits
bonus sans dépôt
no deposit bonus
machines à sous
slot gacor
situs slot
judi online
paris sportifs en ligne
sports betting site*
buy viagra
cheap viagra
acheter viagra
viagra*
cialis
levitra
kamagra
tadalafil
sildenafil
online pharmacy
pharmacie en ligne
without prescription
no prescription needed
sans ordonnance
weight loss pills
pilules minceur
keto gummies
cbd gummies
male enhancement
escort girl*
escort service*
escorte girl*
call girls
hot singles
rencontres coquines
plan cul
rencontre sans lendemain
backlink*
guest post service*
seo service*
services seo
référencement garanti
première page de google
first page of google
essay writing service*
buy essay*
write my essay
write my paper
dissertation writing service*
assignment help service*
rédaction de mémoire sur commande
mémoires clé en main
payday loan*
instant loan*
loan offer*
offre de prêt*
offre de crédit*
prêt entre particuliers
prêts entre particuliers
prêt d’argent
prêt d'argent
crédit sans justificatif
prêt rapide*
guaranteed returns
profits garantis
gains garantis
rendement garanti
double your bitcoin
crypto investment platform
recover your bitcoin
recover lost crypto*
récupérer vos bitcoins
récupérer vos fonds perdus
bitcoin recovery
crypto recovery
recovery expert*
hacker pour récupérer
hire a hacker
engager un hacker
forex signals
signaux forex
binary options
options binaires
marabout
marabouts
retour affectif
retour de l’être aimé
retour de l'être aimé
love spell*
spell caster
voyant medium
faux billets
counterfeit money
fake passport*
faux passeport*
acheter permis de conduire
buy real passport*
replica watch*
replica handbags
montres répliques
customer care number
customer support number
helpline number
toll free number
numéro gratuit du support
numéro du service client
téléphone du service client
buy instagram followers
acheter des abonnés
acheter des followers
buy followers
buy verified reviews
acheter des avis
work from home and earn
gagner de l’argent rapidement
gagner de l'argent rapidement
gagnez de l’argent
gagnez de l'argent
earn money online
make money online
make money fast
passive income from home
iptv subscription*
abonnement iptv
"""

# None of these alone; several of them together, beside a link, are an advert.
LIKELY = """
casino*
jackpot*
roulette
poker
blackjack
betting
paris sportifs
bonus
slots
crypto*
bitcoin*
ethereum
usdt
forex
trading
broker
invest*
whatsapp
telegram
pharmacy
pharmacie
pills
pilules
prescription
ordonnance
discount*
promo*
cheap
pas cher
best price*
meilleur prix
free shipping
livraison gratuite
satisfait ou remboursé
money back
limited offer
offre limitée
click here
cliquez ici
click the link
visit our website
visit our site
visitez notre site
our website
notre site web
contactez nous
contact us today
call us
appelez nous
call now
24 7
24h 24
7j 7
100 guaranteed
100 garanti
risk free
sans risque
loan
loans
prêt
prêts
crédit*
taux d’intérêt
taux d'intérêt
interest rate*
seo
ranking
référencement
traffic
followers
abonnés
essay*
dissertation
plagiarism free
sans plagiat
escort*
dating
rencontres
massage
adult
marketing
affordable
abordable
top rated
best service*
meilleur service
meilleurs services
satisfied customers
clients satisfaits
professional team
équipe professionnelle
order now
commandez
buy now
achetez
deposit
dépôt
withdraw*
retrait*
profit*
earn
gagner
income
revenus
financ*
customer service
service client
technical support
support technique
toll free
hotline
refund
remboursement
luxury
luxe
replica
visa
passport
passeport
plumber
plombier
locksmith
serrurier
repair service*
dépannage
cleaning service*
moving company
déménagement
"""

FIRST_WORDS = """
urgent
très urgent
urgence
asap
au secours
aidez moi
help me
please help
svp vite
"""

NEW = {"trust_at_most": "newcomer"}
RULES = (
    {
        "name_fr": "Premier message avec un lien et peu de mots",
        "name_en": "First post with a link and few words",
        "level": "hold",
        "sentence_fr": "Un premier message qui consiste surtout en un lien est lu par une personne avant de paraître.",
        "sentence_en": "A first post that is mostly a link is read by a person before it appears.",
        "links_at_least": 1,
        "links_are": "unknown",
        "text_at_most": 30,
        "is_unapproved": True,
        **NEW,
    },
    {
        "name_fr": "Premier message avec un lien",
        "name_en": "First post with a link",
        "level": "confirm",
        "sentence_fr": "Vous donnez un lien vers un site que personne n’a encore cité ici\u00a0: dites en une phrase ce "
        "qu’on y trouve et, si c’est le vôtre, dites-le aussi.",
        "sentence_en": "You link to a site that nobody has cited here yet: say in a sentence what one finds there, and "
        "if it is yours, say that too.",
        "links_at_least": 1,
        "links_are": "unknown",
        "posts_at_most": 0,
        "is_unapproved": True,
        **NEW,
    },
    {
        "name_fr": "Expressions publicitaires",
        "name_en": "Phrases of adverts",
        "level": "hold",
        "sentence_fr": "Ce message ressemble à une publicité\u202f; une personne le lit avant qu’il ne paraisse.",
        "sentence_en": "This looks like an advert; a person reads it before it appears.",
        "words": SURE.strip(),
        **NEW,
    },
    {
        "name_fr": "Vocabulaire publicitaire avec un lien",
        "name_en": "Words of adverts with a link",
        "level": "hold",
        "sentence_fr": "Ce message ressemble à une publicité\u202f; une personne le lit avant qu’il ne paraisse.",
        "sentence_en": "This looks like an advert; a person reads it before it appears.",
        "words": LIKELY.strip(),
        "words_at_least": 2,
        "links_at_least": 1,
        "links_are": "unknown",
        "is_unapproved": True,
        **NEW,
    },
    {
        "name_fr": "Vocabulaire publicitaire abondant",
        "name_en": "Many words of adverts",
        "level": "hold",
        "sentence_fr": "Ce message ressemble à une publicité\u202f; une personne le lit avant qu’il ne paraisse.",
        "sentence_en": "This looks like an advert; a person reads it before it appears.",
        "words": LIKELY.strip(),
        "words_at_least": 4,
        "is_unapproved": True,
        **NEW,
    },
    {
        "name_fr": "Semblable à un message retiré",
        "name_en": "Like a post that was removed",
        "level": "hold",
        "sentence_fr": "Ce message ressemble beaucoup à un autre que la modération n’a pas gardé\u202f; une personne le lit "
        "avant qu’il ne paraisse.",
        "sentence_en": "This is very much like a post that the moderation did not keep; a person reads it before it "
        "appears.",
        "like_removed": 50,
        "trust_at_most": "member",
    },
    {
        "name_fr": "Le même texte pour la quatrième fois",
        "name_en": "The same text for the fourth time",
        "level": "hold",
        "sentence_fr": "Ce texte est déjà paru plusieurs fois cette semaine\u202f; une personne le lit avant qu’il ne "
        "paraisse encore.",
        "sentence_en": "This text has appeared several times this week; a person reads it before it appears again.",
        "repeated_times": 3,
        **NEW,
    },
    {
        "name_fr": "Beaucoup de messages en peu de temps",
        "name_en": "Many posts in a short time",
        "level": "hold",
        "sentence_fr": "Vous écrivez très vite\u202f; une personne lit vos messages avant qu’ils ne paraissent, pour l’instant.",
        "sentence_en": "You are posting very fast; a person reads your posts before they appear, for the moment.",
        "rate_posts": 12,
        "rate_minutes": 10,
        **NEW,
    },
    {
        "name_fr": "Le même texte, encore",
        "name_en": "The same text again",
        "level": "confirm",
        "sentence_fr": "Ce texte est déjà paru ici cette semaine\u202f; un seul endroit suffit, où l’on peut répondre.",
        "sentence_en": "This text has appeared here this week already; one place is enough, where people can answer.",
        "repeated_times": 1,
        "trust_at_most": "member",
    },
    {
        "name_fr": "C’est urgent",
        "name_en": "It is urgent",
        "level": "hint",
        "sentence_fr": "Ce qui fait venir une réponse, c’est ce que vous cherchez et ce que vous avez essayé\u202f; "
        "que ce soit urgent aide moins.",
        "sentence_en": "What brings an answer is what you are after and what you have tried; that it is urgent helps "
        "less.",
        "words": FIRST_WORDS.strip(),
        **NEW,
    },
)


def write(apps, schema_editor):
    """On from the start. A rule that was changed or switched off since is left alone."""
    from django.utils import timezone

    rules, now = apps.get_model("moderation", "AutomaticRule").objects, timezone.now()
    for said in RULES:
        rule, fresh = rules.get_or_create(name_en=said["name_en"], owner=None, defaults={**said, "edited_at": now})
        if fresh:
            rules.filter(pk=rule.pk).update(shipped_as=F("fingerprint"))
            rules.filter(pk=rule.pk).update(is_on=True, on_since=now)


class Migration(migrations.Migration):
    dependencies = [("moderation", "0010_automatic_rules")]
    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
