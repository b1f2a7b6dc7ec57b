"""A letter to the team goes on: its page has a secret address, which the database gives to the letters that there are
(the default is computed row by row), and to those that the previous release writes while both run."""

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models


def keep_answers(apps, schema_editor):
    """What the team answered before is part of the exchange."""
    Decision = apps.get_model("moderation", "Decision")
    LetterMessage = apps.get_model("moderation", "LetterMessage")
    answers = Decision.objects.filter(measure="answer", case__kind="letter").select_related("text", "case__letter")
    LetterMessage.objects.bulk_create(
        [
            LetterMessage(
                letter=one.case.letter, author_id=one.actor_id, body=one.text.message[:5000], decision=one,
                created_at=one.made_at,
            )
            for one in answers.order_by("pk").iterator(chunk_size=500)
        ],
        batch_size=500,
    )


class Migration(migrations.Migration):

    dependencies = [
        ('moderation', '0013_casework'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='teamletter',
            name='secret',
            field=models.CharField(db_default=django.db.models.functions.comparison.Cast(django.contrib.postgres.functions.RandomUUID(), models.CharField(max_length=43)), max_length=43, unique=True),
        ),
        migrations.CreateModel(
            name='LetterMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('body', models.TextField(max_length=5000)),
                ('created_at', models.DateTimeField()),
                ('key', models.UUIDField(help_text='The same form sent twice is one message.', null=True, unique=True)),
                ('author', models.ForeignKey(help_text='Who of the team; empty: whoever wrote the letter.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decision', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='letter_message', to='moderation.decision')),
                ('letter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='moderation.teamletter')),
            ],
            options={
                'verbose_name': 'message of a letter',
                'verbose_name_plural': 'messages of letters',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('author', None), ('decision', None), ('key__isnull', False)), models.Q(('author__isnull', False), ('decision__isnull', False), ('key', None)), _connector='OR'), name='an_answer_to_a_letter_is_a_decision')],
            },
        ),
        migrations.RunPython(keep_answers, migrations.RunPython.noop),
    ]
