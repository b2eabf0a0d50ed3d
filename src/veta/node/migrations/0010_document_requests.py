import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

import veta.storage.sealed_field
from veta.storage.append_only import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('node', '0009_nothing_left_behind'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DocumentRequest',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=30)),
                ('lot', models.UUIDField()),
                ('asked', veta.storage.sealed_field.SealedJson()),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('state', models.CharField(default='asked', max_length=10)),
                ('cause', models.CharField(blank=True, max_length=500)),
                ('tried_at', models.DateTimeField(null=True)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='document_requests', to='node.client')),
            ],
            options={
                'indexes': [
                    models.Index(fields=['client', '-id'], name='node_document_asked'),
                    models.Index(fields=['asked_at'], name='node_document_open', condition=Q(state='asked')),
                ],
                'constraints': [
                    models.CheckConstraint(condition=Q(state__in=['asked', 'issued', 'refused']), name='node_document_state'),
                ],
            },
        ),
        append_only("node_documentrequest", frozen=("id", "client_id", "kind", "lot", "asked", "asked_by_id")),
    ]
