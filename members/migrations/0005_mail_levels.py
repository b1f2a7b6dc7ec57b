"""Who had switched e-mails of replies off wants nothing by e-mail; everybody else goes on as before ("all")."""

from django.db import migrations


def forwards(apps, schema_editor):
    apps.get_model("members", "Member").objects.filter(wants_reply_mail=False).update(mail="nothing")


def backwards(apps, schema_editor):
    apps.get_model("members", "Member").objects.filter(mail="nothing").update(wants_reply_mail=False)


class Migration(migrations.Migration):
    dependencies = [("members", "0004_people")]
    operations = [migrations.RunPython(forwards, backwards)]
