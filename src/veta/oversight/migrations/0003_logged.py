from django.db import migrations

from veta.storage.logged import logged


class Migration(migrations.Migration):
    dependencies = [("oversight", "0002_append_only"), ("transparency", "0004_acts")]

    operations = [
        logged("oversight_validation"),
        logged("oversight_validationevent"),
    ]
