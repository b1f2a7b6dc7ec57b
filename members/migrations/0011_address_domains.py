"""Who has an address of a domain is asked by automatic rules, while somebody posts."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('members', '0010_settlement_bodies'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='member',
            index=models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Reverse(django.db.models.functions.text.Lower('email')), name='text_pattern_ops'), name='member_by_domain'),
        ),
    ]
