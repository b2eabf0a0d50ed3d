from django.db import migrations

from veta.storage.logged import logged


class Migration(migrations.Migration):
    dependencies = [("bonds", "0002_append_only"), ("transparency", "0004_acts")]

    operations = [
        logged("bonds_bond"),
        logged("bonds_bondevent"),
        logged("bonds_quotation", "code"),
    ]
