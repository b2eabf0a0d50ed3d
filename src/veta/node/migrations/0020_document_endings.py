"""Documents that were withdrawn at the hub."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now

import veta.storage.sealed_field
from veta.storage.append_only import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('node', '0019_scales_and_branches'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DocumentEnding',
            fields=[
                ('document', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='ending', serialize=False, to='node.issueddocument')),
                ('reason', veta.storage.sealed_field.SealedJson()),
                ('ended_at', models.DateTimeField(db_default=Now(), editable=False)),
                ('ended_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        append_only("node_documentending"),
    ]
