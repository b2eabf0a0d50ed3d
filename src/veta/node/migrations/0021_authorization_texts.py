"""The versions of the authorization that clients give for their data."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now

import veta.kernel.ids
from veta.storage.append_only import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('node', '0020_document_endings'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AuthorizationText',
            fields=[
                ('id', models.UUIDField(default=veta.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.CharField(max_length=60, unique=True)),
                ('text', models.TextField()),
                ('since', models.DateField()),
                ('recorded_at', models.DateTimeField(db_default=Now(), editable=False)),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        append_only("node_authorizationtext"),
    ]
