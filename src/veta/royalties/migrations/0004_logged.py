from django.db import migrations

from veta.storage.logged import logged


class Migration(migrations.Migration):
    dependencies = [("royalties", "0003_signed_by_a_holder"), ("transparency", "0004_acts")]

    operations = [
        logged("royalties_settlement"),
        logged("royalties_settlementevent"),
        logged("royalties_reportedrun"),
        logged("royalties_withholding"),
    ]
