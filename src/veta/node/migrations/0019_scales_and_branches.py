"""What a calibration's certificate states of uncertainty, and the certificate; which facility a branch has, and its end."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Now

import veta.kernel.ids
import veta.storage.sealed_field
from veta.storage.append_only import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('node', '0018_client_changes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='calibration',
            name='uncertainty',
            field=models.DecimalField(decimal_places=6, max_digits=14, null=True),
        ),
        migrations.AddConstraint(
            model_name='calibration',
            constraint=models.CheckConstraint(condition=Q(uncertainty__gt=0), name='node_calibration_uncertainty'),
        ),
        migrations.CreateModel(
            name='CalibrationPaper',
            fields=[
                ('calibration', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='paper', serialize=False, to='node.calibration')),
                ('media_type', models.CharField(max_length=40)),
                ('content', veta.storage.sealed_field.SealedBytes()),
                ('recorded_at', models.DateTimeField(db_default=Now(), editable=False)),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='BranchFacility',
            fields=[
                ('id', models.UUIDField(default=veta.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='facilities', to='node.branch')),
                ('facility', models.CharField(blank=True, max_length=60)),
                ('recorded_at', models.DateTimeField(db_default=Now(), editable=False)),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='BranchClosing',
            fields=[
                ('branch', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='closing', serialize=False, to='node.branch')),
                ('last_day', models.DateField()),
                ('recorded_at', models.DateTimeField(db_default=Now(), editable=False)),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        append_only("node_calibrationpaper"),
        append_only("node_branchfacility"),
        append_only("node_branchclosing"),
    ]
