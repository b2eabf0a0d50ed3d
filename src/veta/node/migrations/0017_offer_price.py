"""The price that a seller stated of what a client was offered: read with the offer, for the client's books."""

from django.db import migrations, models
from django.db.models.functions import Now

from veta.storage.append_only import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('node', '0016_who_captured'),
    ]

    operations = [
        migrations.CreateModel(
            name='OfferPrice',
            fields=[
                ('movement', models.UUIDField(primary_key=True, serialize=False)),
                ('price_cop', models.CharField(max_length=40)),
                ('read_at', models.DateTimeField(db_default=Now(), editable=False)),
            ],
        ),
        append_only("node_offerprice"),
    ]
