from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("members", "0005_mail_levels")]
    operations = [migrations.RemoveField(model_name="member", name="wants_reply_mail")]
