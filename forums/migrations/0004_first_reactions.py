from django.db import migrations

KINDS = (
    {"name_fr": "Merci", "name_en": "Thank you"},
    {"name_fr": "Moi aussi", "name_en": "Me too"},
    {"name_fr": "Bien vu", "name_en": "Well said"},
)


def write(apps, schema_editor):
    kinds = apps.get_model("forums", "ReactionKind").objects
    if not kinds.exists():
        for order, words in enumerate(KINDS, start=1):
            kinds.create(order=order, **words)


class Migration(migrations.Migration):
    dependencies = [("forums", "0003_topic_life_votes_reactions")]
    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
