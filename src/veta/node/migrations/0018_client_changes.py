"""What a client was called, and how it was reached, before it was corrected."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now

import veta.kernel.ids
import veta.storage.sealed_field
from veta.storage.append_only import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('node', '0017_offer_price'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ClientChange',
            fields=[
                ('id', models.UUIDField(default=veta.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('before', veta.storage.sealed_field.SealedJson()),
                ('changed_at', models.DateTimeField(db_default=Now(), editable=False)),
                ('changed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='node.client')),
            ],
            options={
                'indexes': [models.Index(fields=['client', '-id'], name='node_clientchange_latest')],
            },
        ),
        append_only("node_clientchange"),
    ]
