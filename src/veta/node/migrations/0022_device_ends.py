"""Devices that were taken out of use."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now

from veta.storage.append_only import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('node', '0021_authorization_texts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DeviceEnd',
            fields=[
                ('device', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='end', serialize=False, to='node.device')),
                ('ended_at', models.DateTimeField(db_default=Now(), editable=False)),
                ('ended_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        append_only("node_deviceend"),
    ]
